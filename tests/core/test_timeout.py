"""The time that a trial may take."""

from __future__ import annotations

import math

from maggy.core import commands as cmd
from maggy.core import inputs as inp

from .world import Play, of_kind


def test_a_trial_has_its_time_and_no_more() -> None:
    play = Play("ab", num_trials=3, trial_timeout=10.0, max_failures=9)
    play.suggest("t1")
    play.pass_time(6.0)
    play.suggest("t2")
    assert play.machine.deadline() == play.now + 4.0
    commands = play.pass_time(4.0)
    assert of_kind(commands, cmd.DropWorker) == [cmd.DropWorker("a")]
    assert play.state.trials["t1"].error == "ran longer than trial_timeout=10 seconds"
    assert play.statuses() == {"t1": "ERROR", "t2": "RUNNING"}
    assert list(play.state.workers) == ["b"]
    assert play.machine.deadline() == play.now + 6.0


def test_late_words_and_the_lost_worker_change_nothing() -> None:
    play = Play("a", num_trials=2, trial_timeout=1.0, max_failures=9)
    play.suggest("t1")
    play.pass_time(1.0)
    before = play.state.number
    play.tell(inp.TrialReturned("a", "t1", 1, 1.0))
    play.lose("a")
    assert play.state.number == before
    play.join("b")
    play.suggest("t2")
    play.finish("t2")
    assert play.status() == "finished"


def test_a_trial_that_was_told_to_stop_may_not_take_longer() -> None:
    play = Play("a", num_trials=1, trial_timeout=5.0, max_failures=9)
    play.suggest("t1")
    play.stop_trial("t1")
    play.pass_time(5.0)
    assert play.statuses() == {"t1": "ERROR"}


def test_without_a_limit_nothing_is_due() -> None:
    play = Play("a", num_trials=1, es_policy="none")
    play.suggest("t1")
    assert play.machine.deadline() == math.inf
