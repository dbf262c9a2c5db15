"""The search that `benchmarks.widget` makes up is one that a view can show."""

from __future__ import annotations

from benchmarks.widget.search import MadeUp
from maggy.core.state import ENDED
from maggy.trial import Trial
from tests.waiting import eventually


def test_it_shows_itself_reports_and_ends():
    made = MadeUp(3, 2)
    assert made.handle.view().children
    made.play(1000, 0.002)
    eventually(lambda: statuses(made).count(Trial.FINALIZED) > 20)
    made.end()
    eventually(lambda: phase(made) == ENDED)


def phase(made: MadeUp) -> str:
    with made.handle.looking() as state:
        return state.phase


def statuses(made: MadeUp) -> list[str]:
    with made.handle.looking() as state:
        return [trial.status for trial in state.trials.values()]
