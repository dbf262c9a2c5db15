"""A search that another driver takes up, from what the one before wrote down."""

from __future__ import annotations

import pytest

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.trial import Trial

from .world import Play, of_kind


def begun() -> Play:
    """t1 is done, t2 and t3 run, t4 waits."""
    play = Play("ab", num_trials=6, lookahead=1, max_failures=9)
    play.suggest("t1", "t2", "t3")
    play.finish("t1", 0.5)
    play.suggest("t4")
    play.metrics("t2", 0.1, 0.2)
    assert play.statuses() == {"t1": "FINALIZED", "t2": "RUNNING", "t3": "RUNNING", "t4": "PENDING"}
    return play


def test_finished_trials_stay_and_running_ones_run_again() -> None:
    play = begun()
    commands = play.resume(lookahead=1)
    assert play.statuses() == {"t1": "FINALIZED", "t2": "PENDING", "t3": "PENDING", "t4": "PENDING"}
    assert play.state.trials["t2"].metric_history == []
    assert not play.state.workers
    assert of_kind(commands, cmd.WantWorkers) == [cmd.WantWorkers(5)]
    [run] = of_kind(play.join("c"), cmd.RunTrial)
    assert run.attempt == 2
    again = of_kind(play.join("d"), cmd.RunTrial) + of_kind(play.join("e"), cmd.RunTrial)
    assert sorted([run.trial, *(a.trial for a in again)]) == ["t2", "t3", "t4"]


def test_words_of_the_attempt_before_are_ignored() -> None:
    play = begun()
    play.resume()
    [run] = of_kind(play.join("a"), cmd.RunTrial)
    play.tell(inp.TrialReturned("a", run.trial, 1, 99.0))
    assert play.state.trials[run.trial].status == Trial.RUNNING
    play.finish(run.trial, 0.25)
    assert play.state.trials[run.trial].final_metric == 0.25


def test_drivers_that_die_are_not_a_trials_fault() -> None:
    play = begun()
    for _ in range(5):
        play.resume()
        play.join("a")
    # It may still lose its worker once, as at the beginning.
    play.lose("a")
    assert play.statuses()["t2"] == "PENDING"
    play.join("a")
    play.lose("a")
    [failed] = [t for t in play.state.trials.values() if t.status == Trial.ERROR]
    assert failed.error == "its worker was lost 2 times, the last time: died"


def test_a_trial_that_was_told_to_stop_keeps_what_it_had() -> None:
    play = begun()
    play.stop_trial("t2")
    play.resume()
    assert play.statuses()["t2"] == "STOPPED"
    assert play.state.trials["t2"].final_metric == 0.2


@pytest.mark.parametrize("end", ["stopped kindly", "out of trials"])
def test_an_experiment_that_was_over_goes_on(end: str) -> None:
    play = begun()
    if end == "stopped kindly":
        play.stop()
        for trial in ("t2", "t3"):
            play.halt(trial)
        assert play.status() == "stopped"
    else:
        play.asked = 0
        play.tell(inp.SuggestionsExhausted())
        for trial in ("t2", "t3", "t4"):
            play.finish(trial)
        assert play.status() == "finished"
    ended = dict(play.statuses())
    play.resume(num_trials=8)
    assert play.status() is None
    assert play.state.stopping is None
    assert play.statuses() == ended
    play.join("c")
    play.suggest("t9")
    assert play.statuses()["t9"] == "RUNNING"


def test_questions_are_asked_anew_with_the_new_settings() -> None:
    play = begun()
    play.tell(inp.EarlyStopFailed("Boom"))
    commands = play.resume(num_trials=10, optimizer="Other", es_policy="Patience", lookahead=0)
    assert not of_kind(commands, cmd.Suggest)  # nobody is idle
    settings = play.state.settings
    assert settings is not None
    assert (settings.optimizer, settings.es_policy, settings.num_trials) == ("Other", "Patience", 10)
    assert settings.experiment == "e-1"
    assert play.state.rule_error is None


def test_where_nothing_is_left_to_do_it_ends_at_once() -> None:
    play = Play("a", num_trials=1)
    play.suggest("t1")
    play.finish("t1")
    play.resume()
    assert play.status() == "finished"
    assert isinstance(play.records[-1].event, ev.ExperimentEnded)
