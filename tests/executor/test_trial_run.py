"""What comes of one call of a training function."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from maggy.exceptions import TrialStopped
from maggy.executor.reporter import Reporter
from maggy.executor.trial_run import LONGEST_ERROR, LONGEST_TRACEBACK, run_trial
from maggy.rpc.messages import Halted, Raised, Returned, Run
from tests.executor.test_reporter import Tensor


def outcome(train, wants_reporter=False, reporter=None, **params):
    return run_trial(train, Run("t", 1, 2, params), reporter or Reporter(), wants_reporter)


def error_of(train):
    """The one line of a training function that fails; its traceback begins at that function."""
    raised = outcome(train)
    assert isinstance(raised, Raised)
    assert (raised.trial, raised.attempt) == ("t", 2)
    assert len(raised.error.splitlines()) == 1
    assert raised.error == raised.error.strip()
    return raised.error


def raising(error):
    def train():
        raise error

    return train


@pytest.mark.parametrize(
    "value", [1, 1.0, True, np.float32(1), np.int64(1), np.array(1.0), np.array([1.0])[0]]
)
def test_a_number_is_the_trials_metric(value):
    returned = outcome(lambda: value)
    assert returned == Returned("t", 2, 1.0)
    assert type(returned.value) is float


def test_parameters_are_keyword_arguments_and_the_reporter_comes_where_it_is_wanted():
    reporter = Reporter()
    assert outcome(lambda b, a: a - b, a=3, b=1) == Returned("t", 2, 2.0)
    assert outcome(lambda reporter, a: reporter.broadcast(a) or a, True, reporter, a=3) == Returned(
        "t", 2, 3.0
    )
    assert reporter.take_metrics() == [(0, 3.0)]


EXPECTED = "the training function must return its metric, a finite number, not "


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "None"),
        ("0.9", "'0.9'"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (-float("inf"), "-inf"),
        (np.float32("nan"), "nan"),
        ([0.9], "a list"),
        (np.zeros(2), "a ndarray"),
        (1j, "a complex"),
        (Tensor(), "a Tensor (a Tensor with 2 elements"),
        (10**400, "a int"),
        (b"1", "b'1'"),
        ("x" * 10_000, "'xxx"),
    ],
)
def test_what_is_no_finite_number_fails_the_trial(value, named):
    error = error_of(lambda: value)
    assert error.startswith(EXPECTED + named)
    assert len(error) < LONGEST_ERROR


def test_an_exception_fails_the_trial_and_its_traceback_begins_at_the_users_frame():
    def inner():
        raise ValueError("first line\nsecond line")

    def train():
        inner()

    raised = outcome(train)
    assert raised.error == "ValueError: first line"
    lines = raised.traceback.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith("in train")
    assert "in run_trial" not in raised.traceback
    assert lines[-2:] == ["ValueError: first line", "second line"]


def test_the_cause_of_an_exception_is_in_the_traceback():
    def train():
        try:
            return {}["missing"]
        except KeyError as error:
            raise ValueError("no such thing") from error

    assert "KeyError: 'missing'" in outcome(train).traceback
    assert error_of(train) == "ValueError: no such thing"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (SystemExit(3), "SystemExit: 3"),
        (SystemExit(), "SystemExit"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (GeneratorExit(), "GeneratorExit"),
        (ValueError(), "ValueError"),
        (ValueError(""), "ValueError"),
        (ValueError("\n\nlate\n"), "ValueError:"),
        (AssertionError(), "AssertionError"),
    ],
)
def test_whatever_is_raised_fails_the_trial_with_one_line(error, line):
    assert error_of(raising(error)) == line


def test_a_syntax_error_is_named_though_its_report_begins_with_the_source():
    assert error_of(lambda: eval("1 +")).startswith("SyntaxError: invalid syntax")


def test_a_note_does_not_hide_the_error():
    error = ValueError("what is wrong")
    error.__notes__ = ["some advice"]
    assert error_of(raising(error)) == "ValueError: what is wrong"


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("cannot say")


class Treacherous(Exception):
    def __getattribute__(self, name):
        raise RuntimeError("cannot be looked at")


def test_an_exception_that_cannot_be_printed_still_fails_the_trial():
    assert "Unspeakable" in error_of(raising(Unspeakable()))


def test_an_exception_that_breaks_tracebacks_still_fails_the_trial():
    try:
        raised = outcome(raising(Treacherous()))
    except Exception:
        raised = None  # pytest itself could not show it
    assert raised == Raised("t", 2, "Treacherous", "")


def test_endless_recursion_fails_the_trial():
    def train():
        return train()

    assert error_of(train).startswith("RecursionError: maximum recursion depth exceeded")


def test_wrong_parameters_fail_the_trial():
    assert "unexpected keyword argument 'b'" in outcome(lambda a: a, a=1, b=2).error


def test_a_huge_message_is_cut_and_the_users_frames_stay():
    raised = outcome(raising(ValueError("x" * 10_000_000 + " the end")))
    assert len(raised.error) == LONGEST_ERROR
    assert len(raised.traceback) <= LONGEST_TRACEBACK + 100
    assert "in train" in raised.traceback
    assert raised.traceback.endswith("the end\n")


def test_a_stop_halts_the_trial():
    reporter = Reporter()
    reporter.stop("enough")
    assert outcome(lambda reporter: reporter.broadcast(1), True, reporter) == Halted("t", 2)


def test_a_stop_runs_finally_blocks_and_leaves_the_output():
    def train(reporter):
        try:
            reporter.broadcast(1)
        finally:
            print("cleaned up")

    reporter = Reporter()
    reporter.stop("enough")
    assert outcome(train, True, reporter) == Halted("t", 2)
    assert reporter.output().take() == "cleaned up\n"


def test_a_trial_that_defies_the_stop_and_returns_has_its_metric():
    def train(reporter):
        try:
            reporter.broadcast(1)
        except TrialStopped:
            return 5

    reporter = Reporter()
    reporter.stop("enough")
    assert outcome(train, True, reporter) == Returned("t", 2, 5.0)


def test_output_is_the_trials_own_and_the_streams_are_back_afterwards():
    before, reporter = sys.stdout, Reporter()
    outcome(lambda: print("words") or 1, reporter=reporter)
    assert (sys.stdout, reporter.output().take()) == (before, "words\n")
