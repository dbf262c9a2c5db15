"""What a training function reports, and how it learns that it is to stop."""

from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest

from maggy.exceptions import TrialStopped
from maggy.executor.reporter import LARGEST_STATE, LARGEST_STEP, MOST_PENDING, Reporter


class Tensor:
    """Refuses to be a number as torch's tensors do: with an error that is no TypeError."""

    def __float__(self):
        raise RuntimeError("a Tensor with 2 elements cannot be converted to Scalar")


@pytest.fixture
def reporter():
    return Reporter()


def test_steps_count_from_0_where_none_are_given(reporter):
    for value in (0.5, 0.6, 0.7):
        reporter.broadcast(value)
    assert reporter.take_metrics() == [(0, 0.5), (1, 0.6), (2, 0.7)]


def test_steps_go_on_after_a_given_one(reporter):
    reporter.broadcast(0.5, step=10)
    reporter.broadcast(0.6)
    reporter.broadcast(0.7, 20)
    assert reporter.take_metrics() == [(10, 0.5), (11, 0.6), (20, 0.7)]


def test_each_metric_is_taken_once(reporter):
    reporter.broadcast(0.5)
    assert reporter.take_metrics() == [(0, 0.5)]
    assert reporter.take_metrics() == []


@pytest.mark.parametrize("one", [1, True, 1.0, np.float32(1), np.float64(1), np.int64(1), np.array(1.0), "1"])
def test_numbers_of_all_kinds_become_floats_and_text_does_not(one, reporter):
    if isinstance(one, str):
        with pytest.raises(TypeError, match="broadcast takes a number, not '1'"):
            reporter.broadcast(one)
    else:
        reporter.broadcast(one)
        [(_, value)] = reporter.take_metrics()
        assert (type(value), value) == (float, 1.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_metrics_that_are_not_finite_are_reported(value, reporter):
    reporter.broadcast(value)
    [(_, reported)] = reporter.take_metrics()
    assert repr(reported) == repr(value)


@pytest.mark.parametrize("value", [None, "0.5", b"1", [], {}, 1j, object(), np.zeros(2), Tensor(), 10**400])
def test_what_is_no_number_is_refused_and_leaves_the_step_as_it_was(value, reporter):
    with pytest.raises(TypeError, match=r"^broadcast takes a number, not "):
        reporter.broadcast(value)
    reporter.broadcast(0.5)
    assert reporter.take_metrics() == [(0, 0.5)]


@pytest.mark.parametrize("step", [3, np.int32(3), np.uint8(3)])
def test_whole_numbers_of_all_kinds_are_steps(step, reporter):
    reporter.broadcast(0.5, step)
    [(taken, _)] = reporter.take_metrics()
    assert (type(taken), taken) == (int, 3)


@pytest.mark.parametrize("step", [1.0, "1", math.nan, np.float64(1), [1]])
def test_a_step_that_is_no_whole_number_is_refused(step, reporter):
    with pytest.raises(TypeError, match=r"^broadcast takes a whole number as step, not "):
        reporter.broadcast(0.5, step)
    assert reporter.take_metrics() == []


@pytest.mark.parametrize("step", [5, 4, -1, np.int64(5)])
def test_a_step_that_does_not_increase_is_refused(step, reporter):
    reporter.broadcast(0.5, 5)
    with pytest.raises(ValueError, match=f"^broadcast got step {step} after step 5; steps must increase$"):
        reporter.broadcast(0.6, step)


def test_a_step_that_no_browser_could_count_is_refused(reporter):
    reporter.broadcast(0.5, LARGEST_STEP)
    for step in (LARGEST_STEP + 1, 10**5000):
        with pytest.raises(ValueError, match=r"steps go up to 2\*\*53"):
            Reporter().broadcast(0.5, step)


def test_a_loop_that_outruns_the_heartbeats_loses_its_oldest_metrics(reporter):
    for _ in range(MOST_PENDING + 10):
        reporter.broadcast(0.5)
    metrics = reporter.take_metrics()
    assert len(metrics) == MOST_PENDING
    assert metrics[0][0] == 10


def test_every_broadcast_after_the_stop_raises_and_its_metric_still_counts(reporter):
    reporter.stop("step 7: below the median")
    for _ in range(3):
        with pytest.raises(TrialStopped, match="step 7: below the median"):
            reporter.broadcast(0.5)
    assert len(reporter.take_metrics()) == 3


def test_a_stop_with_an_empty_reason_is_a_stop(reporter):
    reporter.stop("")
    with pytest.raises(TrialStopped):
        reporter.broadcast(0.5)


def test_except_exception_does_not_swallow_a_stop(reporter):
    reporter.stop("enough")
    with pytest.raises(TrialStopped), contextlib.suppress(Exception):
        reporter.broadcast(0.5)


def test_log_writes_a_line_of_anything(reporter):
    reporter.log("epoch 1")
    reporter.log({"loss": 0.5})
    reporter.log("\ud800 half a surrogate pair")
    assert reporter.output().take() == "epoch 1\n{'loss': 0.5}\n? half a surrogate pair\n"


def test_what_is_saved_is_taken_once_and_stays_to_be_read():
    reporter = Reporter()
    assert (reporter.saved, reporter.take_saved()) == (None, None)
    reporter.save(b"first")
    reporter.save(bytearray(b"second"))
    assert (reporter.saved, reporter.take_saved(), reporter.take_saved()) == (b"second", b"second", None)


def test_what_an_earlier_attempt_saved_is_there_and_not_sent_again():
    reporter = Reporter()
    reporter.resume(b"before")
    assert (reporter.saved, reporter.take_saved()) == (b"before", None)


def test_only_bytes_of_bounded_size_are_saved():
    with pytest.raises(TypeError, match=r"save takes bytes, such as pickle\.dumps makes, not a dict"):
        Reporter().save({"epoch": 3})
    with pytest.raises(ValueError, match="save takes at most 8388608 bytes, not 8388609"):
        Reporter().save(bytes(LARGEST_STATE + 1))
