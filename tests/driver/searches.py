"""Whole searches without Spark: the real loop, algorithms, folder and workers in processes of their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.machine import Machine
from maggy.core.state import State
from maggy.driver.algorithms import Algorithms, AlgorithmsThread
from maggy.driver.feed import Feed
from maggy.driver.folder import Folder
from maggy.driver.loop import Loop
from maggy.executor.task import WorkerTask
from maggy.optimizer import AbstractOptimizer, RandomSearch
from maggy.searchspace import Searchspace
from maggy.trial import Trial
from maggy.wire import freeze
from tests.executor.processes import start_worker, task_for
from tests.rpc.served import SECRET
from tests.waiting import eventually

SPACE = Searchspace(x=("INTEGER", [0, 1000]))

SETTINGS = ev.ExperimentStarted(
    experiment="search",
    name="search",
    description="",
    searchspace=freeze(SPACE.to_dict()),
    optimizer="RandomSearch",
    direction="max",
    num_trials=1,
    es_policy="none",
    es_interval=0.0,
    es_min=1,
    max_failures=1000,
    max_attempts=3,
    lookahead=0,
    grace=5.0,
)


class Fixed(AbstractOptimizer):
    """Suggests trials of these parameters, one after the other, whatever the search space is."""

    def __init__(self, *params: dict[str, Any]) -> None:
        self._params = iter(params)

    def get_suggestion(self, trial: Trial | None = None) -> Trial | None:
        params = next(self._params, None)
        return None if params is None else Trial(params)

    def fit(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return dict(params)


class OneByOne(AbstractOptimizer):
    """Suggests a trial when the one before has ended; so one of two workers is always idle."""

    def initialize(self):
        self.suggested = 0

    def get_suggestion(self, trial=None):
        if self.suggested > len(self.final_store):
            return "IDLE"
        self.suggested += 1
        return Trial({"x": self.suggested})


class ProcessPool:
    """Keeps worker processes, at most `most`; all calls come from the loop's thread."""

    def __init__(self, most: int) -> None:
        self.task: WorkerTask
        self.processes: list[subprocess.Popen[bytes]] = []
        self.prefixes: list[Sequence[str]] = []  # commands that start the first workers elsewhere
        self._most = most
        self._wanted = 0
        self._there = 0  # connected, or on their way

    def want(self, count: int) -> None:
        self._wanted = count
        while self._there < min(self._wanted, self._most):
            self._there += 1
            prefix = self.prefixes.pop() if self.prefixes else ()
            self.processes.append(start_worker(self.task, prefix))

    def worker_connected(self) -> None:
        pass

    def worker_lost(self) -> None:
        self._there = max(0, self._there - 1)  # those of another process are none of ours
        self.want(self._wanted)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()


class Search:
    """One search that runs, and what it told its watcher.

    Args:
        train: a function of `functions`.
        base: where its folder goes.
        optimizer: random search by default.
        rule: a stopping rule.
        workers: how many at most.
        settings: of `ExperimentStarted`.
    """

    def __init__(
        self,
        train: Callable[..., Any],
        base: Path,
        optimizer: AbstractOptimizer | None = None,
        rule: Any = None,
        workers: int = 2,
        **settings: Any,
    ) -> None:
        optimizer = optimizer or RandomSearch(seed=1)
        policy = rule.name() if rule else "none"
        known = {name: getattr(SETTINGS, name) for name in SETTINGS.__slots__}
        self.settings = ev.ExperimentStarted(
            **{**known, "es_policy": policy, "lookahead": optimizer.lookahead, **settings}
        )
        optimizer.setup(SPACE, self.settings.num_trials, self.settings.direction)
        optimizer.initialize()
        self.records: list[ev.Record] = []
        self._feed = Feed()
        self.folder = Folder(base, self.settings.experiment)
        self.algorithms = AlgorithmsThread(Algorithms(optimizer, rule))
        self.pool = ProcessPool(workers)
        machine = Machine(self.settings)
        self.loop = Loop(machine, self.folder, [self._feed], SECRET, self.algorithms, self.pool)
        self._train = train

    def start(self) -> None:
        port = self.loop.start("127.0.0.1", 0)
        self.pool.task = task_for(port, self._train)
        self.algorithms.start(self.loop.put)
        self.loop.put(inp.ExperimentLaunched())

    def seen(self, kind: Any, **fields: Any) -> list[Any]:
        """The events of a kind so far, with these fields."""
        self.records += self._feed.take()
        events = [r.event for r in self.records if isinstance(r.event, kind)]
        return [e for e in events if all(getattr(e, name) == value for name, value in fields.items())]

    def await_event(self, kind: Any, **fields: Any) -> Any:
        """The first event of a kind with these fields."""
        return eventually(lambda: self.seen(kind, **fields), 20)[0]

    def finish(self, seconds: float = 20) -> State:
        """Waits for the end; the state that the records add up to."""
        assert self.loop.wait(seconds), self.seen(object)[-10:]
        assert self.loop.crash is None
        self.await_event(ev.ExperimentEnded)
        state = State(self.records)
        state.validate()
        return state

    def close(self) -> None:
        self.loop.close()
        self.algorithms.close(5)
        self.folder.close()
        self.pool.close()

    def log_of(self, number: int) -> str:
        """What a trial's log holds; after `close`."""
        path = self.folder.log_path(number)
        return path.read_text() if path.exists() else ""


@contextlib.contextmanager
def search(*args: Any, **kwargs: Any) -> Iterator[Search]:
    """A search that runs, and is closed in the end."""
    running = Search(*args, **kwargs)
    try:
        running.start()
        yield running
    finally:
        running.close()


def statuses(state: State) -> list[str]:
    return [t.status for t in state.trials.values()]


def kill(pid: int) -> None:
    os.kill(pid, 9)
