"""Plays searches, each in one of as many processes as there are cores."""

from __future__ import annotations

import multiprocessing
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Job:
    """One search; `limit` is in simulated seconds."""

    algorithm: str
    library: str
    seed: int
    data: Path
    workers: int
    limit: float


@dataclass(frozen=True, slots=True)
class Run:
    """What became of it; `seconds` are real ones."""

    job: Job
    best: compare.Best
    seconds: float


def same(algorithm: str, library: str) -> tuple[str, str]:
    """The search that stands for this one in a library."""
    return (algorithm if library == "maggy" else ONCE.get(algorithm, algorithm)), library


def play_all(jobs: Iterable[Job]) -> Iterator[Run]:
    """The searches' runs, in the order in which they end."""
    # One thread each: linear algebra of this size gains nothing by more, and two processes want the cores.
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        for future in as_completed([pool.submit(play, job) for job in jobs]):
            yield future.result()


def play(job: Job) -> Run:
    """Plays one search."""
    warnings.simplefilter("ignore")  # of the other libraries, about each other
    begun = time.perf_counter()
    reports = LIBRARIES[job.library](job.algorithm, job.seed, Curves(job.data), job.workers, job.limit)
    return Run(job, compare.best_so_far(reports, job.limit), time.perf_counter() - begun)
