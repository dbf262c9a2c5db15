"""Trials that a person adds while the search runs, and what the stopping rule compares trials with."""

from __future__ import annotations

import pytest

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.trial import Trial

from .test_suggestions import asks, exhaust
from .world import Play, of_kind


def add(play: Play, count: int) -> list[cmd.Command]:
    return play.tell(inp.MoreTrialsRequested(count))


def enqueue(play: Play, trial: str) -> list[cmd.Command]:
    return play.tell(inp.TrialEnqueued(trial, {"x": 0.25}))


def test_more_trials_are_asked_for_and_run() -> None:
    play = Play("a", num_trials=1)
    play.suggest("t1")
    commands = add(play, 2)
    assert play.state.num_trials == 3
    assert of_kind(commands, cmd.WantWorkers) == [cmd.WantWorkers(3)]
    assert asks(play.finish("t1")) == 1
    for trial in ("t2", "t3"):
        assert play.status() is None
        play.suggest(trial)
        play.finish(trial)
    assert play.status() == "finished"


def test_workers_that_were_sent_away_are_wanted_again() -> None:
    play = Play("ab", num_trials=2)
    play.suggest("t1", "t2")
    assert cmd.DismissWorker("b") in play.finish("t2")
    assert cmd.WantWorkers(3) in add(play, 2)


def test_an_optimizer_that_had_no_more_is_asked_again() -> None:
    play = Play("ab", num_trials=9)
    play.suggest("t1")
    exhaust(play)
    assert (play.state.dry, play.state.total()) == (True, 1)
    add(play, 2)
    assert (play.state.dry, play.state.total()) == (False, 3), "two more than a person saw to be planned"
    assert asks(play.join("c")) == 1
    play.suggest("t2")
    play.finish("t1")
    exhaust(play)
    play.finish("t2")
    assert play.state.end == ev.ExperimentEnded("finished", "the optimizer gave no more")


def test_an_optimizer_that_is_idle_is_asked_at_once() -> None:
    play = Play("ab", num_trials=2)
    play.suggest("t1")
    play.idle()
    assert asks(add(play, 1)) == 1


def test_an_optimizer_that_failed_is_not_asked_again() -> None:
    play = Play("ab", num_trials=9)
    play.suggest("t1")
    play.tell(inp.SuggestionFailed("Boom"))
    assert add(play, 2) == []
    enqueue(play, "p1")
    assert (play.state.num_trials, play.state.dry_reason) == (2, "Boom")
    play.finish("t1")
    play.finish("p1")
    assert play.state.end == ev.ExperimentEnded("failed", "Boom")


def test_suggestions_on_their_way_when_the_optimizer_had_no_more_are_counted() -> None:
    play = Play("abc", num_trials=3)
    play.suggest("t1")
    exhaust(play)
    add(play, 1)
    assert play.state.num_trials == 3
    play.suggest("t2")  # was on its way
    assert play.state.to_create() == 1


def test_a_trial_that_a_person_asks_for_is_the_next_and_comes_in_addition() -> None:
    play = Play("a", num_trials=3, lookahead=2)
    play.suggest("t1", "t2", "t3")
    enqueue(play, "p1")
    assert (play.state.num_trials, list(play.state.pending)) == (4, ["p1", "t2", "t3"])
    assert cmd.RunTrial("a", "p1", 4, 1, {"x": 0.25}) in play.finish("t1")
    assert play.state.trials["p1"].created_by == "person"
    assert play.state.trials["t1"].created_by == "optimizer"


def test_a_trial_that_a_person_asks_for_runs_though_the_optimizer_has_no_more() -> None:
    play = Play("ab", num_trials=9)
    play.suggest("t1")
    exhaust(play)
    commands = enqueue(play, "p1")
    assert asks(commands) == 0
    assert (play.state.total(), play.state.to_create()) == (2, 0)
    play.finish("t1")
    play.finish("p1")
    assert play.status() == "finished"


def test_a_trial_that_is_there_is_not_enqueued_again() -> None:
    play = Play("a", num_trials=2)
    play.suggest("t1")
    assert enqueue(play, "t1") == []
    assert play.state.num_trials == 2


@pytest.mark.parametrize("phase", ["STOPPING", "ENDED"])
def test_nothing_is_added_after_the_stop(phase: str) -> None:
    play = Play("a", num_trials=3)
    play.suggest("t1")
    play.stop()
    if phase == "ENDED":
        play.halt("t1")
    before = list(play.records)
    assert add(play, 1) == enqueue(play, "p1") == []
    assert (play.state.phase, play.records) == (phase, before)


def busy() -> Play:
    play = Play("ab", num_trials=9, es_min=0, es_interval=0.0)
    play.suggest("t1", "t2")
    return play


def check(play: Play, *values: float) -> list[ev.Event]:
    before = len(play.records)
    play.tell(inp.EarlyStopChecked((), tuple(range(len(values))), values))
    return [r.event for r in play.records[before:]]


def test_the_rule_is_asked_for_its_thresholds_once_a_second() -> None:
    play = busy()
    asked = []
    for _ in range(5):
        asked += of_kind(play.metrics("t1", 0.5), cmd.CheckEarlyStop)
        check(play)
        play.now += 0.4
    assert [c.thresholds for c in asked] == [True, False, False, True, False]


def test_thresholds_are_told_where_they_changed() -> None:
    play = busy()
    play.metrics("t1", 0.5)
    assert check(play, 0.1, 0.2) == [ev.ThresholdsChanged((0, 1), (0.1, 0.2))]
    play.metrics("t1", 0.5)
    assert check(play, 0.1, 0.2) == []
    play.metrics("t1", 0.5)
    assert check(play) == [], "none told is not none there"
    assert play.state.thresholds == ev.ThresholdsChanged((0, 1), (0.1, 0.2))


def test_a_trial_stopped_by_the_rule_knows_the_threshold() -> None:
    play = busy()
    play.metrics("t1", 0.5)
    play.tell(inp.EarlyStopChecked((inp.StopAdvice("t1", 1, "hopeless", 0.75),)))
    play.stop_trial("t2")
    levels = {t.trial_id: t.stop_level for t in play.state.trials.values()}
    assert levels == {"t1": 0.75, "t2": None}
    play.halt("t1")
    assert play.state.trials["t1"].status == Trial.STOPPED
    assert play.state.stops == {"rule": 1}


def test_workers_are_numbered_as_they_come_and_known_after_they_left() -> None:
    play = Play("ab", num_trials=9)
    play.lose("a")
    play.join("c")
    assert {name: w.number for name, w in play.state.workers.items()} == {"b": 2, "c": 3}
    assert {name: w.number for name, w in play.state.gone.items()} == {"a": 1}
