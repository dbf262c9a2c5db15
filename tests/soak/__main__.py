"""`python -m tests.soak --minutes 3`: prints what the driver's process takes as it goes.

A whole `lagom` without Spark: machine, journal, optimizer and handle, and real connections from a crowd of
made-up workers, which die now and then. Memory is compared with that of a process which does no more than
fold the same journal into the three states that a driver keeps: the machine's, the one that the optimizer is
shown, and the one that people look at. Exits with 1 where something is lost, leaks or grows faster.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from maggy import experiment
from maggy.core import events as ev
from maggy.core.state import State
from maggy.driver.journal import read_journal
from maggy.handle import Handle
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.local import SPACE, LocalDriver
from tests.driver.searches import ProcessPool
from tests.waiting import eventually

STEPS = 10
# The trials that each worker lives for.
LIFETIME = 50
# Seconds for a tenth of the trials, on top of what they take, on a slow machine.
PATIENCE = 120.0
# How often as fast as those states alone the driver's memory may grow.
MOST_GROWTH = 1.25
MEGABYTE = 2**20
FOLDS = "import sys; from tests.soak.__main__ import fold; print(fold(sys.argv[1]))"


@dataclass(frozen=True)
class Sample:
    """What the process has: megabytes, threads and open files, at so many finished trials."""

    trials: int
    memory: float
    threads: int
    files: int

    def __str__(self) -> str:
        return (
            f"{self.trials:>6} trials: {self.memory:6.1f} MB, {self.threads} threads, {self.files} open files"
        )


@dataclass(frozen=True)
class Soak:
    """How much of it: `seconds` is what a trial takes."""

    trials: int
    workers: int
    seconds: float

    @property
    def patience(self) -> float:
        return PATIENCE + self.seconds * self.trials / self.workers

    def run(self, folder: Path, say: Callable[[str], None]) -> list[str]:
        """Runs the search; returns what is wrong with it."""
        # What a process has from its first search on, such as libuv's pipe for signals, is no leak.
        Soak(10, 2, 0.0)._start(folder / "first").result(PATIENCE)
        threads, files = threading.active_count(), open_files()
        began = time.monotonic()
        handle = self._start(folder)
        try:
            samples = self._watch(handle, say)
            found = handle.result(self.patience)
        finally:
            if not handle.done:
                handle.give_up()
        say(f"{self.trials / (time.monotonic() - began):.0f} trials a second")
        eventually(lambda: threading.active_count() <= threads and open_files() <= files, PATIENCE)
        least = least_growth(handle.path, samples[0].trials, self.trials)
        grown = samples[-1].memory - samples[0].memory
        say(f"grew by {grown:.1f} MB; the states alone take {least:.1f} MB for as many trials")
        wrong = [] if grown <= MOST_GROWTH * least else ["memory leaks"]
        wrong += [] if found["num_trials"] == self.trials else [f"the result has {found['num_trials']}"]
        return [*wrong, *self._lost(handle.path, say), *leaks(samples, self.workers)]

    def _start(self, folder: Path) -> Handle:
        soak = self

        class CrowdedDriver(LocalDriver):
            @staticmethod
            def make_pool() -> ProcessPool:
                return CrowdedPool(soak)

        with patch("maggy.driver.driver.Driver", CrowdedDriver):
            given = {"num_trials": self.trials, "es_policy": "none", "directory": folder}
            return experiment.lagom(functions.square, SPACE, **given, wait=False)

    def _watch(self, handle: Handle, say: Callable[[str], None]) -> list[Sample]:
        """A sample at each tenth of the trials, from the first tenth on."""
        samples: list[Sample] = []
        for tenth in range(1, 11):
            until = time.monotonic() + self.patience
            while (done := finished(handle)) < tenth * self.trials // 10:
                assert time.monotonic() < until, f"{done} trials after {self.patience} seconds"
                handle.wait(timeout=0.05)
            gc.collect()
            samples.append(Sample(done, memory(), threading.active_count(), open_files()))
            say(str(samples[-1]))
        return samples

    def _lost(self, path: Path, say: Callable[[str], None]) -> list[str]:
        records = read_journal(path)
        state = State(records)
        state.validate()
        ended = [r.event.trial for r in records if isinstance(r.event, ev.TrialFinished)]
        good = [
            trial
            for trial in state.trials.values()
            if trial.status == Trial.FINALIZED
            and trial.final_metric == trial.params["x"]
            and len(trial.step_history) == STEPS
        ]
        again = sum(isinstance(r.event, ev.TrialRequeued) for r in records)
        say(f"{len(state.gone)} workers in all; {again} trials ran again after the death of theirs")
        if len(ended) == len(set(ended)) == len(good) == self.trials and again:
            return []
        return [f"{len(ended)} results of {len(set(ended))} trials, {len(good)} of them right"]


class CrowdedPool(ProcessPool):
    """All workers in one other process, which is started when the first are wanted."""

    def __init__(self, soak: Soak) -> None:
        super().__init__(soak.workers)
        self._soak = soak

    def want(self, count: int) -> None:
        if count and not self.processes:
            words = [self.task.port, self._soak.workers, STEPS, self._soak.seconds, LIFETIME]
            command = [sys.executable, "-m", "tests.soak.crowd", *map(str, words)]
            self.processes.append(subprocess.Popen(command))


def finished(handle: Handle) -> int:
    with handle.looking() as state:
        return state.counts[Trial.FINALIZED]


def leaks(samples: list[Sample], workers: int) -> list[str]:
    first = samples[0]
    wrong = [] if all(s.threads <= first.threads for s in samples) else ["threads leak"]
    # Workers come and go: some connections are on their way out, and one that is coming may not be there.
    most = first.files + max(2, workers // 10)
    return wrong if all(s.files <= most for s in samples) else [*wrong, "open files leak"]


def least_growth(path: Path, first: int, last: int) -> float:
    """Megabytes that the states take for the trials between two counts, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", FOLDS, str(path)], check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    return float(done.stdout) * (last - first) / last


def fold(path: str) -> float:
    """Megabytes by which this process grows as it folds a journal line by line."""
    states, before = [State(), State(), State()], memory()
    with Path(path, "events.jsonl").open() as journal:
        for line in journal:
            record = ev.Record.from_json(line)
            for state in states:
                state.apply(record)
    gc.collect()
    return memory() - before


def memory() -> float:
    """Resident megabytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--trials", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=3.0, help="0 for trials that take no time")
    given = parser.parse_args()
    soak = Soak(given.trials, given.workers, 60 * given.minutes * given.workers / given.trials)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        wrong = soak.run(Path(folder), lambda words: print(words, flush=True))
    print("\n".join(wrong) or f"exactly {given.trials} results, each of its own trial")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
