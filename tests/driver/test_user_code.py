"""Optimizers and rules of users: slow, wrong or broken, they hold nobody up and break nothing else."""

from __future__ import annotations

import threading

import pytest

from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.earlystop import AbstractEarlyStop
from maggy.optimizer import IDLE, AbstractOptimizer
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.searches import Fixed, search, statuses
from tests.waiting import eventually


class Gate:
    """Holds a user's code until the test opens it."""

    def __init__(self):
        self.reached, self._opened = threading.Event(), threading.Event()

    def pass_through(self):
        self.reached.set()
        assert self._opened.wait(20)

    def open(self):
        self._opened.set()


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.open()


class Climber(AbstractOptimizer):
    """Doubles the best so far, and keeps what it was told."""

    def __init__(self):
        self.told = []
        self.finalized = None

    def get_suggestion(self, trial=None):
        if trial is not None:
            self.told.append(trial.trial_id)
        return Trial({"x": 1 + 2 * max((t.params["x"] for t in self.final_store), default=0)})

    def finalize_experiment(self, trials):
        self.finalized = [t.trial_id for t in trials]


def test_an_optimizer_learns_from_every_result_before_its_next_suggestion(tmp_path):
    climber = Climber()
    with search(functions.square, tmp_path, climber, workers=1, num_trials=6) as running:
        state = running.finish()
    assert [t.params["x"] for t in state.trials.values()] == [1, 3, 7, 15, 31, 63]
    assert climber.told == list(state.trials)[:5]
    assert climber.finalized == list(state.trials)


class OneByOne(AbstractOptimizer):
    """Says IDLE until the trial that it gave last is over."""

    def __init__(self):
        self._given = 0

    def get_suggestion(self, trial=None):
        if self._given > len(self.final_store):
            return IDLE
        self._given += 1
        return Trial({"x": len(self.final_store)})


def test_an_optimizer_may_let_workers_wait_for_a_result(tmp_path):
    with search(functions.square, tmp_path, OneByOne(), num_trials=4) as running:
        state = running.finish()
    assert [t.params["x"] for t in state.trials.values()] == [0, 1, 2, 3]


class SlowAfterOne(AbstractOptimizer):
    """Gives one trial at once; thinks about the next until the gate opens."""

    def __init__(self, gate):
        self._gate = gate
        self._first = True

    def get_suggestion(self, trial=None):
        if not self._first:
            self._gate.pass_through()
        self._first = False
        return Trial({"x": 0})


def test_a_slow_optimizer_holds_up_neither_metrics_nor_stops_of_other_workers(tmp_path, gate):
    with search(functions.until_stopped, tmp_path, SlowAfterOne(gate), num_trials=2) as running:
        assert gate.reached.wait(10)
        assert_lively(running)
        running.loop.put(inp.StopRequested("enough"))
        assert statuses(running.finish()) == [Trial.STOPPED]
        gate.open()


def assert_lively(running):
    """Metrics of the one running trial keep coming."""
    before = len(running.seen(ev.TrialProgressed))
    eventually(lambda: len(running.seen(ev.TrialProgressed)) > before + 5)


class SlowRule(AbstractEarlyStop):
    gate: Gate

    @staticmethod
    def earlystop_check(to_check, finalized_trials, direction):
        SlowRule.gate.pass_through()
        return dict.fromkeys(to_check, "late, but still")


def test_a_slow_rule_holds_up_nobody_and_its_late_answer_counts(tmp_path, gate):
    SlowRule.gate = gate
    points = Fixed({"good": True}, {"good": False})
    with search(functions.good_or_hopeless, tmp_path, points, SlowRule(), 1, num_trials=2) as running:
        assert gate.reached.wait(10)
        assert_lively(running)
        gate.open()
        state = running.finish()
    assert [t.stop_reason for t in state.trials.values()] == [None, "late, but still"]


def test_a_stop_by_a_person_comes_through_while_the_rule_thinks(tmp_path, gate):
    SlowRule.gate = gate
    points = Fixed({"good": True}, {"good": False})
    with search(functions.good_or_hopeless, tmp_path, points, SlowRule(), 1, num_trials=2) as running:
        assert gate.reached.wait(10)
        second = running.seen(ev.TrialCreated)[1].trial
        running.loop.put(inp.TrialStopRequested(second, "by hand"))
        assert list(running.finish().trials.values())[1].stop_by == "person"
        gate.open()


class Raising(AbstractOptimizer):
    """Gives two trials, then raises."""

    def __init__(self, error):
        self._error = error
        self._given = 0

    def get_suggestion(self, trial=None):
        self._given += 1
        if self._given > 2:
            raise self._error
        return Trial({"x": self._given})


@pytest.mark.parametrize(
    "error", [ValueError("no idea\nsecond line"), SystemExit("no idea"), KeyError("no idea")]
)
def test_an_optimizer_that_raises_ends_the_search_as_failed_after_its_trials(error, tmp_path):
    with search(functions.square, tmp_path, Raising(error), num_trials=10) as running:
        state = running.finish()
    assert statuses(state) == [Trial.FINALIZED] * 2
    assert state.end.status == "failed"
    assert state.end.reason.startswith(f"Raising.get_suggestion: {type(error).__name__}: ")
    assert "no idea" in state.end.reason
    assert "\n" not in state.end.reason


@pytest.mark.parametrize(
    "nonsense", [42, "a string", {"x": 1}, object(), Trial({"x": object()}), Trial({"x": {1}})]
)
def test_what_is_no_trial_ends_the_search_as_failed(nonsense, tmp_path):
    class Nonsense(AbstractOptimizer):
        def get_suggestion(self, trial=None):
            return nonsense

    with search(functions.square, tmp_path, Nonsense(), num_trials=1) as running:
        state = running.finish()
    assert (state.end.status, state.trials) == ("failed", {})


class Doubling(AbstractOptimizer):
    """Leaves the search space after a while."""

    def get_suggestion(self, trial=None):
        return Trial({"x": 300 * (1 + len(self.final_store) + len(self.trial_store))})


def test_a_point_outside_the_search_space_ends_the_search_as_failed_and_nothing_is_trained_with_it(tmp_path):
    with search(functions.square, tmp_path, Doubling(), num_trials=9) as running:
        state = running.finish()
    assert [(t.params["x"], t.status) for t in state.trials.values()] == [
        (x, Trial.FINALIZED) for x in (300, 600, 900)
    ]
    assert (state.end.status, state.end.reason) == (
        "failed",
        "Doubling suggested what the search space does not have: "
        "x must be a whole number from 0 to 1000, not 1200",
    )


class Vandal(Fixed):
    """Spoils what it was given to read."""

    def get_suggestion(self, trial=None):
        self.final_store = ()
        return super().get_suggestion(trial)


def test_an_optimizer_that_spoils_its_view_does_not_hang_the_search(tmp_path):
    points = Vandal(*[{"x": i} for i in range(10)])
    with search(functions.square, tmp_path, points, num_trials=10) as running:
        state = running.finish()
    assert state.end.status == "failed"


class RaisingRule(AbstractEarlyStop):
    @staticmethod
    def earlystop_check(to_check, finalized_trials, direction):
        raise ValueError("no rule\nsecond line")


def test_a_rule_that_raises_is_switched_off_and_the_search_goes_on(tmp_path):
    with search(functions.five_epochs, tmp_path, None, RaisingRule(), num_trials=30) as running:
        state = running.finish()
    assert statuses(state) == [Trial.FINALIZED] * 30
    assert state.rule_error == "RaisingRule.earlystop_check: ValueError: no rule"
    assert len(running.seen(ev.EarlyStopDisabled)) == 1


class Endless(Fixed):
    def __init__(self, gate, *params):
        super().__init__(*params)
        self._gate = gate

    def finalize_experiment(self, trials):
        self._gate.pass_through()


def test_an_optimizer_that_hangs_in_the_end_is_left_behind(tmp_path, gate):
    with search(functions.square, tmp_path, Endless(gate, {"x": 1}), num_trials=1) as running:
        running.finish()
        running.loop.close()
        running.algorithms.close(0.05)
        assert gate.reached.is_set()
        gate.open()
