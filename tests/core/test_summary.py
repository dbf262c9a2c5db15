"""The result, read off the state."""

from __future__ import annotations

import pytest

from maggy.core.state import State
from maggy.core.summary import result, stopped_by, worst

from .world import Play


def ended(direction: str = "max") -> Play:
    """Three metrics, one of an early-stopped trial; a failure; a trial that never ran."""
    play = Play("abcd", num_trials=5, lookahead=1, es_interval=0.0, direction=direction)
    play.suggest("t1", "t2", "t3", "t4", "t5")
    play.finish("t1", 0.5)  # and worker a takes t5
    play.metrics("t2", 0.25)
    play.advise("t2")
    play.halt("t2")
    play.fail("t3")
    play.finish("t4", 0.75)
    play.lose("a")
    play.now += 7.0
    play.stop()
    return play


def test_the_result_tells_what_was_found() -> None:
    found = result(ended().state)
    assert {key: found[key] for key in ("best_id", "best_val", "best_hp")} == {
        "best_id": "t4",
        "best_val": 0.75,
        "best_hp": {"x": 0.5},
    }
    assert (found["worst_id"], found["worst_val"], found["worst_hp"]) == ("t2", 0.25, {"x": 0.5})
    assert (found["avg"], found["metric_list"]) == (0.5, [0.5, 0.25, 0.75])
    assert (found["num_trials"], found["early_stopped"], found["failed"]) == (4, 1, 1)
    assert (found["status"], found["duration"], found["experiment_id"]) == ("stopped", 7.0, "e-1")


def test_the_result_tells_what_failed() -> None:
    (error,) = result(ended().state)["errors"]
    assert error == {
        "trial_id": "t3",
        "number": 3,
        "params": {"x": 0.5},
        "error": "Boom",
        "traceback": "a traceback",
    }


def test_best_and_worst_change_places_with_the_direction() -> None:
    found = result(ended("min").state)
    assert (found["best_id"], found["worst_id"]) == ("t2", "t4")


def test_a_zero_is_a_metric_like_any_other() -> None:
    play = Play("a", num_trials=1)
    play.suggest("t1")
    play.finish("t1", 0.0)
    found = result(play.state)
    assert (found["best_val"], found["worst_val"], found["avg"]) == (0.0, 0.0, 0.0)


def test_a_search_without_a_metric_has_no_best() -> None:
    play = Play()
    found = result(play.state)
    assert found["status"] == "running"
    assert [found[key] for key in ("best_id", "worst_id", "avg")] == [None, None, None]
    assert found["duration"] == 0.0


def test_nothing_is_worst_before_the_start() -> None:
    assert worst(State()) is None


@pytest.mark.parametrize(("by", "trials"), [("rule", ["t1"]), ("person", ["t2"]), ("experiment", ["t3"])])
def test_stops_are_told_apart(by: str, trials: list[str]) -> None:
    play = Play("abc", num_trials=3)
    play.suggest("t1", "t2", "t3")
    play.advise("t1")
    play.stop_trial("t2")
    play.stop()
    for trial in ("t1", "t2", "t3"):
        play.halt(trial)
    assert [t.trial_id for t in stopped_by(play.state, by)] == trials
