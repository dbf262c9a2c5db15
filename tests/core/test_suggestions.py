"""When the optimizer is asked, and what its answers lead to."""

from __future__ import annotations

import math

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.suggestions import IDLE_RETRY
from maggy.trial import Trial

from .world import Play, of_kind


def asks(commands: list[cmd.Command]) -> int:
    return len(of_kind(commands, cmd.Suggest))


def exhaust(play: Play) -> list[cmd.Command]:
    play.asked -= 1
    return play.tell(inp.SuggestionsExhausted())


def test_without_lookahead_the_optimizer_is_asked_when_a_worker_waits() -> None:
    play = Play(num_trials=9)
    assert play.asked == 0
    assert asks(play.join("a")) == 1
    assert asks(play.suggest("t1")) == 0
    assert asks(play.finish("t1")) == 1


def test_with_lookahead_the_optimizer_is_asked_before_a_worker_waits() -> None:
    play = Play(num_trials=9, lookahead=2)
    assert play.asked == 2
    assert asks(play.suggest("t1", "t2")) == 0
    assert asks(play.join("a")) == 1


def test_no_more_is_asked_for_than_num_trials() -> None:
    play = Play("abc", num_trials=2, lookahead=16)
    assert play.asked == 2


def test_an_answer_on_its_way_is_not_asked_for_again() -> None:
    play = Play("a", num_trials=9)
    assert asks(play.tell(inp.TimePassed(), after=9.0)) == 0


def test_an_optimizer_that_has_no_more_ends_the_search_with_its_last_trial() -> None:
    play = Play("ab", num_trials=9)
    play.suggest("t1")
    assert cmd.DismissWorker("b") in exhaust(play)
    play.finish("t1")
    assert play.state.end == ev.ExperimentEnded("finished", "the optimizer gave no more")


def test_an_optimizer_that_has_none_at_all_ends_the_search() -> None:
    play = Play("a")
    exhaust(play)
    assert play.status() == "finished"


def test_an_optimizer_that_fails_fails_the_search_after_the_running_trials() -> None:
    play = Play("ab")
    play.suggest("t1")
    play.tell(inp.SuggestionFailed("Boom"))
    assert play.status() is None
    play.finish("t1")
    assert play.state.end == ev.ExperimentEnded("failed", "Boom")
    assert play.state.best is play.state.trials["t1"]


def test_a_trial_that_is_given_twice_ends_the_suggestions() -> None:
    play = Play("abc", num_trials=3)
    play.suggest("t1", "t1", "t1")
    ends = [r.event for r in play.records if isinstance(r.event, ev.SuggestionsEnded)]
    assert ends == [ev.SuggestionsEnded("the optimizer gave trial t1 twice; make a new Trial")]
    play.finish("t1")
    assert play.status() == "failed"


def test_idle_is_asked_again_when_a_trial_ends() -> None:
    play = Play("ab", num_trials=9)
    play.suggest("t1")
    assert asks(play.idle()) == 0
    assert asks(play.finish("t1")) == 2


def test_idle_is_asked_again_when_a_waiting_trial_is_cancelled() -> None:
    play = Play(num_trials=9, lookahead=2)
    play.suggest("t1")
    play.idle()
    assert asks(play.stop_trial("t1")) == 2


def test_idle_is_asked_again_a_moment_later() -> None:
    play = Play("ab", num_trials=9)
    play.suggest("t1")
    play.idle()
    assert play.machine.deadline() == play.now + IDLE_RETRY
    assert asks(play.pass_time(IDLE_RETRY / 2)) == 0
    assert asks(play.pass_time(IDLE_RETRY / 2)) == 1


def test_idle_needs_no_wake_up_where_no_trial_could_be_used() -> None:
    play = Play("ab", num_trials=9)
    play.suggest("t1")
    play.idle()
    play.lose("b")
    assert play.machine.deadline() == math.inf


def test_idle_while_nothing_waits_or_runs_ends_the_search() -> None:
    play = Play("a")
    play.idle()
    assert play.status() == "finished"


def test_idle_to_every_one_of_several_questions_ends_the_search() -> None:
    play = Play("ab")
    assert asks(play.idle()) == 0, "else two questions chase each other for ever"
    assert asks(play.pass_time(IDLE_RETRY)) == 0, "the same where the optimizer is slow"
    play.idle()
    assert play.status() == "finished"


def test_idle_before_the_first_trial_is_asked_again_a_moment_after_it() -> None:
    play = Play("ab", num_trials=9)
    play.idle()
    play.suggest("t1")
    assert asks(play.pass_time(IDLE_RETRY)) == 1


def test_idle_that_crossed_a_trials_end_is_asked_again_at_once() -> None:
    play = Play("ab", num_trials=2)
    play.suggest("t1")
    play.finish("t1")  # the optimizer is still busy with the question that worker b led to
    assert asks(play.idle()) == 1
    assert play.status() is None
    play.suggest("t2")
    assert play.statuses()["t2"] == Trial.RUNNING


def test_idle_that_knows_of_the_last_trials_end_ends_the_search() -> None:
    play = Play("a", num_trials=2)
    play.suggest("t1")
    play.finish("t1")
    assert asks(play.idle()) == 0
    assert play.status() == "finished"


def test_an_idle_that_crossed_the_end_of_the_last_trial_waits_for_a_worker() -> None:
    play = Play("ab", num_trials=2)
    play.suggest("t1")
    play.finish("t1")
    play.lose("a")
    play.lose("b")
    play.idle()
    assert play.status() is None
    assert asks(play.join("c")) == 1


def test_a_trial_suggested_after_the_stop_is_not_taken_on() -> None:
    play = Play("ab")
    play.suggest("t1")
    play.stop()
    play.suggest("t2")
    assert list(play.state.trials) == ["t1"]


def test_a_trial_that_was_on_its_way_when_the_suggestions_ended_still_runs() -> None:
    play = Play("abc", num_trials=3)
    play.suggest("t1")
    exhaust(play)
    play.suggest("t2")
    assert cmd.RunTrial("a", "t2", 2, 1, {"x": 0.5}) in play.finish("t1")
