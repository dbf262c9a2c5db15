"""The optimizers, their contract, and how their answers reach the machine."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import pytest

import tests.test_optuna  # noqa: F401  (contract tests of its own)
from maggy import Searchspace, Trial
from maggy.core import commands as cmd
from maggy.core import inputs as inp
from maggy.driver.algorithms import Algorithms
from maggy.earlystop import AbstractEarlyStop
from maggy.optimizer import (
    ASHA,
    BY_NAME,
    IDLE,
    AbstractOptimizer,
    GridSearch,
    Hyperband,
    OptunaSearch,
    RandomSearch,
    SingleRun,
)
from maggy.testing import SPACE, OptimizerContract

from .core.world import Play


class TestRandomSearch(OptimizerContract):
    def make(self) -> AbstractOptimizer:
        return RandomSearch(seed=0)

    def test_a_seed_repeats_the_search(self, optimizer: AbstractOptimizer) -> None:
        first = [t.params for t in self.play(optimizer)]
        optimizer.initialize()
        assert [t.params for t in self.play(optimizer)] == first

    def test_it_searches_spaces_without_a_continuous_parameter(self) -> None:
        optimizer = RandomSearch()
        optimizer.setup(Searchspace(act=("CATEGORICAL", ["a", "b"])), 9, "max")
        optimizer.initialize()
        assert optimizer.get_suggestion().params["act"] in ("a", "b")


class TestGridSearch(OptimizerContract):
    num_trials = 40

    def make(self) -> AbstractOptimizer:
        return GridSearch(count=2)

    def test_of_a_grid_that_is_too_large_points_are_drawn_evenly_and_none_twice(
        self, optimizer: AbstractOptimizer
    ) -> None:
        points = [tuple(t.params.values()) for t in self.play(optimizer)]
        assert len(set(points)) == len(points) == 40
        for n, values in enumerate(zip(*points, strict=True)):
            assert len(set(values)) > 1, f"hyperparameter {n} never changes"


class TestASHA(OptimizerContract):
    num_trials = 40

    def make(self) -> AbstractOptimizer:
        return ASHA(seed=0)


class TestHyperband(OptimizerContract):
    num_trials = 40

    def make(self) -> AbstractOptimizer:
        return Hyperband(seed=0)


class TestSingleRun(OptimizerContract):
    space = irregular = Searchspace()

    def make(self) -> AbstractOptimizer:
        return SingleRun()


# 'gp' needs torch, which is too large for us; it is made as the other samplers are.
@pytest.mark.parametrize("name", [name for name in BY_NAME if name != "gp"])
def test_an_optimizer_that_has_a_name_has_a_contract_test(name: str) -> None:
    cases = [case for case in OptimizerContract.__subclasses__() if ".torch." not in case.__module__]
    tested = [type(case().make()) for case in cases]
    assert type(BY_NAME[name]()) in tested


def suggested(optimizer: AbstractOptimizer, count: int) -> list[Trial]:
    """Trials that were suggested and ended, every other with a metric."""
    found = []
    for k in range(count):
        trial = optimizer.get_suggestion()
        assert isinstance(trial, Trial)
        if k % 2:
            trial.final_metric, trial.status = float(-k), Trial.FINALIZED
            optimizer.final_store.append(trial)
        found.append(trial)
    return found


@pytest.mark.parametrize(
    "make",
    [
        lambda: RandomSearch(seed=0),
        lambda: ASHA(seed=0),
        lambda: Hyperband(seed=0),
        lambda: OptunaSearch("tpe", seed=0),
        lambda: OptunaSearch("qmc"),
        lambda: OptunaSearch("nsgaii", seed=0),
    ],
)
def test_a_search_that_is_taken_up_with_the_same_seed_draws_other_points(
    make: Callable[[], AbstractOptimizer],
) -> None:
    first, again = make(), make()
    for optimizer in (first, again):
        optimizer.setup(SPACE, 40, "max")
        optimizer.initialize()
    before = suggested(first, 8)
    again.final_store.extend(first.final_store)
    again.take_up(before)
    points = [t.params["rate"] for t in [*before, *suggested(again, 8)] if t.parent is None]
    assert len(points) >= 12
    assert len(set(points)) == len(points)


class Scripted(AbstractOptimizer):
    """Answers as told; a callable is called."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.seen: list[str | None] = []

    def get_suggestion(self, trial: Trial | None = None) -> Any:
        self.seen.append(trial.trial_id if trial else None)
        answer = self.answers.pop(0)
        return answer() if callable(answer) else answer


class Rule(AbstractEarlyStop):
    """Advises what `advice` makes of the trials."""

    advice: Callable[..., Any]

    @staticmethod
    def earlystop_check(to_check: Any, finalized_trials: Any, direction: str) -> Any:
        return Rule.advice(to_check, finalized_trials)


X = Searchspace(x=("INTEGER", [0, 9]))


def algorithms(*answers: Any, space: Searchspace = X) -> tuple[Algorithms, Scripted]:
    optimizer = Scripted(*answers)
    optimizer.setup(space, 9, "max")
    return Algorithms(optimizer, Rule()), optimizer


def answer_to(suggestion: Any, space: Searchspace = X) -> inp.Input:
    return algorithms(suggestion, space=space)[0].answer(cmd.Suggest())


def playing() -> Play:
    """Trial t1 ended with 0.5, t2 failed, t3 runs, t4 waits."""
    play = Play("abc", num_trials=9, lookahead=1, max_failures=9)
    play.suggest("t1", "t2", "t3")
    play.finish("t1", 0.5)
    play.fail("t2")
    play.lose("a")
    play.lose("b")
    play.suggest("t4")
    return play


def test_answers_are_told_as_they_are_meant() -> None:
    assert answer_to(Trial({"x": 1}, "t")) == inp.SuggestionMade("t", {"x": 1})
    assert answer_to(None) == inp.SuggestionsExhausted()
    assert answer_to(IDLE) == inp.SuggestionDeferred()


class Scalar:
    """As numpy's numbers are."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def item(self) -> Any:
        return self.value


def test_parameters_become_what_json_can_carry() -> None:
    space = Searchspace(a=("INTEGER", [1, 3]), b=("CATEGORICAL", [(1, (0.5,)), 2]), c=("CATEGORICAL", [None]))
    made = answer_to(Trial({"a": Scalar(3), "b": [1, [Scalar(0.5)]], "c": None}, "t"), space)
    assert made == inp.SuggestionMade("t", {"a": 3, "b": (1, (0.5,)), "c": None})


def refuse() -> None:
    raise ValueError("first line\nsecond line")


@pytest.mark.parametrize(
    ("suggestion", "why"),
    [
        ("idle", "expected a Trial, None or 'IDLE'"),
        (7, "expected a Trial"),
        ({"x": 1}, "expected a Trial"),
        (Trial({"x": object()}), "'x' is a object"),
        (Trial({"x": math.nan}), "'x' is nan"),
        (Trial({"x": Scalar(math.inf)}), "'x' is inf"),
        (Trial({1: 2}), "name must be a string, not 1"),  # type: ignore[dict-item]
        (Trial({}, 5), "trial_id must be a string, not 5"),  # type: ignore[arg-type]
        (Trial({}, parent=5), "parent must be a trial's id or None, not 5"),  # type: ignore[arg-type]
        (Trial([1]), "'list' object"),  # type: ignore[arg-type]
        (refuse, "ValueError: first line"),
        (lambda: sys.exit(3), "SystemExit: 3"),
    ],
)
def test_an_answer_that_is_none_is_a_failure_in_one_line(suggestion: Any, why: str) -> None:
    answer = answer_to(suggestion)
    assert isinstance(answer, inp.SuggestionFailed)
    assert answer.error.startswith("Scripted.get_suggestion: ")
    assert why in answer.error
    assert "\n" not in answer.error


def test_the_optimizer_sees_each_trial_with_a_metric_once() -> None:
    asked, optimizer = algorithms(IDLE, IDLE)
    asked.take(playing().records)
    assert optimizer.seen == []
    asked.answer(cmd.Suggest())
    asked.answer(cmd.Suggest())
    assert optimizer.seen == ["t1", None]


def test_idle_is_no_answer_while_there_is_a_result_to_tell() -> None:
    asked, optimizer = algorithms(IDLE, Trial({"x": 1}, "t"))
    play = Play("ab", num_trials=9)
    play.suggest("t1", "t2")
    play.finish("t1")
    play.finish("t2")
    asked.take(play.records)
    assert asked.answer(cmd.Suggest()) == inp.SuggestionMade("t", {"x": 1}, None)
    assert optimizer.seen == ["t1", "t2"]


def test_the_stores_hold_the_trials_that_ended_and_those_that_have_not() -> None:
    asked, optimizer = algorithms()
    asked.take(playing().records)
    assert [t.trial_id for t in optimizer.final_store] == ["t1"]
    waiting_or_running = {t.trial_id: t.status for t in optimizer.trial_store.values()}
    assert waiting_or_running == {"t3": "RUNNING", "t4": "PENDING"}


def advice(made: Callable[..., Any]) -> inp.Input:
    asked, _ = algorithms()
    asked.take(playing().records)
    Rule.advice = made
    return asked.answer(cmd.CheckEarlyStop(thresholds=False))


def test_the_rule_sees_the_running_trials_and_those_that_ended_with_a_metric() -> None:
    seen: list[Any] = []
    advice(lambda running, ended: seen.append(([*running], [t.trial_id for t in ended])))
    assert seen == [(["t3"], ["t1"])]


def test_the_rule_does_not_see_trials_that_were_told_to_stop() -> None:
    asked, _ = algorithms()
    play = playing()
    play.stop_trial("t3")
    asked.take(play.records)
    seen: list[Any] = []
    Rule.advice = lambda running, _: seen.extend(running)
    asked.answer(cmd.CheckEarlyStop(thresholds=False))
    assert seen == []


@pytest.mark.parametrize(
    ("stops", "reason"), [(["t3"], "stopped by Rule"), ({"t3": "hopeless"}, "hopeless"), (("t3", "t9"), "")]
)
def test_the_rules_advice_carries_attempt_and_reason(stops: Any, reason: str) -> None:
    told = advice(lambda *_: stops)
    assert told == inp.EarlyStopChecked((inp.StopAdvice("t3", 1, reason or "stopped by Rule"),))


@pytest.mark.parametrize("nothing", [None, [], {}, ["t1"], "t3"])
def test_advice_about_nothing_that_runs_is_none(nothing: Any) -> None:
    assert advice(lambda *_: nothing) == inp.EarlyStopChecked(())


@pytest.mark.parametrize("made", [lambda *_: 7, lambda *_: [[]], lambda *_: refuse(), lambda *_: sys.exit()])
def test_a_rule_that_raises_or_advises_nonsense_is_a_failure(made: Callable[..., Any]) -> None:
    told = advice(made)
    assert isinstance(told, inp.EarlyStopFailed)
    assert told.error.startswith("Rule.earlystop_check: ")


def test_an_optimizer_that_breaks_its_view_of_the_trials_still_leaves_no_question_open() -> None:
    asked, optimizer = algorithms()
    optimizer.final_store = None  # type: ignore[assignment]
    asked.take(playing().records)
    suggestion, check = asked.answer(cmd.Suggest()), asked.answer(cmd.CheckEarlyStop(thresholds=False))
    assert isinstance(suggestion, inp.SuggestionFailed)
    assert isinstance(check, inp.EarlyStopFailed)
    assert suggestion.error == check.error
    assert suggestion.error.startswith("Scripted broke the trials' view: AttributeError")


def test_the_optimizer_is_told_of_the_end_with_the_trials_that_have_a_metric() -> None:
    told: list[str] = []
    asked, optimizer = algorithms()
    optimizer.finalize_experiment = lambda trials: told.extend(t.trial_id for t in trials)  # type: ignore
    asked.take(playing().records)
    asked.finalize()
    assert told == ["t1"]
