"""The transition tables, exhaustively: what they list works, what they do not list changes nothing."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from maggy.core import events as ev
from maggy.core.state import ENDED, NEW, PHASES, RUNNING, STOPPING, TRIALS, State
from maggy.exceptions import IllegalTransition
from maggy.trial import Trial

from .world import SETTINGS, contents

# How a trial t on a worker w gets into each status.
TO_STATUS: dict[str, list[ev.Event]] = {
    Trial.PENDING: [],
    Trial.RUNNING: [ev.TrialStarted("t", 1, "w")],
    Trial.STOPPING: [ev.TrialStarted("t", 1, "w"), ev.TrialStopDecided("t", "person", "enough", None)],
    Trial.FINALIZED: [ev.TrialStarted("t", 1, "w"), ev.TrialFinished("t", 0.5)],
    Trial.STOPPED: [
        ev.TrialStarted("t", 1, "w"),
        ev.TrialStopDecided("t", "person", "enough", None),
        ev.TrialStopped("t"),
    ],
    Trial.ERROR: [ev.TrialStarted("t", 1, "w"), ev.TrialFailed("t", "Boom", "")],
    Trial.CANCELLED: [ev.TrialCancelled("t")],
}
TO_PHASE: dict[str, list[ev.Event]] = {
    NEW: [],
    RUNNING: [SETTINGS],
    STOPPING: [SETTINGS, ev.ExperimentStopping("enough", failed=False)],
    ENDED: [SETTINGS, ev.ExperimentEnded("finished", "")],
}
RESUMED = ev.ExperimentResumed("Grid", 9, "none", 1.0, 2, 3, 4)
TRIAL_EVENTS: list[Any] = [
    ev.TrialStarted("t", 1, "v"),
    ev.TrialProgressed("t", (5,), (0.5,)),
    ev.TrialStopDecided("t", "rule", "hopeless", None),
    ev.TrialStopped("t"),
    ev.TrialFinished("t", 0.5),
    ev.TrialFailed("t", "Boom", ""),
    ev.TrialRequeued("t", "died"),
    ev.TrialCancelled("t"),
]
PHASE_EVENTS: list[Any] = [
    SETTINGS,
    RESUMED,
    ev.ExperimentStopping("enough", failed=True),
    ev.ExperimentEnded("finished", ""),
]
OTHER_EVENTS: list[Any] = [
    ev.WorkerJoined("w", 1, "host", 1),
    ev.WorkerLeft("w", "died"),
    ev.TrialCreated("t", 1, {}, "optimizer"),
    ev.SuggestionsEnded(None),
    ev.TrialsAdded(5),
    ev.ThresholdsChanged((1, 2), (0.5, 0.75)),
    ev.EarlyStopDisabled("Boom"),
]


def fold(events: list[ev.Event]) -> State:
    return State(ev.Record(n, float(n), event) for n, event in enumerate(events, 1))


def follow(state: State, event: ev.Event) -> None:
    state.apply(ev.Record(state.number + 1, 99.0, event))


def with_trial(status: str) -> State:
    """A running experiment with workers v (idle) and w, and a trial in this status."""
    world = [SETTINGS, ev.WorkerJoined("w", 1, "host", 1), ev.WorkerJoined("v", 2, "host", 2)]
    return fold([*world, ev.TrialCreated("t", 1, {"x": 0.5}, "optimizer"), *TO_STATUS[status]])


def refuses(state: State, event: ev.Event) -> None:
    before = copy.deepcopy(contents(state))
    with pytest.raises(IllegalTransition):
        follow(state, event)
    assert contents(state) == before


def event_name(event: ev.Event) -> str:
    return type(event).__name__


def test_every_status_phase_and_event_is_tried() -> None:
    assert TO_STATUS.keys() == TRIALS.keys()
    assert TO_PHASE.keys() == PHASES.keys()
    tried = {type(e) for e in [*TRIAL_EVENTS, *PHASE_EVENTS, *OTHER_EVENTS]}
    assert tried == set(ev.Event.__args__)


@pytest.mark.parametrize("event", TRIAL_EVENTS, ids=event_name)
@pytest.mark.parametrize("status", TRIALS)
def test_a_trial_moves_as_the_table_says_and_not_otherwise(status: str, event: Any) -> None:
    state = with_trial(status)
    if type(event) in TRIALS[status]:
        follow(state, event)
        state.validate()
        assert state.trials["t"].status == TRIALS[status][type(event)]
    else:
        refuses(state, event)


@pytest.mark.parametrize("event", PHASE_EVENTS, ids=event_name)
@pytest.mark.parametrize("phase", PHASES)
def test_an_experiment_moves_as_the_table_says_and_not_otherwise(phase: str, event: Any) -> None:
    state = fold(TO_PHASE[phase])
    if type(event) in PHASES[phase]:
        follow(state, event)
        assert state.phase == PHASES[phase][type(event)]
    else:
        refuses(state, event)


@pytest.mark.parametrize("event", [*TRIAL_EVENTS, *OTHER_EVENTS], ids=event_name)
@pytest.mark.parametrize("phase", [NEW, ENDED])
def test_nothing_happens_before_the_start_or_after_the_end(phase: str, event: Any) -> None:
    refuses(fold(TO_PHASE[phase]), event)


@pytest.mark.parametrize("event", TRIAL_EVENTS, ids=event_name)
def test_an_unknown_trial_is_refused(event: Any) -> None:
    refuses(fold([SETTINGS, ev.WorkerJoined("v", 2, "host", 1)]), event)


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (Trial.PENDING, ev.TrialStarted("t", 2, "w")),
        (Trial.PENDING, ev.TrialStarted("t", 1, "nobody")),
        (Trial.PENDING, ev.TrialCreated("t", 2, {}, "optimizer")),
        (Trial.PENDING, ev.TrialCreated("u", 3, {}, "optimizer")),
        (Trial.PENDING, ev.WorkerJoined("w", 1, "host", 1)),
        (Trial.PENDING, ev.WorkerLeft("nobody", "died")),
        (Trial.PENDING, ev.ExperimentEnded("finished", "")),
        (Trial.RUNNING, ev.ExperimentEnded("finished", "")),
        (Trial.RUNNING, ev.TrialProgressed("t", (1, 2), (0.5,))),
        (Trial.RUNNING, ev.WorkerLeft("w", "died")),
        (Trial.PENDING, ev.TrialsAdded(1)),
        (Trial.PENDING, replace(RESUMED, num_trials=0)),
        (Trial.PENDING, ev.ThresholdsChanged((1, 2), (0.5,))),
    ],
    ids=[
        "an attempt is skipped",
        "the worker is not there",
        "the trial is there",
        "a number is skipped",
        "the worker is there",
        "the worker is not there",
        "a trial waits",
        "a trial runs",
        "a step lacks its value",
        "the worker runs a trial",
        "there are as many trials already",
        "there are more trials already",
        "a step lacks its threshold",
    ],
)
def test_an_event_that_contradicts_the_state_is_refused(status: str, event: ev.Event) -> None:
    refuses(with_trial(status), event)


def test_a_busy_worker_takes_no_second_trial() -> None:
    state = with_trial(Trial.RUNNING)
    follow(state, ev.TrialCreated("u", 2, {}, "optimizer"))
    refuses(state, ev.TrialStarted("u", 1, "w"))


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_record_out_of_order_is_refused(number: int) -> None:
    state = fold([SETTINGS])
    before = contents(state)
    with pytest.raises(IllegalTransition):
        state.apply(ev.Record(number, 1.0, ev.SuggestionsEnded(None)))
    assert contents(state) == before


@pytest.mark.parametrize(
    ("history", "expected"),
    [((), None), ((0.1, 0.7), 0.7), ((0.1, float("nan")), None), ((0.1, float("inf")), None)],
)
def test_a_stopped_trial_counts_with_its_last_metric_if_finite(
    history: tuple[float, ...], expected: float | None
) -> None:
    state = with_trial(Trial.STOPPING)
    follow(state, ev.TrialProgressed("t", tuple(range(len(history))), history))
    follow(state, ev.TrialStopped("t"))
    state.validate()
    assert state.trials["t"].final_metric == expected
    assert (state.best is None) == (expected is None)


def test_a_trial_has_params_of_its_own() -> None:
    created = ev.TrialCreated("t", 1, {"x": 0.5}, "optimizer")
    fold([SETTINGS, created]).trials["t"].params["x"] = 7
    assert created.params == {"x": 0.5}
