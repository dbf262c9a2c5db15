"""A discrete-event simulation: the world is a heap of what happens when."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.machine import Machine
from maggy.driver.algorithms import Algorithms
from maggy.earlystop import AbstractEarlyStop, MedianRule
from maggy.optimizer import AbstractOptimizer, RandomSearch
from maggy.searchspace import Searchspace
from maggy.trial import Trial

from .curves import MadeUp


class World(Protocol):
    """What trials come to. `epochs` is how long one trains without a budget."""

    @property
    def space(self) -> dict[str, Any]: ...
    @property
    def epochs(self) -> int: ...
    @property
    def direction(self) -> str: ...
    def metric(self, params: dict[str, Any], step: int) -> float: ...
    def seconds(self, params: dict[str, Any], step: int) -> float: ...


@dataclass(slots=True)
class Slot:
    """A made-up worker: what it runs, and whether it was told to stop it."""

    trial: cmd.RunTrial | None = None
    stopped: bool = False


@dataclass
class Outcome:
    """What a simulated search came to; times are virtual."""

    trials: list[Trial]
    records: list[ev.Record]
    status: str
    seconds: float
    epochs: int = 0
    slot_use: float = 0.0

    @property
    def stopped(self) -> int:
        return sum(t.status == Trial.STOPPED for t in self.trials)

    @property
    def best(self) -> Trial:
        return max((t for t in self.trials if t.final_metric is not None), key=lambda t: t.final_metric or 0)


@dataclass
class Simulation:
    """A search of `trials` trials on `workers` workers.

    Args:
        lifetime: seconds that a worker lives on average; another takes its place a second later. None
            for workers that do not die.
        es_interval: seconds between checks; None stops nothing early.
        person: what a person does, each with its time.
        optimizer: random search by default. A `budget` among the hyperparameters is a number of epochs;
            a trial that continues another goes on behind the other's last.
        rule: the median rule by default.
        grace: seconds that running trials have to come to their next report once a person ends the search.
    """

    trials: int = 1000
    workers: int = 32
    seed: int = 0
    es_interval: float | None = 5.0
    lifetime: float | None = None
    person: Sequence[tuple[float, inp.Input]] = ()
    optimizer: AbstractOptimizer | None = None
    rule: AbstractEarlyStop | None = None
    world: World = field(default_factory=MadeUp)
    es_min: int = 10
    grace: float = 10.0

    now: float = field(default=0.0, init=False)
    epochs: int = field(default=0, init=False)

    def run(self) -> Outcome:
        """Plays it to the end."""
        self._prepare()
        self._tell(inp.ExperimentLaunched())
        for _ in range(self.workers):
            self._join()
        for when, happened in self.person:
            self._at(when, partial(self._tell, happened))
        while not self._machine.ended:
            self.now, _, happens = heapq.heappop(self._agenda)
            happens()
        return self._outcome()

    def _prepare(self) -> None:
        self._optimizer = self.optimizer or RandomSearch(self.seed)
        self._machine = Machine(self._settings())
        optimizer, rule, direction = self._optimizer, self.rule or MedianRule(), self.world.direction
        optimizer.setup(Searchspace(**self.world.space), self.trials, direction)
        optimizer.initialize()
        rule.initialize(direction)
        self._algorithms = Algorithms(optimizer, rule, clock=lambda: self.now)
        self._rng = random.Random(self.seed)
        self._order = itertools.count()
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._slots: dict[str, Slot] = {}
        self._joined = itertools.count(1)
        self._records: list[ev.Record] = []
        self._alarm = float("inf")

    def _settings(self) -> ev.ExperimentStarted:
        return ev.ExperimentStarted(
            experiment="simulated",
            name="simulated",
            description="",
            searchspace=Searchspace(**self.world.space).to_dict(),
            optimizer=self._optimizer.name(),
            direction=self.world.direction,
            num_trials=self.trials,
            es_policy="none" if self.es_interval is None else (self.rule or MedianRule()).name(),
            es_interval=self.es_interval or 0.0,
            es_min=self.es_min,
            max_failures=0,
            max_attempts=100,
            lookahead=self._optimizer.lookahead,
            grace=self.grace,
        )

    def _at(self, when: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (when, next(self._order), happens))

    # The driver.

    def _tell(self, happened: inp.Input) -> None:
        questions: list[inp.Input] = [happened]
        while questions:
            outcome = self._machine.handle(questions.pop(0), self.now)
            self._records += outcome.records
            self._algorithms.take(outcome.records)
            for command in outcome.commands:
                if isinstance(command, (cmd.Suggest, cmd.CheckEarlyStop)):
                    questions.append(self._algorithms.answer(command))
                elif not isinstance(command, cmd.WantWorkers):
                    self._obey(command)
        self._set_alarm()

    def _set_alarm(self) -> None:
        deadline = self._machine.deadline()
        if deadline != self._alarm:
            self._alarm = deadline
            if deadline < float("inf"):
                self._at(deadline, lambda: self._ring(deadline))

    def _ring(self, deadline: float) -> None:
        if deadline == self._alarm:
            self._alarm = float("inf")
            self._tell(inp.TimePassed())

    # The workers.

    def _obey(self, command: Any) -> None:
        slot = self._slots[command.worker]
        if isinstance(command, cmd.RunTrial):
            assert slot.trial is None
            slot.trial, slot.stopped = command, False
            self._next_epoch(slot, command, self._first_step(command))
        elif isinstance(command, cmd.StopTrial):
            slot.stopped = True
        else:
            self._slots.pop(command.worker)

    def _first_step(self, told: cmd.RunTrial) -> int:
        parent = self._machine.state.trials.get(told.parent or "")
        return parent.step_history[-1] + 1 if parent and parent.step_history else 0

    def _next_epoch(self, slot: Slot, told: cmd.RunTrial, step: int) -> None:
        took = self.world.seconds(told.params, step)
        self._at(self.now + took, lambda: self._epoch_done(slot, told, step))

    def _epoch_done(self, slot: Slot, told: cmd.RunTrial, step: int) -> None:
        if slot.trial is not told:
            return  # it died meanwhile
        self.epochs += 1
        value = self.world.metric(told.params, step)
        self._tell(inp.MetricsArrived(told.worker, told.trial, told.attempt, (step,), (value,)))
        if slot.stopped:
            self._done(slot, inp.TrialHalted(told.worker, told.trial, told.attempt))
        elif step + 1 >= told.params.get("budget", self.world.epochs):
            self._done(slot, inp.TrialReturned(told.worker, told.trial, told.attempt, value))
        else:
            self._next_epoch(slot, told, step + 1)

    def _done(self, slot: Slot, happened: inp.Input) -> None:
        slot.trial = None
        self._tell(happened)

    def _join(self) -> None:
        name = f"w{next(self._joined)}"
        self._slots[name] = Slot()
        if self.lifetime is not None:
            self._at(self.now + self._rng.expovariate(1 / self.lifetime), lambda: self._die(name))
        self._tell(inp.WorkerConnected(name, "host", 1))

    def _die(self, name: str) -> None:
        if name in self._slots:
            self._slots.pop(name).trial = None
            self._at(self.now + 1.0, self._join)
            self._tell(inp.WorkerLost(name, "died"))

    def _outcome(self) -> Outcome:
        state = self._machine.state
        state.validate()
        assert state.end is not None
        assert not self._slots, "workers were left behind"
        trials = list(state.trials.values())
        # Until the last trial's start every slot has something to do.
        last_start = max(t.start for t in trials if t.start is not None)
        return Outcome(
            trials, self._records, state.end.status, self.now, self.epochs, self._use_until(last_start)
        )

    def _use_until(self, end: float) -> float:
        """The part of all slots' time, up to `end`, that went into trials."""
        busy, started = 0.0, {}
        for record in self._records:
            if isinstance(record.event, ev.TrialStarted):
                started[record.event.trial] = record.time
            elif isinstance(
                record.event, (ev.TrialFinished, ev.TrialStopped, ev.TrialFailed, ev.TrialRequeued)
            ):
                busy += min(record.time, end) - started.pop(record.event.trial)
        return busy / (self.workers * end) if end else 1.0
