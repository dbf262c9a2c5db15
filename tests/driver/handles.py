"""How a search stands that a test has a handle of."""

from __future__ import annotations

from collections.abc import Sequence

from maggy.core import events as ev
from maggy.core.state import State
from tests.waiting import eventually


def state(handle) -> State:
    return State(handle.snapshot()[1])


def statuses(handle) -> list[str]:
    return [t.status for t in state(handle).trials.values()]


def running(handle, count: int = 2) -> None:
    """Waits until so many trials run and have told of it."""
    eventually(lambda: sum(bool(t.metric_history) for t in state(handle).trials.values()) >= count, 20)


def cut_off(handle) -> None:
    """The driver dies, and nothing more is written."""
    handle.give_up()
    eventually(lambda: handle.done)


def finished(records: Sequence[ev.Record]) -> list[str]:
    """The trials that finished, as often as they did."""
    return [r.event.trial for r in records if isinstance(r.event, ev.TrialFinished)]
