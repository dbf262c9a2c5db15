"""What the stopping rule compares trials with, asked for people to see; and what trouble that makes: none."""

from __future__ import annotations

import logging
import math
import sys

import pytest

from maggy.core import commands as cmd
from maggy.core import inputs as inp
from maggy.driver.algorithms import Algorithms
from maggy.driver.thresholds import MOST_POINTS, Thresholds
from maggy.earlystop import AbstractEarlyStop, MedianRule
from maggy.optimizer import RandomSearch
from maggy.testing import ended, running
from tests.core.world import Play


class StopsAll(AbstractEarlyStop):
    """Stops every trial; its thresholds are what the test says."""

    told = None

    @staticmethod
    def earlystop_check(to_check, finalized_trials, direction):
        return list(to_check)

    @staticmethod
    def thresholds(steps, finalized_trials, direction):
        return StopsAll.told(steps)


def checked(rule, thresholds=True):
    """The rule's answer about a trial at step 1 beside one that ended at step 2."""
    optimizer = RandomSearch()
    optimizer.setup(None, 9, "max")
    asked = Algorithms(optimizer, rule)
    play = Play("ab", num_trials=9)
    play.suggest("t1", "t2")
    play.metrics("t1", 0.2, 0.4, 0.6)
    play.finish("t1")
    play.metrics("t2", 0.1, 0.1)
    asked.take(play.records)
    return asked.answer(cmd.CheckEarlyStop(thresholds))


def test_the_median_rule_tells_its_curve_and_the_level_of_a_stop():
    answer = checked(MedianRule())
    assert (answer.steps, answer.values) == ((0, 1, 2), pytest.approx((0.2, 0.3, 0.4)))
    (advice,) = answer.advice
    assert (advice.trial, advice.level) == ("t2", pytest.approx(0.3))


def test_the_curve_is_told_only_where_it_is_asked_for():
    answer = checked(MedianRule(), thresholds=False)
    assert (answer.steps, len(answer.advice)) == ((), 1)
    assert answer.advice[0].level == pytest.approx(0.3)


@pytest.mark.parametrize("told", [lambda s: 1 / 0, lambda s: [0.5] * 9, lambda s: None, lambda s: sys.exit()])
def test_thresholds_that_cannot_be_had_leave_the_rule_as_it_is(told, caplog):
    StopsAll.told = told
    with caplog.at_level(logging.WARNING):
        answer = checked(StopsAll())
    assert answer == inp.EarlyStopChecked((inp.StopAdvice("t2", 1, "stopped by StopsAll"),))
    assert len(caplog.messages) == 1, "told once, not at every check"


def test_steps_without_a_finite_threshold_are_left_out():
    odd = {0: None, 1: math.nan, 2: 0.5}
    StopsAll.told = lambda steps: [odd[s] for s in steps]
    answer = checked(StopsAll())
    assert (answer.steps, answer.values, answer.advice[0].level) == ((2,), (0.5,), None)


def test_a_rule_without_thresholds_has_no_curve():
    assert AbstractEarlyStop.thresholds(MedianRule(), [1, 2], [], "max") == [None, None]
    assert Thresholds(MedianRule()).curve([], [ended()], "max") == {}


def test_a_long_curve_is_told_in_few_points_with_its_ends_and_where_the_running_trials_are():
    long = ended(*[0.5] * 10_000)
    runs = [running(*[0.5] * (i * 37), number=i) for i in range(1, 20)]
    steps = list(Thresholds(MedianRule()).curve(runs, [long], "max"))
    assert len(steps) <= MOST_POINTS
    assert (steps[0], steps[-1]) == (0, 9_999)
    assert {i * 37 - 1 for i in range(1, 20)} <= set(steps)
    assert steps == sorted(steps)


def test_curves_take_a_small_part_of_the_time():
    now = 0.0

    def slow(steps):
        nonlocal now
        now += 1.0
        return [0.5] * len(steps)

    StopsAll.told = slow
    asked = Thresholds(StopsAll(), clock=lambda: now)
    curves = []
    while now < 200:
        curves.append(asked.curve([], [ended(0.5)], "max"))
        now += 1.0
    assert 3 <= sum(map(bool, curves)) <= 5


def test_the_optimizer_hears_of_added_trials():
    optimizer = RandomSearch()
    optimizer.setup(None, 2, "max")
    asked = Algorithms(optimizer, None)
    play = Play("a", num_trials=2)
    play.tell(inp.MoreTrialsRequested(3))
    play.tell(inp.TrialEnqueued("p1", {"x": 0.5}))
    asked.take(play.records)
    assert optimizer.num_trials == 6
    assert [t.created_by for t in optimizer.trial_store.values()] == ["person"]
