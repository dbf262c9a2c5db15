"""What every optimizer and every stopping rule must do.

Subclass the contract, say how to make yours, and pytest runs all its tests:

    class TestMyOptimizer(OptimizerContract):
        def make(self):
            return MyOptimizer()
"""

from __future__ import annotations

import copy
import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

import pytest

from maggy import Searchspace, Trial
from maggy.earlystop import AbstractEarlyStop
from maggy.optimizer import IDLE, AbstractOptimizer
from maggy.wire import dumps

SPACE = Searchspace(
    rate=("DOUBLE", [1e-4, 1.0], {"log": True}),
    width=("INTEGER", [16, 256], {"step": 16}),
    kernel=("INTEGER", [2, 8]),
    act=("CATEGORICAL", ["relu", "tanh"]),
)


class OptimizerContract(ABC):
    """Plays a search of `num_trials` trials on `space`, four at a time."""

    space: ClassVar[Searchspace] = SPACE
    num_trials: ClassVar[int] = 12

    @abstractmethod
    def make(self) -> AbstractOptimizer:
        """The optimizer, not yet set up."""

    @pytest.fixture(params=["max", "min"])
    def optimizer(self, request: pytest.FixtureRequest) -> AbstractOptimizer:
        optimizer = self.make()
        optimizer.setup(self.space, self.num_trials, request.param)
        optimizer.initialize()
        return optimizer

    def play(self, optimizer: AbstractOptimizer, slots: int = 4) -> list[Trial]:
        """The trials of a search whose metrics are made up; every fifth trial fails."""
        rng = random.Random(0)
        trials: list[Trial] = []
        running: list[Trial] = []
        seen: Trial | None = None
        while len(trials) < self.num_trials:
            suggestion = optimizer.get_suggestion(seen)
            seen = None
            if isinstance(suggestion, Trial):
                running.append(suggestion)
                trials.append(suggestion)
                optimizer.trial_store[suggestion.trial_id] = suggestion
            elif suggestion is None or not running:
                break
            if suggestion == IDLE or len(running) == slots:
                seen = self.end(optimizer, running.pop(0), rng.random())
        for trial in running:
            self.end(optimizer, trial, rng.random())
        return trials

    def end(self, optimizer: AbstractOptimizer, trial: Trial, metric: float) -> Trial | None:
        del optimizer.trial_store[trial.trial_id]
        if metric < 0.2:
            return None
        trial.final_metric, trial.status = metric, Trial.FINALIZED
        optimizer.final_store.append(trial)
        return trial

    def test_it_suggests_at_least_one_trial_and_ends(self, optimizer: AbstractOptimizer) -> None:
        assert 1 <= len(self.play(optimizer)) <= self.num_trials

    def test_every_suggestion_is_a_trial_of_its_own(self, optimizer: AbstractOptimizer) -> None:
        trials = self.play(optimizer)
        assert len({t.trial_id for t in trials}) == len(trials)
        assert all(isinstance(t.trial_id, str) for t in trials)

    def test_every_suggestion_lies_in_the_search_space(self, optimizer: AbstractOptimizer) -> None:
        for trial in self.play(optimizer):
            assert trial.params.keys() >= self.space.names().keys()
            for parameter in self.space:
                value, region = trial.params[parameter["name"]], parameter["values"]
                if parameter["type"] in ("DISCRETE", "CATEGORICAL"):
                    assert value in region
                else:
                    assert region[0] <= value <= region[1]

    def test_every_suggestion_can_travel(self, optimizer: AbstractOptimizer) -> None:
        for trial in self.play(optimizer):
            dumps(trial.params)

    def test_one_slot_is_enough(self, optimizer: AbstractOptimizer) -> None:
        assert self.play(optimizer, slots=1)

    def test_the_search_space_stays_as_it_is(self, optimizer: AbstractOptimizer) -> None:
        before = self.space.to_dict()
        self.play(optimizer)
        assert self.space.to_dict() == before

    def test_the_end_can_be_told_with_and_without_trials(self, optimizer: AbstractOptimizer) -> None:
        self.play(optimizer)
        optimizer.finalize_experiment(list(optimizer.final_store))
        optimizer.finalize_experiment([])

    def test_it_can_be_used_again(self, optimizer: AbstractOptimizer) -> None:
        self.play(optimizer)
        optimizer.setup(self.space, self.num_trials, "max")
        optimizer.initialize()
        assert self.play(optimizer)

    def test_it_has_a_name_and_a_lookahead(self, optimizer: AbstractOptimizer) -> None:
        assert optimizer.name()
        assert optimizer.lookahead >= 0


def running(*metrics: float, number: int = 1) -> Trial:
    """A running trial that broadcast these metrics."""
    steps = list(range(len(metrics)))
    return Trial({}, f"r{number}", number, Trial.RUNNING, 1, "w", list(metrics), steps)


def ended(*metrics: float, number: int = 1) -> Trial:
    """A trial that broadcast these metrics and returned the last."""
    trial = running(*metrics, number=number)
    trial.trial_id, trial.status = f"e{number}", Trial.FINALIZED
    trial.final_metric = metrics[-1] if metrics else 0.5
    return trial


NAN, INF = float("nan"), float("inf")
ODD_HISTORIES = [(), (NAN,), (NAN, NAN), (INF, -INF), (0.5, NAN), (1e308, 1e308), (0.1, 0.2, 0.3)]


class EarlyStopContract(ABC):
    """Shows the rule trials of all kinds."""

    @abstractmethod
    def make(self) -> AbstractEarlyStop:
        """The rule."""

    def check(self, to_check: list[Trial], finalized: list[Trial], direction: str = "max") -> dict[str, str]:
        """The ids to stop, each with its reason."""
        stops: Any = self.make().earlystop_check({t.trial_id: t for t in to_check}, finalized, direction)
        return dict(stops) if isinstance(stops, Mapping) else dict.fromkeys(stops, "")

    def test_nothing_is_stopped_where_nothing_runs(self) -> None:
        assert self.check([], [ended(0.1, 0.2)]) == {}

    def test_nothing_is_stopped_before_its_first_metric(self) -> None:
        assert self.check([running()], [ended(0.1, 0.2)]) == {}

    @pytest.mark.parametrize("direction", ["max", "min"])
    def test_odd_metrics_do_no_harm(self, direction: str) -> None:
        odd = [running(*h, number=n) for n, h in enumerate(ODD_HISTORIES, 1)]
        finals = [ended(*h, number=n) for n, h in enumerate(ODD_HISTORIES, 1)]
        stops = self.check(odd, finals, direction)
        assert stops.keys() <= {t.trial_id for t in odd}
        assert all(isinstance(reason, str) and "\n" not in reason for reason in stops.values())

    def test_trials_are_looked_at_and_not_changed(self) -> None:
        trials = [running(0.1, 0.2), ended(0.3, 0.4), running(number=2)]
        before = copy.deepcopy([asdict(t) for t in trials])
        self.check([trials[0], trials[2]], [trials[1]])
        assert [asdict(t) for t in trials] == before

    @pytest.mark.parametrize("direction", ["max", "min"])
    def test_its_thresholds_are_as_many_as_steps_and_numbers_or_none(self, direction: str) -> None:
        finals = [ended(*h, number=n) for n, h in enumerate(ODD_HISTORIES, 1)]
        for steps in ([], [0], [0, 1, 2, 99]):
            told = list(self.make().thresholds(steps, finals, direction))
            assert len(told) == len(steps)
            assert all(level is None or isinstance(level, float) for level in told)

    def test_it_has_a_name(self) -> None:
        assert self.make().name()
