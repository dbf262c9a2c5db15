"""`python -m tests.soak --trials 20000 --workers 200`: prints what the driver's process takes as it goes.

The real driver's loop, with journal, optimizer and a watcher, and real connections from a crowd of workers.
Memory is compared with that of a process which does no more than fold the same journal into a state: what
any driver must keep. Exits with 1 where something is lost, leaks or grows faster.
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

from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.state import State
from maggy.driver.journal import read_journal
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.searches import Search
from tests.executor.processes import task_for
from tests.waiting import eventually

STEPS = 10
# Seconds for a thousand trials, on a slow machine.
PATIENCE = 120.0
# How often as fast as the state alone the driver's memory may grow: it hands on, writes, is told.
MOST_GROWTH = 2.0
MEGABYTE = 2**20
FOLDS = "import sys; from tests.soak.__main__ import fold; print(*fold(sys.argv[1]))"


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


class Crowded(Search):
    """A search whose workers are all in one other process."""

    def start_with(self, workers: int) -> None:
        port = self.loop.start("127.0.0.1", 0)
        self.pool.task = task_for(port, functions.square)
        self.algorithms.start(self.loop.put)
        words = [str(word) for word in (port, workers, STEPS)]
        self.pool.processes.append(subprocess.Popen([sys.executable, "-m", "tests.soak.crowd", *words]))
        self.loop.put(inp.ExperimentLaunched())

    def finished(self) -> int:
        """How many trials have finished since the last call; their events are not kept."""
        return sum(isinstance(r.event, ev.TrialFinished) for r in self._feed.take())


def run(folder: Path, trials: int, workers: int, say: Callable[[str], None]) -> list[str]:
    """Runs the search; returns what is wrong with it."""
    search = Crowded(functions.square, folder, workers=0, num_trials=trials)
    try:
        before = threading.active_count(), open_files()
        began = time.monotonic()
        search.start_with(workers)
        samples = watch(search, trials, say)
        assert search.loop.wait(PATIENCE)
        say(f"{trials / (time.monotonic() - began):.0f} trials a second")
    finally:
        search.close()
    eventually(lambda: (threading.active_count(), open_files()) <= before, PATIENCE)
    [base] = folder.iterdir()
    least = least_growth(base, samples[0].trials, trials)
    grown = samples[-1].memory - samples[0].memory
    say(f"grew by {grown:.1f} MB; the state alone takes {least:.1f} MB for as many trials")
    return [*lost(base, trials), *leaks(samples), *([] if grown <= MOST_GROWTH * least else ["memory leaks"])]


def watch(search: Crowded, trials: int, say: Callable[[str], None]) -> list[Sample]:
    """A sample at each tenth of the trials, from the first tenth on."""
    done, samples = 0, []

    def more() -> bool:
        nonlocal done
        done += search.finished()
        return done >= len(samples) * trials // 10 + trials // 10

    while done < trials:
        eventually(more, PATIENCE)
        gc.collect()
        samples.append(Sample(done, memory(), threading.active_count(), open_files()))
        say(str(samples[-1]))
    return samples


def lost(base: Path, trials: int) -> list[str]:
    records = read_journal(base)
    state = State(records)
    ended = [r.event.trial for r in records if isinstance(r.event, ev.TrialFinished)]
    good = [
        trial
        for trial in state.trials.values()
        if trial.status == Trial.FINALIZED
        and trial.final_metric == trial.params["x"]
        and len(trial.step_history) == STEPS
    ]
    if len(ended) == len(set(ended)) == len(good) == trials:
        return []
    return [f"{len(ended)} results of {len(set(ended))} trials, {len(good)} of them right, not {trials}"]


def leaks(samples: list[Sample]) -> list[str]:
    first, last = samples[0], samples[-1]
    wrong = [] if last.threads <= first.threads else ["threads leak"]
    return wrong if last.files <= first.files else [*wrong, "open files leak"]


def least_growth(base: Path, first: int, last: int) -> float:
    """Megabytes that the state takes for the trials between two counts, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", FOLDS, str(base)], check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    return float(done.stdout) * (last - first) / last


def fold(base: str) -> list[float]:
    """Megabytes by which this process grows as it folds a journal line by line."""
    state, before = State(), memory()
    with Path(base, "events.jsonl").open() as journal:
        for line in journal:
            state.apply(ev.Record.from_json(line))
    gc.collect()
    return [memory() - before]


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
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        wrong = run(Path(folder), given.trials, given.workers, lambda words: print(words, flush=True))
    print("\n".join(wrong) or f"exactly {given.trials} results, each of its own trial")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
