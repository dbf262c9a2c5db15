"""Stops: by the rule, by a person, and of the whole experiment."""

from __future__ import annotations

import math

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.trial import Trial

from .world import Play, of_kind


def busy(**settings: object) -> Play:
    """Workers a and b run t1 and t2."""
    play = Play("ab", **{"num_trials": 3, "es_min": 0, **settings})
    play.suggest("t1", "t2")
    return play


def asks_rule(commands: list[cmd.Command]) -> bool:
    return bool(of_kind(commands, cmd.CheckEarlyStop))


# The rule.


def test_the_rule_is_asked_when_its_interval_has_passed() -> None:
    play = busy(es_interval=10.0)
    assert not asks_rule(play.metrics("t1", 0.5))
    assert play.machine.deadline() == 110.0
    assert asks_rule(play.pass_time(10.0))


def test_the_rule_is_not_asked_while_there_are_no_news() -> None:
    play = busy(es_interval=10.0)
    assert not asks_rule(play.pass_time(11.0))
    assert play.machine.deadline() == math.inf
    assert asks_rule(play.metrics("t1", 0.5))


def test_the_rule_is_not_asked_while_nothing_runs() -> None:
    play = busy(es_interval=10.0)
    play.metrics("t1", 0.5)
    play.finish("t1")
    play.finish("t2")
    assert not asks_rule(play.pass_time(11.0))
    assert play.machine.deadline() == math.inf


def test_the_rule_is_not_asked_about_a_stopped_experiment() -> None:
    play = busy(es_interval=0.0)
    play.stop()
    assert not asks_rule(play.metrics("t1", 0.5))


def test_an_interval_of_zero_asks_at_every_heartbeat_that_finds_the_rule_free() -> None:
    play = busy(es_interval=0.0)
    assert asks_rule(play.metrics("t1", 0.5))
    assert not asks_rule(play.metrics("t1", 0.6))
    assert asks_rule(play.advise()), "there was news meanwhile"
    assert not asks_rule(play.advise())
    assert asks_rule(play.metrics("t1", 0.7))


def test_the_rule_is_asked_once_es_min_trials_have_ended() -> None:
    play = busy(es_interval=0.0, es_min=1)
    assert not asks_rule(play.metrics("t1", 0.5))
    assert asks_rule(play.finish("t2"))


def test_without_a_rule_nobody_is_asked() -> None:
    play = busy(es_interval=0.0, es_policy="none")
    assert not asks_rule(play.metrics("t1", 0.5))


def test_a_trial_stops_as_the_rule_advises() -> None:
    play = busy(es_interval=0.0)
    play.metrics("t1", 0.5)
    assert play.advise("t1") == [cmd.StopTrial("a", "t1", 1, "hopeless")]
    play.halt("t1")
    trial = play.state.trials["t1"]
    assert (trial.status, trial.stop_by, trial.stop_reason) == (Trial.STOPPED, "rule", "hopeless")
    assert trial.final_metric == 0.5


def test_advice_about_other_attempts_and_unknown_or_waiting_trials_is_passed_over() -> None:
    play = busy(es_interval=0.0)
    play.lose("b")  # t2 waits for its second attempt
    stale = [inp.StopAdvice("t1", 2, ""), inp.StopAdvice("t9", 1, ""), inp.StopAdvice("t2", 1, "")]
    assert play.tell(inp.EarlyStopChecked(tuple(stale))) == []
    assert play.statuses() == {"t1": Trial.RUNNING, "t2": Trial.PENDING}


def test_a_rule_that_raises_is_switched_off_and_the_search_goes_on() -> None:
    play = busy(es_interval=0.0)
    play.metrics("t1", 0.5)
    play.tell(inp.EarlyStopFailed("Boom"))
    assert play.state.rule_error == "Boom"
    assert not asks_rule(play.metrics("t1", 0.6))
    assert play.statuses()["t1"] == Trial.RUNNING


# A person.


def test_a_person_stops_a_running_trial_once() -> None:
    play = busy()
    assert play.stop_trial("t1") == [cmd.StopTrial("a", "t1", 1, "enough")]
    assert play.stop_trial("t1") == []
    play.halt("t1")
    assert play.state.trials["t1"].stop_by == "person"


def test_a_person_takes_a_waiting_trial_out_of_the_queue() -> None:
    play = busy()
    play.lose("b")
    play.stop_trial("t2")
    assert play.statuses()["t2"] == Trial.CANCELLED


def test_a_stop_of_an_unknown_or_ended_trial_changes_nothing() -> None:
    play = busy()
    play.finish("t1")
    assert play.stop_trial("t1") == play.stop_trial("t9") == []
    assert play.state.trials["t1"].status == Trial.FINALIZED


def test_a_trial_may_end_by_itself_before_it_hears_of_its_stop() -> None:
    play = busy()
    play.stop_trial("t1")
    play.metrics("t1", 0.5)
    play.finish("t1", 0.75)
    assert play.state.trials["t1"].final_metric == 0.75


def test_a_trial_that_was_told_to_stop_and_loses_its_worker_is_stopped() -> None:
    play = busy()
    play.stop_trial("t1")
    play.lose("a")
    assert play.statuses()["t1"] == Trial.STOPPED


def test_a_trial_that_stops_without_being_told_has_failed() -> None:
    play = busy()
    play.halt("t1")
    assert play.state.trials["t1"].error == "the training function stopped without being told to"


# The experiment.


def test_a_stopped_experiment_tells_its_trials_cancels_the_waiting_and_ends_with_the_last() -> None:
    play = Play("ab", num_trials=9, lookahead=1)
    play.suggest("t1", "t2", "t3")
    stops = of_kind(play.stop(), cmd.StopTrial)
    assert [c.trial for c in stops] == ["t1", "t2"]
    assert play.statuses()["t3"] == Trial.CANCELLED
    assert cmd.DismissWorker("a") in play.halt("t1")
    assert play.status() is None
    play.finish("t2")
    assert play.state.end == ev.ExperimentEnded("stopped", "enough")


def test_an_experiment_is_stopped_once() -> None:
    play = busy()
    play.stop()
    assert play.tell(inp.StopRequested("again")) == []
    assert play.state.stopping == ev.ExperimentStopping("enough", failed=False)


def test_an_experiment_without_open_trials_stops_at_once() -> None:
    play = Play("a")
    assert cmd.DismissWorker("a") in play.stop()
    assert play.status() == "stopped"


def test_a_worker_that_joins_a_stopped_experiment_is_dismissed() -> None:
    play = busy()
    play.stop()
    assert play.join("c") == [cmd.DismissWorker("c")]


def test_trials_that_do_not_heed_the_stop_are_given_up_after_the_grace_period() -> None:
    play = busy(grace=5.0)
    play.metrics("t1", 0.5)
    play.stop()
    play.halt("t2")
    assert play.machine.deadline() == play.now + 5.0
    play.pass_time(4.0)
    assert play.status() is None
    play.pass_time(1.0)
    assert play.status() == "stopped"
    assert play.state.trials["t1"].final_metric == 0.5
    assert play.state.workers == {}


def test_only_the_trials_that_still_run_are_given_up() -> None:
    play = busy(grace=0.0)
    play.finish("t1")
    play.stop()  # worker a is dismissed, b does not answer
    play.pass_time(0.0)
    assert play.statuses() == {"t1": Trial.FINALIZED, "t2": Trial.STOPPED}


def test_an_experiment_without_workers_fails() -> None:
    play = Play(lookahead=1)
    play.suggest("t1")
    play.tell(inp.WorkersFailed("no Python"))
    assert play.state.end == ev.ExperimentEnded("failed", "no Python")
    assert play.statuses() == {"t1": Trial.CANCELLED}
