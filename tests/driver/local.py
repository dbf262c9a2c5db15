"""`lagom` without Spark: the real handle, watch, loop, algorithms and folder; workers are processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maggy import Searchspace, experiment
from maggy.core import inputs as inp
from maggy.core.machine import Machine
from maggy.driver.algorithms import AlgorithmsThread
from maggy.driver.clock import Clock
from maggy.driver.driver import Plan
from maggy.driver.feed import Feed
from maggy.driver.folder import Folder
from maggy.driver.loop import Loop
from maggy.executor.task import WorkerTask
from maggy.handle import Handle
from tests.driver.searches import ProcessPool
from tests.rpc.served import SECRET

SPACE = Searchspace(x=("INTEGER", [0, 1000]))


class LocalDriver:
    """Stands in for `driver.driver.Driver`."""

    @staticmethod
    def make_pool() -> ProcessPool:
        return ProcessPool(2)

    def __init__(self, plan: Plan, feeds: list[Feed]) -> None:
        self.folder = Folder(plan.directory, plan.settings.experiment, again=bool(plan.history))
        if plan.again is not None:
            self.folder.keep(plan.again)
        self._clock = Clock(plan.since)
        self._algorithms = AlgorithmsThread(plan.algorithms)
        self._algorithms.put(plan.history, ())
        self._pool = self.make_pool()
        machine = Machine(plan.settings, plan.history)
        self.loop = Loop(
            machine,
            self.folder,
            feeds,
            SECRET,
            self._algorithms,
            self._pool,
            plan.worker_timeout,
            self._clock,
        )
        port = self.loop.start("127.0.0.1", 0)
        train, wants = plan.train, plan.wants_reporter
        self._pool.task = WorkerTask(
            "127.0.0.1",
            port,
            SECRET,
            plan.hb_interval,
            train,
            wants,
            (),
            plan.settings.trial_timeout,
            objectives=plan.objectives,
        )
        self._algorithms.start(self.loop.put)
        self.loop.put(inp.ExperimentLaunched())

    @property
    def crash(self) -> BaseException | None:
        return self.loop.crash

    @property
    def trouble(self) -> str | None:
        return self.loop.trouble

    def clock(self) -> float:
        return self._clock.now()

    def wait(self, timeout: float) -> bool:
        return self.loop.wait(timeout)

    def put(self, happened: inp.Input) -> None:
        self.loop.put(happened)

    def hurry(self) -> None:
        self._algorithms.hurry()

    def close(self, patient: bool = True) -> None:
        self.loop.close()
        self._algorithms.close(5 if patient else 0)
        self.folder.close(patient)
        self._pool.close()


class Lagom:
    """Calls `lagom` on local workers, silently and with `wait=False` unless told otherwise."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.handles: list[Handle] = []

    def __call__(self, train: Any, **kwargs: Any) -> Any:
        known = {"num_trials": 4, "hb_interval": 0.01, "es_policy": "none", "wait": False}
        given = {**known, "searchspace": SPACE, "directory": self._folder, **kwargs}
        made = experiment.lagom(train, **given)
        if isinstance(made, Handle):
            self.handles.append(made)
        return made


@pytest.fixture
def lagom(tmp_path, monkeypatch):
    monkeypatch.setattr("maggy.driver.driver.Driver", LocalDriver)
    running = Lagom(tmp_path)
    yield running
    for handle in running.handles:
        if not handle.done:
            handle.give_up()
