"""Kills at random, waits until the search has recovered, and times that."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from maggy.core import events as ev
from maggy.core.state import Worker
from maggy.trial import Trial
from tests.chaos import driver
from tests.chaos.journal import Tail
from tests.spark.programs import environment, parent
from tests.waiting import eventually

# Seconds within which a killed worker, executor or driver must have found its successor.
DEADLINE = 90.0
SLOTS = 2
KINDS = ("worker", "executor", "driver")
# What stands in the command lines of those to be killed, so that nobody else is.
COMMANDS = {"worker": b"pyspark", "executor": b"CoarseGrainedExecutorBackend", "driver": b"chaos"}


@dataclass(frozen=True)
class Kill:
    """One kill; times are seconds since it.

    Attributes:
        at: seconds since the beginning.
        lost: how many running trials went with it.
        again: until the last of them ran again, somewhere.
        full: until all slots were at work again.
        resumed: until a new driver had its Spark session and took up the search; 0 for other kinds.
    """

    kind: str
    pid: int
    at: float
    lost: int
    again: float
    full: float
    resumed: float = 0.0

    def __str__(self) -> str:
        lost = f"{self.lost} running trial{'s' * (self.lost != 1)}"
        taken_up = f"taken up after {self.resumed:.1f} s, " if self.resumed else ""
        times = f"{taken_up}ran again after {self.again:.1f} s, all slots at work after {self.full:.1f} s"
        return f"{self.at:7.1f} s  {self.kind:<8} {self.pid:>7}, with {lost}: {times}"


class Monkey:
    """Runs the driver program on a cluster and kills it and its workers.

    Raises:
        AssertionError: the search did not recover in time, or the driver ended by itself.
    """

    def __init__(self, folder: Path, master: str, seed: int) -> None:
        self._folder = folder
        self._rng = random.Random(seed)
        self._env = environment(
            f"spark.master={master}", "spark.driver.host=127.0.0.1", "spark.task.maxFailures=4"
        )
        self._began = time.monotonic()
        self.tail = Tail(folder / "experiments")
        self._driver = self._start()

    def run(self, seconds: float, told: Callable[[Kill], None]) -> list[Kill]:
        """Kills for so long; at least once each kind."""
        self._await(lambda: self._running())
        kinds: list[str] = []
        kills = []
        while self._elapsed() < seconds or len(kills) < len(KINDS):
            if not kinds:
                kinds = self._rng.sample(KINDS, len(KINDS))
            self._let_go_on(self._rng.uniform(0.5, 4.0))
            kills.append(self._kill(kinds.pop()))
            told(kills[-1])
        return kills

    def finish(self) -> None:
        """Lets the search come to its end."""
        (self._folder / "enough").touch()
        assert self._driver.wait(DEADLINE * 2) == 0, self._errors()
        self.tail.read()

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._driver.pid, 9)
        self._driver.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        with (self._folder / "driver.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, driver.__file__, str(self._folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder, env=self._env,
                start_new_session=True,
            )  # fmt: skip

    def _kill(self, kind: str) -> Kill:
        """Kills one of a kind that is at work, and waits until all slots are at work again."""
        self._await(self._full)
        if kind == "driver":
            return self._kill_driver()
        trial, worker = self._rng.choice(self._running())
        # pyspark.daemon is between a Python worker and its executor
        pid = worker.pid if kind == "worker" else parent(parent(worker.pid))
        at, began = self._elapsed(), time.time()
        _kill(kind, pid)
        return Kill(kind, pid, at, 1, *self._recovered({trial.trial_id: trial.attempt}, began))

    def _kill_driver(self) -> Kill:
        """Kills the driver, every other time with its JVM, and starts another."""
        lost = {trial.trial_id: trial.attempt for trial, _ in self._running()}
        before, pid = len(self._resumed()), self._driver.pid
        at, began = self._elapsed(), time.time()
        _kill("driver", pid)
        if before % 2:
            os.killpg(pid, 9)
        self._driver.wait()
        self._driver = self._start()
        self._await(lambda: self._resumed()[before:])
        taken_up = self._resumed()[before].time - began
        return Kill("driver", pid, at, len(lost), *self._recovered(lost, began), taken_up)

    def _recovered(self, lost: dict[str, int], since: float) -> tuple[float, float]:
        """Waits until all is as it was; seconds until the lost trials ran again, and until all slots did."""
        self._await(lambda: self._again(lost, since))
        again = self._again(lost, since)
        self._await(self._full)
        return again - since, self.tail.records[-1].time - since

    def _full(self) -> bool:
        return len(self._running()) == SLOTS

    def _resumed(self) -> list[ev.Record]:
        return [r for r in self.tail.records if isinstance(r.event, ev.ExperimentResumed)]

    def _again(self, lost: dict[str, int], since: float) -> float:
        """When the last of the lost trials had a further start, by the journal's time; 0 before that.

        One that ended before it could be lost counts as well.
        """
        times = []
        for trial, attempt in lost.items():
            now = self.tail.state.trials[trial]
            if now.attempt <= attempt and now.status != Trial.FINALIZED:
                return 0.0
            times += [
                r.time
                for r in self.tail.records
                if isinstance(r.event, ev.TrialStarted | ev.TrialFinished) and r.event.trial == trial
            ][-1:]
        return max([since, *times])

    def _running(self) -> list[tuple[Trial, Worker]]:
        """The running trials, each with its worker."""
        state = self.tail.state
        return [
            (trial, state.workers[trial.worker])
            for trial in state.trials.values()
            if trial.status == Trial.RUNNING and trial.worker in state.workers
        ]

    def _let_go_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._await(lambda: time.monotonic() > until)

    def _await(self, condition: Callable[[], object]) -> None:
        def looked() -> object:
            assert self._driver.poll() is None or self._driver.returncode == -9, self._errors()
            self.tail.read()
            return condition()

        eventually(looked, DEADLINE)

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _errors(self) -> str:
        return (self._folder / "driver.log").read_text(errors="replace")[-3000:]


def _kill(kind: str, pid: int) -> None:
    """Kills a process that is what it is taken for."""
    assert COMMANDS[kind] in Path(f"/proc/{pid}/cmdline").read_bytes(), f"{pid} is no {kind}"
    os.kill(pid, 9)
