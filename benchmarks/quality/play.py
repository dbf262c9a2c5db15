"""Plays searches, each in one of as many processes as there are cores."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality import compare, optunas, ours, synetunes
from benchmarks.quality.clock import Reports
from benchmarks.quality.curves import Curves

LIBRARIES: dict[str, Callable[[str, int, Curves, int, float], Reports]] = {
    "maggy": ours.search,
    "optuna": optunas.search,
    "syne tune": synetunes.search,
}
ALGORITHMS = tuple(ours.SEARCHES)
# Where the others have one search for two of ours.
ONCE = {"asha, stopping": "asha"}
# Part of the time that is played, where it is not all: a Gaussian process takes real seconds for each point.
PART = {"gp": 0.5}


@dataclass(frozen=True, slots=True)
class Job:
    """One search of so many simulated hours, in an algorithm's `PART` of them."""

    algorithm: str
    library: str
    seed: int
    data: Path
    workers: int
    hours: float

    @property
    def part(self) -> float:
        return PART.get(self.algorithm, 1.0)

    def __str__(self) -> str:
        of = f"{self.data.stem}, {self.workers} workers, {self.part * self.hours:g} h"
        return f"{self.algorithm}, {self.library}, {of}, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Run:
    """What became of it."""

    job: Job
    best: compare.Best


def same(algorithm: str, library: str) -> tuple[str, str]:
    """The search that stands for this one in a library."""
    return (algorithm if library == "maggy" else ONCE.get(algorithm, algorithm)), library


def play_all(jobs: Iterable[Job], kept: Path | None = None) -> Iterator[Run]:
    """The searches' runs, in the order in which they end.

    Args:
        kept: a directory of earlier runs, which are taken from there, and these are added to.
    """
    # One thread each: linear algebra of this size gains nothing by more, and two processes want the cores.
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        for future in as_completed([pool.submit(play, job, kept) for job in jobs]):
            yield future.result()


def play(job: Job, kept: Path | None = None) -> Run:
    """Plays one search, or takes it from where it is kept."""
    file = kept and kept / f"{job}.npy"
    if file and file.exists():
        return Run(job, np.load(file))
    warnings.simplefilter("ignore")  # of the other libraries, about each other
    limit = 3600 * job.part * job.hours
    reports = LIBRARIES[job.library](job.algorithm, job.seed, Curves(job.data), job.workers, limit)
    run = Run(job, compare.best_so_far(reports, limit, round(job.part * compare.POINTS)))
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, run.best)
    return run
