"""The short story leads to the same state as the long one."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from maggy.core import events as ev
from maggy.core.compact import compact
from maggy.core.state import State
from tests.simulation.simulator import Simulation

from .lively import Lively
from .world import Play, contents


def check(state: State) -> list[ev.Record]:
    """The short story, which leads where it should."""
    records = compact(state)
    told = State(records)
    told.validate()
    assert {**contents(told), "number": state.number} == contents(state)
    return records


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_a_short_story_leads_to_the_same_state(seed: int) -> None:
    lively = Lively(seed)
    for step in range(120):
        lively.step()
        if step % 10 == 0 or not lively.play.state.open_trials():
            check(lively.play.state)


def test_nothing_happened_yet() -> None:
    assert compact(State()) == []


def test_a_search_of_workers_that_die_is_told_in_a_fraction_of_its_events() -> None:
    found = Simulation(trials=200, lifetime=60.0).run()
    records = check(State(found.records))
    assert 5 * len(records) < len(found.records)


def test_each_trial_that_just_ran_takes_four_records() -> None:
    play = Play("ab", num_trials=3)
    play.suggest("t1", "t2")
    for trial in ("t1", "t2"):
        for _ in range(10):
            play.metrics(trial, 0.5)
        play.finish(trial)
    assert len(check(play.state)) == 1 + 2 + 2 * 4


def test_the_first_of_equals_stays_the_best() -> None:
    play = Play("ab", num_trials=3)
    play.suggest("t1", "t2")
    play.finish("t2", 0.5)
    play.finish("t1", 0.5)
    check(play.state)
    assert play.state.best is play.state.trials["t2"]


TIMES = st.floats(0.0, 1e12)


@settings(max_examples=500)
@given(TIMES, TIMES)
@example(0.1, 0.8)
@example(1_795_000_000.123, 1_795_000_003.7)
def test_times_come_back_to_the_last_bit(start: float, later: float) -> None:
    play = Play("a", num_trials=1)
    play.now = start
    play.suggest("t1")
    play.now += later
    play.finish("t1")
    check(play.state)


def test_idle_workers_stay_in_line() -> None:
    play = Play("a", num_trials=9)
    play.suggest("t1")
    play.finish("t1")
    play.join("b")
    assert list(play.state.idle) == ["a", "b"]
    check(play.state)
