"""What tests of the core share: settings, a machine that is driven by hand, and its story in short."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.machine import Machine
from maggy.core.state import State
from maggy.trial import Trial

SETTINGS = ev.ExperimentStarted(
    experiment="e-1",
    name="e",
    description="",
    searchspace={"x": ("DOUBLE", (0.0, 1.0))},
    optimizer="RandomSearch",
    direction="max",
    num_trials=2,
    es_policy="MedianRule",
    es_interval=10.0,
    es_min=1,
    max_failures=1,
    max_attempts=2,
    lookahead=0,
    grace=5.0,
)


class Play:
    """A launched machine with short ways to tell it things; each returns the commands that follow.

    `workers` joined already. Trials are called t1, t2, ... in the order in which they are suggested.
    `resume` puts another driver in the place of one that died.
    """

    def __init__(self, workers: str = "", **settings: Any) -> None:
        self.machine = Machine(replace(SETTINGS, **settings))
        self.now = 100.0
        self.records: list[ev.Record] = []
        self.asked = 0
        self.tell(inp.ExperimentLaunched())
        for name in workers:
            self.join(name)

    def resume(self, **settings: Any) -> list[cmd.Command]:
        known = {**settings, "num_trials": settings.get("num_trials", self.state.num_trials)}
        self.machine = Machine(replace(SETTINGS, **known), self.records)
        self.asked = 0
        return self.tell(inp.ExperimentLaunched())

    @property
    def state(self) -> State:
        return self.machine.state

    def tell(self, happened: inp.Input, after: float = 0.0) -> list[cmd.Command]:
        self.now += after
        outcome = self.machine.handle(happened, self.now)
        self.records += outcome.records
        self.asked += sum(isinstance(c, cmd.Suggest) for c in outcome.commands)
        self.state.validate()
        return outcome.commands

    def join(self, worker: str) -> list[cmd.Command]:
        return self.tell(inp.WorkerConnected(worker, "host", 1))

    def lose(self, worker: str) -> list[cmd.Command]:
        return self.tell(inp.WorkerLost(worker, "died"))

    def suggest(self, *trials: str) -> list[cmd.Command]:
        """The optimizer answers with these trials; returns the commands of the last answer."""
        commands: list[cmd.Command] = []
        for trial in trials:
            commands = self.suggest_point(trial, {"x": 0.5})
        return commands

    def suggest_point(self, trial: str, params: dict[str, Any]) -> list[cmd.Command]:
        assert self.asked, "nobody asked for a trial"
        self.asked -= 1
        return self.tell(inp.SuggestionMade(trial, params))

    def idle(self) -> list[cmd.Command]:
        assert self.asked, "nobody asked for a trial"
        self.asked -= 1
        return self.tell(inp.SuggestionDeferred())

    def metrics(self, trial: str, *values: float) -> list[cmd.Command]:
        t = self.state.trials[trial]
        first = len(t.step_history)
        steps = tuple(range(first, first + len(values)))
        return self.tell(inp.MetricsArrived(t.worker or "", trial, t.attempt, steps, values))

    def finish(self, trial: str, value: float = 1.0, **objectives: float) -> list[cmd.Command]:
        t = self.state.trials[trial]
        value = next(iter(objectives.values()), value)
        told = inp.TrialReturned(t.worker or "", trial, t.attempt, value, objectives=objectives or None)
        return self.tell(told)

    def fail(self, trial: str) -> list[cmd.Command]:
        t = self.state.trials[trial]
        return self.tell(inp.TrialRaised(t.worker or "", trial, t.attempt, "Boom", "a traceback"))

    def halt(self, trial: str) -> list[cmd.Command]:
        t = self.state.trials[trial]
        return self.tell(inp.TrialHalted(t.worker or "", trial, t.attempt))

    def stop_trial(self, trial: str) -> list[cmd.Command]:
        return self.tell(inp.TrialStopRequested(trial, "enough"))

    def stop(self) -> list[cmd.Command]:
        return self.tell(inp.StopRequested("enough"))

    def pass_time(self, seconds: float) -> list[cmd.Command]:
        return self.tell(inp.TimePassed(), after=seconds)

    def advise(self, *trials: str) -> list[cmd.Command]:
        advice = [inp.StopAdvice(t, self.state.trials[t].attempt, "hopeless") for t in trials]
        return self.tell(inp.EarlyStopChecked(tuple(advice)))

    def statuses(self) -> dict[str, str]:
        return {t.trial_id: t.status for t in self.state.trials.values()}

    def status(self) -> str | None:
        return self.state.end.status if self.state.end else None


def of_kind(commands: Iterable[cmd.Command], *kinds: type) -> list[Any]:
    return [c for c in commands if isinstance(c, kinds)]


def contents(state: State) -> dict[str, Any]:
    """Everything in a state, by value."""
    plain = dict(vars(state))
    plain["trials"] = {name: as_values(t) for name, t in state.trials.items()}
    plain["workers"] = {name: asdict(w) for name, w in state.workers.items()}
    # Order counts: both are queues.
    plain["pending"], plain["idle"] = list(state.pending), list(state.idle)
    plain["counts"] = +state.counts
    plain["best"] = as_values(state.best) if state.best else None
    return plain


def as_values(trial: Trial) -> dict[str, Any]:
    # NaN is not equal to itself, its spelling is.
    values = asdict(trial)
    values["metric_history"] = [repr(v) for v in trial.metric_history]
    return values
