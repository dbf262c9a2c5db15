"""How trials meet workers, and what becomes of them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.machine import Machine
from maggy.trial import Trial

from .world import SETTINGS, Play, of_kind


def running(*trials: str, **settings: object) -> Play:
    """As many workers a, b, ... as trials, each running one."""
    play = Play("abcdef"[: len(trials)], **{"num_trials": len(trials), **settings})
    play.suggest(*trials)
    return play


def test_the_next_trial_goes_out_with_the_answer_to_the_last() -> None:
    play = Play("a", lookahead=1)
    play.suggest("t1", "t2")
    assert play.finish("t1") == [cmd.RunTrial("a", "t2", 2, 1, {"x": 0.5}), cmd.WantWorkers(1)]


def test_the_worker_idle_longest_gets_the_trial_waiting_longest() -> None:
    play = Play(num_trials=3, lookahead=3)
    play.suggest("t1", "t2", "t3")
    commands = play.join("a") + play.join("b")
    assert [(c.worker, c.trial) for c in of_kind(commands, cmd.RunTrial)] == [("a", "t1"), ("b", "t2")]


def test_the_experiment_ends_when_all_trials_have() -> None:
    play = running("t1", "t2")
    play.finish("t1", 0.25)
    play.finish("t2", 0.75)
    assert play.status() == "finished"
    assert play.state.best is play.state.trials["t2"]


def test_the_lowest_metric_is_best_where_the_direction_is_min() -> None:
    play = running("t1", "t2", direction="min")
    play.finish("t1", 0.25)
    play.finish("t2", 0.75)
    assert play.state.best is play.state.trials["t1"]


def test_a_trial_lasts_from_its_last_start_to_its_end() -> None:
    play = running("t1")
    play.now += 4.0
    play.lose("a")
    play.join("b")
    play.now += 7.0
    play.finish("t1")
    assert (play.state.trials["t1"].start, play.state.trials["t1"].duration) == (104.0, 7.0)


def test_a_failed_trial_is_kept_and_the_search_goes_on() -> None:
    play = running("t1", "t2")
    play.fail("t1")
    assert (play.state.trials["t1"].error, play.state.trials["t1"].traceback) == ("Boom", "a traceback")
    play.finish("t2")
    assert play.status() == "finished"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_result_that_is_no_finite_number_fails_the_trial(value: float) -> None:
    play = running("t1", "t2")
    play.finish("t1", value)
    assert play.state.trials["t1"].status == Trial.ERROR
    assert str(value) in (play.state.trials["t1"].error or "")


def test_too_many_failures_stop_the_experiment() -> None:
    play = running("t1", "t2", "t3", max_failures=1)
    assert not of_kind(play.fail("t1"), cmd.StopTrial)
    assert [c.trial for c in of_kind(play.fail("t2"), cmd.StopTrial)] == ["t3"]
    play.halt("t3")
    assert play.state.end == ev.ExperimentEnded("failed", "2 of 3 trials failed (max_failures=1)")


def test_the_last_trial_can_be_the_one_failure_too_many() -> None:
    play = running("t1", max_failures=0)
    play.fail("t1")
    assert play.status() == "failed"


def test_a_lost_workers_trial_runs_again_before_those_that_wait() -> None:
    play = Play("ab", num_trials=3, lookahead=1)
    play.suggest("t1", "t2", "t3")
    play.metrics("t1", 0.1)
    play.lose("a")
    assert play.state.trials["t1"].metric_history == []
    assert play.finish("t2")[0] == cmd.RunTrial("b", "t1", 1, 2, {"x": 0.5})


def test_a_trial_that_loses_worker_after_worker_fails() -> None:
    play = running("t1", "t2", max_attempts=2)
    play.lose("a")
    play.join("c")
    play.lose("c")
    assert play.state.trials["t1"].error == "its worker was lost 2 times, the last time: died"


def test_a_lost_worker_may_be_replaced_although_no_trials_are_to_come() -> None:
    play = running("t1", "t2")
    play.finish("t1")
    play.lose("b")
    assert play.status() is None
    assert play.join("c")[0] == cmd.RunTrial("c", "t2", 2, 2, {"x": 0.5})


def test_words_from_a_lost_attempt_are_passed_over() -> None:
    play = running("t1", "t2")
    late = [
        inp.MetricsArrived("a", "t1", 1, (0,), (0.5,)),
        inp.TrialReturned("a", "t1", 1, 0.5),
        inp.TrialRaised("a", "t1", 1, "Boom", ""),
        inp.TrialHalted("a", "t1", 1),
        inp.WorkerLost("a", "died"),
    ]
    play.lose("a")
    play.join("c")  # runs the second attempt
    known = len(play.records)
    for happened in late:
        assert play.tell(happened) == []
    assert len(play.records) == known


@pytest.mark.parametrize(
    ("worker", "trial", "attempt"), [("b", "t1", 1), ("a", "t2", 1), ("a", "t1", 2), ("z", "t1", 1)]
)
def test_a_worker_speaks_for_its_own_trial_and_attempt_only(worker: str, trial: str, attempt: int) -> None:
    play = running("t1", "t2")
    play.tell(inp.TrialReturned(worker, trial, attempt, 9.0))
    assert set(play.statuses().values()) == {Trial.RUNNING}


def test_the_same_answer_twice_is_one_answer() -> None:
    play = running("t1", "t2")
    play.finish("t1", 0.5)
    play.tell(inp.TrialReturned("a", "t1", 1, 9.0))
    assert play.state.trials["t1"].final_metric == 0.5


def test_a_worker_that_connects_twice_is_one_worker() -> None:
    play = Play("a")
    play.join("a")
    assert list(play.state.workers) == ["a"]


@pytest.mark.parametrize(("steps", "values"), [((), ()), ((1, 2), (0.5,))])
def test_metrics_without_their_steps_are_passed_over(steps: Any, values: Any) -> None:
    play = running("t1")
    known = len(play.records)
    play.tell(inp.MetricsArrived("a", "t1", 1, steps, values))
    assert len(play.records) == known


@pytest.mark.parametrize(
    ("word", "status"),
    [
        (inp.TrialReturned("a", "t1", 1, 0.5, (0,), (0.25,)), Trial.FINALIZED),
        (inp.TrialRaised("a", "t1", 1, "Boom", "", (0,), (0.25,)), Trial.ERROR),
        (inp.TrialHalted("a", "t1", 1, (0,), (0.25,)), Trial.STOPPED),
    ],
)
def test_the_last_metrics_come_with_the_last_word(word: inp.Input, status: str) -> None:
    play = running("t1", "t2")
    play.stop_trial("t1")
    play.tell(word)
    trial = play.state.trials["t1"]
    assert (trial.step_history, trial.metric_history, trial.status) == ([0], [0.25], status)


def test_a_worker_is_dismissed_when_no_trial_waits_or_is_to_come() -> None:
    play = running("t1", "t2")
    assert cmd.DismissWorker("a") in play.finish("t1")
    assert list(play.state.workers) == ["b"]


def test_a_worker_waits_while_trials_are_to_come() -> None:
    play = running("t1", num_trials=2)
    assert not of_kind(play.finish("t1"), cmd.DismissWorker)


def test_as_many_workers_are_wanted_as_trials_may_run_side_by_side() -> None:
    play = Play("abc", num_trials=2)
    wanted = [play.finish(t) for t in ("t1", "t2") if play.suggest(t) is not None]
    assert [of_kind(commands, cmd.WantWorkers) for commands in wanted] == [
        [cmd.WantWorkers(1)],
        [cmd.WantWorkers(0)],
    ]


@pytest.mark.parametrize(
    "late",
    [
        inp.WorkerConnected("b", "host", 1),
        inp.TrialReturned("b", "t1", 1, 0.5),
        inp.TrialRaised("b", "t1", 1, "Boom", ""),
        inp.TrialHalted("b", "t1", 1),
    ],
)
def test_a_worker_that_comes_after_the_end_may_go_at_once(late: inp.Input) -> None:
    play = running("t1")
    play.finish("t1")
    known = len(play.records)
    assert play.tell(late) == [cmd.DismissWorker("b")]
    assert len(play.records) == known


def test_nothing_else_happens_after_the_end() -> None:
    play = running("t1")
    play.finish("t1")
    assert play.tell(inp.StopRequested("enough")) == []
    assert play.tell(inp.WorkerLost("a", "died")) == []
    assert play.machine.deadline() == math.inf


@pytest.mark.parametrize(
    "early",
    [inp.WorkerConnected("a", "host", 1), inp.EarlyStopFailed("Boom"), inp.SuggestionFailed("Boom")],
)
def test_nothing_happens_before_the_launch(early: inp.Input) -> None:
    machine = Machine(SETTINGS)
    assert machine.handle(early, 1.0).records == []
    assert machine.deadline() == math.inf


def test_an_experiment_is_launched_once() -> None:
    play = Play()
    assert play.tell(inp.ExperimentLaunched()) == []
    assert len(play.records) == 1
