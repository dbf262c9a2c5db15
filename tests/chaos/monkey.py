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
KINDS = ("worker", "executor", "driver")


@dataclass(frozen=True)
class Kill:
    """One kill.

    Attributes:
        at: seconds since the beginning.
        lost: how many running trials went with it.
        recovery: seconds until they, or in place of an idle worker the next trial, had started again.
    """

    kind: str
    pid: int
    at: float
    lost: int
    recovery: float

    def __str__(self) -> str:
        lost = f"{self.lost} running trial{'s' * (self.lost != 1)}"
        return (
            f"{self.at:7.1f} s  {self.kind:<8} {self.pid:>7}, with {lost}; recovered in {self.recovery:.1f} s"
        )


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
        """Kills one of a kind that is at work, and waits until what it did is being done again."""
        self._await(lambda: self._running())
        if kind == "driver":
            return self._kill_driver()
        trial, worker = self._rng.choice(self._running())
        # pyspark.daemon is between a Python worker and its executor
        pid = worker.pid if kind == "worker" else parent(parent(worker.pid))
        return self._timed(kind, pid, {trial.trial_id: trial.attempt})

    def _kill_driver(self) -> Kill:
        lost = {trial.trial_id: trial.attempt for trial, _ in self._running()}
        before = self.tail.count(ev.ExperimentResumed)
        pid = self._driver.pid

        def again() -> None:
            self._driver.wait()
            self._driver = self._start()

        return self._timed("driver", pid, lost, again, before + 1)

    def _timed(
        self,
        kind: str,
        pid: int,
        lost: dict[str, int],
        then: Callable[[], None] = lambda: None,
        resumed: int = 0,
    ) -> Kill:
        at, began = self._elapsed(), time.time()
        os.kill(pid, 9)
        then()
        self._await(lambda: self.tail.count(ev.ExperimentResumed) >= resumed and self._again(lost, began))
        return Kill(kind, pid, at, len(lost), self._again(lost, began) - began)

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
