"""What every optimizer and every stopping rule must do: contracts to hold your own to. Needs pytest.

Subclass the contract in a test of yours, say how to make yours, and pytest runs all its tests:

    from maggy.testing import OptimizerContract

    class TestMyOptimizer(OptimizerContract):
        def make(self):
            return MyOptimizer()
"""

from __future__ import annotations

import copy
import random
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict
from itertools import cycle, islice
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


# Hyperparameters that depend on others, and points that are left out.
IRREGULAR = Searchspace(
    model=("CATEGORICAL", ["svm", "tree", "net"]),
    depth=("INTEGER", [1, 8], {"step": 1, "when": {"model": "tree"}}),
    layers=("DISCRETE", [1, 2, 3], {"when": {"model": "net"}}),
    width=("INTEGER", [4, 64], {"log": True, "when": {"model": "net", "layers": [2, 3]}}),
    rate=("DOUBLE", [1e-4, 1.0], {"log": True}),
).constrain(lambda point: point["rate"] < 0.5 or point["model"] != "net")


# How often an optimizer may look for a point before it says that there is none.
MOST_CALLS = 200_000


class OptimizerContract(ABC):
    """Plays a search of `num_trials` trials on `space`, four at a time.

    And on `irregular`, which has conditions and a constraint: there the optimizer keeps to them, or refuses
    the search from `initialize` with a ValueError of one line. One that has a space of its own, such as an
    ablation's, gives that for both.
    """

    space: ClassVar[Searchspace] = SPACE
    num_trials: ClassVar[int] = 12
    irregular: ClassVar[Searchspace] = IRREGULAR

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
                taken = self.taken(optimizer, suggestion)
                running.append(taken)
                trials.append(taken)
                optimizer.trial_store[taken.trial_id] = taken
            elif suggestion is None or not running:
                break
            if suggestion == IDLE or len(running) == slots:
                seen = self.end(optimizer, running.pop(0), rng.random())
        for trial in running:
            self.end(optimizer, trial, rng.random())
        return trials

    def taken(self, optimizer: AbstractOptimizer, suggestion: Trial) -> Trial:
        """The suggestion as the driver takes it; fails the test where the search space has no such point."""
        try:
            point = optimizer.fit(suggestion.params)
        except ValueError as error:
            pytest.fail(f"suggested what the search space does not have: {error}")
        return Trial(point, suggestion.trial_id, parent=suggestion.parent)

    def end(self, optimizer: AbstractOptimizer, trial: Trial, metric: float) -> Trial | None:
        del optimizer.trial_store[trial.trial_id]
        if metric < 0.2:
            return None
        trial.final_metric, trial.status = metric, Trial.FINALIZED
        optimizer.final_store.append(trial)
        return trial

    def resumed(self, optimizer: AbstractOptimizer) -> AbstractOptimizer:
        """Another of its kind that is told, in order, the trials that this one has ended."""
        again = self.make()
        again.setup(optimizer.searchspace, self.num_trials, optimizer.direction)
        again.initialize()
        again.final_store.extend(optimizer.final_store)
        again.take_up(list(optimizer.final_store))
        return again

    def on(self, space: Searchspace, direction: str = "max") -> AbstractOptimizer | None:
        """One that searches this space; None where it refuses to, in a line."""
        optimizer = self.make()
        optimizer.setup(space, self.num_trials, direction)
        refused = _error_of(optimizer.initialize)
        assert refused is None or _is_line(refused)
        return optimizer if refused is None else None

    def more(self, holds: Callable[[dict[str, Any]], Any]) -> Searchspace:
        """The irregular space with a constraint more; as it is where it has none."""
        if self.irregular.is_regular():
            return self.irregular
        again = Searchspace(**self.irregular.to_dict())
        return again.constrain(lambda point: self.irregular.broken(point) is None).constrain(holds)

    def test_it_suggests_at_least_one_trial_and_ends(self, optimizer: AbstractOptimizer) -> None:
        assert 1 <= len(self.play(optimizer)) <= self.num_trials

    def test_every_suggestion_is_a_trial_of_its_own(self, optimizer: AbstractOptimizer) -> None:
        trials = self.play(optimizer)
        assert len({t.trial_id for t in trials}) == len(trials)
        assert all(isinstance(t.trial_id, str) for t in trials)

    def test_every_suggestion_lies_in_the_search_space(self, optimizer: AbstractOptimizer) -> None:
        for trial in self.play(optimizer):
            own = {n: v for n, v in trial.params.items() if n not in optimizer.extras()}
            assert self.space.fit(own) == own
            assert trial.params.keys() - own.keys() == optimizer.extras().keys()

    @pytest.mark.parametrize("direction", ["max", "min"])
    @pytest.mark.parametrize("slots", [1, 4])
    def test_conditions_and_constraints_are_kept_or_refused_in_a_line(
        self, direction: str, slots: int
    ) -> None:
        optimizer = self.on(self.irregular, direction)
        if optimizer is None:
            return
        before = self.irregular.to_dict()
        trials = self.play(optimizer, slots)
        assert trials
        for trial in trials:
            own = {n: v for n, v in trial.params.items() if n not in optimizer.extras()}
            assert self.irregular.fit(own) == own
        assert self.irregular.to_dict() == before

    def test_trials_that_lack_hyperparameters_do_no_harm(self) -> None:
        """Its own, a person's, and those of an earlier driver."""
        optimizer = self.on(self.irregular)
        if optimizer is None:
            return
        self.ask_for_some(optimizer, 12)
        trials = self.play(optimizer)
        assert trials
        again = self.resumed(optimizer)
        again.num_trials += self.num_trials
        self.play(again)

    def test_a_constraint_that_holds_nearly_nowhere_is_kept_or_refused_in_a_line(self) -> None:
        """At one point of a hundred."""
        optimizer = self.on(self.more(lambda point: zlib.crc32(dumps(point).encode()) % 100 == 0))
        if optimizer is not None:
            told = _error_of(lambda: self.play(optimizer))
            assert told is None or _is_line(told)

    def test_a_constraint_that_holds_nowhere_is_an_error_and_no_search_without_end(self) -> None:
        calls = iter(range(MOST_CALLS))

        def nowhere(point: dict[str, Any]) -> bool:
            if next(calls, None) is None:  # no Exception, which would count as an error of the constraint
                pytest.fail(f"a constraint that holds nowhere was called {MOST_CALLS:,} times")
            return False

        optimizer = self.on(self.more(nowhere))
        if optimizer is not None and not self.irregular.is_regular():
            told = _error_of(lambda: self.play(optimizer))
            assert told is not None
            assert _is_line(told)

    def test_a_trial_that_continues_another_has_its_point(self, optimizer: AbstractOptimizer) -> None:
        known: dict[str, Trial] = {}
        for trial in self.play(optimizer):
            if trial.parent is not None:
                before, now = known[trial.parent].params, trial.params
                assert {n: before[n] for n in self.space.names()} == {n: now[n] for n in self.space.names()}
            known[trial.trial_id] = trial

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

    def test_it_goes_on_where_an_earlier_search_was_left(self, optimizer: AbstractOptimizer) -> None:
        self.play(optimizer)
        again = self.resumed(optimizer)
        again.num_trials += self.num_trials
        assert len({t.trial_id for t in [*again.final_store, *self.play(again)]}) > len(optimizer.final_store)

    def ask_for_some(self, optimizer: AbstractOptimizer, count: int = 3) -> None:
        """As a person does: a third each of the trials waits, was stopped, and returned."""
        rng = random.Random(1)
        for status in islice(cycle((Trial.PENDING, Trial.STOPPED, Trial.FINALIZED)), count):
            point = {**optimizer.searchspace.sample(rng), **optimizer.extras()}
            trial = Trial(point, created_by="person", status=status)
            if status == Trial.PENDING:
                optimizer.trial_store[trial.trial_id] = trial
            else:
                trial.final_metric = 0.7
                optimizer.final_store.append(trial)

    def test_trials_that_a_person_asked_for_do_no_harm(self, optimizer: AbstractOptimizer) -> None:
        self.ask_for_some(optimizer)
        assert self.play(optimizer)

    def test_it_has_a_name_and_a_lookahead(self, optimizer: AbstractOptimizer) -> None:
        assert optimizer.name()
        assert optimizer.lookahead >= 0


def _error_of(do: Callable[[], Any]) -> str | None:
    try:
        do()
    except ValueError as error:
        return str(error)
    return None


def _is_line(text: str) -> bool:
    return bool(text.strip()) and "\n" not in text


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
    """Shows the rule trials of all kinds.

    `mirrors` says that it does the same where every metric has the other sign and the direction is the
    other; False for a rule that knows what a metric means, such as one that wants an accuracy above 0.9.
    """

    mirrors: ClassVar[bool] = True

    @abstractmethod
    def make(self) -> AbstractEarlyStop:
        """The rule, as good as new."""

    def check(self, to_check: list[Trial], finalized: list[Trial], direction: str = "max") -> dict[str, str]:
        """The ids to stop, each with its reason."""
        rule = self.make()
        rule.initialize(direction)
        stops: Any = rule.earlystop_check({t.trial_id: t for t in to_check}, finalized, direction)
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

    def test_checking_twice_does_no_harm(self) -> None:
        rule, trial, finals = self.make(), running(0.1, 0.2), [ended(0.3, 0.4)]
        rule.initialize("max")
        for more in ((), (0.3,), (0.1, 0.1)):
            trial.metric_history.extend(more)
            trial.step_history.extend(range(len(trial.step_history), len(trial.metric_history)))
            assert len(list(rule.earlystop_check({"r1": trial}, finals, "max"))) <= 1

    def play(self, rule: AbstractEarlyStop, direction: str, sign: float = 1.0) -> list[tuple[str, int]]:
        """The stops, each as id and step, in a search of 40 trials of at most 9 steps, four at a time.

        Trials climb or fall towards ceilings of their own; every tenth is lost on the way and begins anew.
        """
        rng = random.Random(0)
        rule.initialize(direction)
        waiting = [running(number=n) for n in range(1, 41)]
        ceilings = {t.trial_id: sign * rng.choice([0.25, 0.5, 0.75, 1.0]) for t in waiting}
        active: list[Trial] = []
        finals: list[Trial] = []
        stops: list[tuple[str, int]] = []
        while waiting or active:
            active += [waiting.pop(0) for _ in range(min(4 - len(active), len(waiting)))]
            for trial in active:
                _advance(trial, ceilings[trial.trial_id])
            told = rule.earlystop_check({t.trial_id: t for t in active}, finals, direction)
            for trial in list(active):
                if trial.trial_id in told or len(trial.step_history) == 9:
                    stopped = trial.trial_id in told
                    stops += [(trial.trial_id, trial.step_history[-1])] if stopped else []
                    trial.status = Trial.STOPPED if stopped else Trial.FINALIZED
                    trial.final_metric = trial.metric_history[-1]
                    finals.append(trial)
                    active.remove(trial)
        return stops

    @pytest.mark.parametrize("direction", ["max", "min"])
    def test_a_search_that_is_played_again_stops_the_same_trials(self, direction: str) -> None:
        rule = self.make()
        assert self.play(rule, direction) == self.play(rule, direction) == self.play(self.make(), direction)

    def test_the_direction_decides_what_is_better(self) -> None:
        as_it_is, mirrored = self.play(self.make(), "max"), self.play(self.make(), "min", sign=-1.0)
        assert as_it_is == mirrored or not self.mirrors

    def test_it_has_a_name(self) -> None:
        assert self.make().name()


def _advance(trial: Trial, ceiling: float) -> None:
    """One step on; the tenth, twentieth, ... trial loses its worker once, at its third step."""
    if trial.number % 10 == 0 and trial.attempt == 1 and len(trial.step_history) == 3:
        trial.attempt, trial.metric_history, trial.step_history = 2, [], []
    step = len(trial.step_history)
    trial.step_history.append(step)
    trial.metric_history.append(ceiling * (1 - 0.5 ** (step + 1)))
