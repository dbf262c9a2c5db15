"""The median rule, and the contract of every rule."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tests.test_optunarule  # noqa: F401  (contract tests of its own)
from maggy import Trial
from maggy.earlystop import (
    BY_NAME,
    AbstractEarlyStop,
    ASHARule,
    MedianRule,
    PatienceRule,
    PercentileRule,
)
from maggy.testing import EarlyStopContract, ended, running

# Eighths, so that sums are exact in whichever order.
METRICS = st.integers(-16, 16).map(lambda n: n / 8) | st.just(math.nan)
History = tuple[list[int], list[float]]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Rising steps, not always without gaps, each with a metric."""
    steps = sorted(draw(st.sets(st.integers(0, 6), max_size=5)))
    return steps, [draw(METRICS) for _ in steps]


def with_history(trial: Trial, history: History) -> Trial:
    trial.step_history, trial.metric_history = history
    return trial


class TestMedianRule(EarlyStopContract):
    def make(self) -> AbstractEarlyStop:
        return MedianRule()

    def test_a_trial_whose_best_is_worse_than_the_median_is_stopped_and_told_why(self) -> None:
        finals = [ended(0.2, 0.4), ended(0.6, 0.8), ended(0.9, 1.0)]  # averages 0.3, 0.7, 0.95
        (reason,) = self.check([running(0.61, 0.5)], finals).values()
        assert reason == "step 1: best 0.61 below median 0.7 of 3 trials"

    @pytest.mark.parametrize("direction", ["max", "min"])
    def test_a_trial_as_good_as_the_median_goes_on(self, direction: str) -> None:
        assert self.check([running(0.5)], [ended(0.5)], direction) == {}

    def test_for_a_minimum_higher_is_worse(self) -> None:
        finals = [ended(0.5)]
        (reason,) = self.check([running(0.7)], finals, "min").values()
        assert reason == "step 0: best 0.7 above median 0.5 of 1 trial"
        assert self.check([running(0.3)], finals, "min") == {}

    def test_later_metrics_of_finished_trials_do_not_count(self) -> None:
        assert self.check([running(0.2)], [ended(0.1, 0.9, 0.9)]) == {}

    def test_its_thresholds_are_the_medians_that_it_compares_with(self) -> None:
        finals = [ended(0.2, 0.4), ended(0.6, 0.8), ended(0.9, 1.0)]
        told = MedianRule.thresholds([0, 1, 2], finals, "max")
        assert told == [0.6, pytest.approx(0.7), None]

    def test_nothing_is_stopped_where_no_finished_trial_got_as_far(self) -> None:
        assert self.check([running(0.0, 0.0, 0.0)], [ended(0.9, 0.9), ended()]) == {}

    def test_a_trial_that_broadcasts_only_nan_is_stopped(self) -> None:
        (reason,) = self.check([running(math.nan, math.nan)], [ended(0.1, 0.2)]).values()
        assert reason == "step 1: every metric is NaN"

    @given(histories(), st.lists(histories(), max_size=6), st.sampled_from(["max", "min"]))
    def test_it_decides_as_its_definition_does(
        self,
        history: History,
        others: list[History],
        direction: str,
    ) -> None:
        trial = with_history(running(), history)
        finals = [with_history(ended(), other) for other in others]
        assert bool(self.check([trial], finals, direction)) == by_definition(history, others, direction)


def by_definition(history: History, others: list[History], direction: str) -> bool:
    """Golovin et al. 2017, 3.2.2, word by word; NaN is left out."""
    sign = 1 if direction == "max" else -1
    steps, metrics = history
    if not steps:
        return False
    averages = []
    for other_steps, other_metrics in others:
        if any(s >= steps[-1] for s in other_steps):
            upto = [m for s, m in zip(other_steps, other_metrics, strict=True) if s <= steps[-1]]
            numbers = [m for m in upto if not math.isnan(m)]
            if numbers:
                averages.append(sum(numbers) / len(numbers))
    numbers = [sign * m for m in metrics if not math.isnan(m)]
    return bool(averages) and (not numbers or max(numbers) < sign * statistics.median(averages))


class TestPercentileRule(EarlyStopContract):
    def make(self) -> AbstractEarlyStop:
        return PercentileRule()

    def test_a_trial_that_is_not_among_the_best_quarter_is_stopped_and_told_why(self) -> None:
        finals = [ended(value) for value in (0.1, 0.2, 0.3, 0.4, 0.5)]
        assert self.check([running(0.4)], finals) == {}
        (reason,) = self.check([running(0.39)], finals).values()
        assert reason == "step 0: best 0.39 below 75 % quantile 0.4 of 5 trials"
        assert self.check([running(0.2)], finals, "min") == {}
        (reason,) = self.check([running(0.21)], finals, "min").values()
        assert reason == "step 0: best 0.21 above 25 % quantile 0.2 of 5 trials"

    @given(histories(), st.lists(histories(), max_size=6), st.sampled_from(["max", "min"]))
    def test_fifty_is_the_median(self, history: History, others: list[History], direction: str) -> None:
        trial, finals = with_history(running(), history), [with_history(ended(), o) for o in others]
        rules, steps = (PercentileRule(50), MedianRule()), list(range(7))
        both = [rule.earlystop_check({"r": trial}, finals, direction) for rule in rules]
        assert both[0].keys() == both[1].keys()
        told = [rule.thresholds(steps, finals, direction) for rule in rules]
        assert told[0] == told[1]

    @pytest.mark.parametrize("percentile", [0, 100, -1, math.nan])
    def test_a_percentile_out_of_range_is_refused(self, percentile: float) -> None:
        with pytest.raises(ValueError, match="percentile must be above 0 and below 100"):
            PercentileRule(percentile)


class TestPatienceRule(EarlyStopContract):
    def make(self) -> AbstractEarlyStop:
        return PatienceRule(patience=3)

    @pytest.mark.parametrize(("direction", "sign"), [("max", 1), ("min", -1)])
    def test_a_trial_that_does_not_improve_is_stopped_and_told_why(self, direction: str, sign: int) -> None:
        history = [sign * v for v in (0.1, 0.5, 0.5, 0.4)]
        assert self.check([running(*history)], [], direction) == {}
        (reason,) = self.check([running(*history, sign * 0.5)], [], direction).values()
        assert reason == f"step 4: best {sign * 0.5} for 3 reports"
        assert self.check([running(*history, sign * 0.6)], [], direction) == {}

    def test_an_improvement_must_be_large_enough(self) -> None:
        rule = PatienceRule(2, min_delta=0.1)
        assert rule.earlystop_check({"r": running(0.5, 0.55, 0.58)}, [], "max").keys() == {"r"}
        assert rule.earlystop_check({"r": running(0.5, 0.55, 0.61)}, [], "max") == {}

    def test_nan_is_no_improvement(self) -> None:
        (reason,) = self.check([running(math.nan, math.nan, math.nan)], []).values()
        assert reason == "step 2: best none for 3 reports"

    @pytest.mark.parametrize("wrong", [(0,), (1.5,), (True,), (3, -1.0), (3, math.nan)])
    def test_arguments_out_of_range_are_refused(self, wrong: tuple[float, ...]) -> None:
        with pytest.raises(ValueError, match="must be"):
            PatienceRule(*wrong)  # type: ignore[arg-type]


class TestASHARule(EarlyStopContract):
    def make(self) -> AbstractEarlyStop:
        return ASHARule()


@pytest.mark.parametrize("name", BY_NAME)
def test_a_rule_that_has_a_name_has_a_contract_test(name: str) -> None:
    made = BY_NAME[name]()
    assert (type(made), made.name()) in [
        (type(rule), rule.name()) for rule in (case().make() for case in EarlyStopContract.__subclasses__())
    ]


@pytest.mark.parametrize("name", BY_NAME)
def test_a_rule_that_has_a_name_can_be_made(name: str) -> None:
    assert isinstance(BY_NAME[name](), AbstractEarlyStop)
