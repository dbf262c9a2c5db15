"""A trial as users see it."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy import Trial

FINITE = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | st.integers() | FINITE | st.text()


@given(
    st.dictionaries(st.text(), PLAIN | st.lists(PLAIN, max_size=3).map(tuple), max_size=3),
    st.lists(st.floats()),
    st.none() | FINITE,
)
def test_a_trial_comes_back_from_its_json(
    params: dict[str, object], metrics: list[float], final: float | None
) -> None:
    trial = Trial(params, metric_history=metrics, step_history=list(range(len(metrics))), final_metric=final)
    back = Trial.from_json(trial.to_json())
    assert repr(asdict(back)) == repr(asdict(trial))


def test_the_same_point_twice_is_two_trials() -> None:
    one, two = Trial({"x": 1}), Trial({"x": 1})
    assert one.trial_id != two.trial_id
    assert one != two


@pytest.mark.parametrize(
    ("status", "ended", "early_stop"),
    [
        (Trial.PENDING, False, False),
        (Trial.RUNNING, False, False),
        (Trial.STOPPING, False, True),
        (Trial.FINALIZED, True, False),
        (Trial.STOPPED, True, True),
        (Trial.ERROR, True, False),
        (Trial.CANCELLED, True, False),
    ],
)
def test_a_status_tells_whether_the_trial_is_over_and_whether_it_was_stopped(
    status: str, ended: bool, early_stop: bool
) -> None:
    trial = Trial({}, status=status)
    assert (trial.ended, trial.early_stop) == (ended, early_stop)
