"""How a search stands that a test has a handle of."""

from __future__ import annotations

from maggy.core.state import State
from tests.waiting import eventually


def state(handle) -> State:
    return State(handle.snapshot()[1])


def statuses(handle) -> list[str]:
    return [t.status for t in state(handle).trials.values()]


def running(handle, count: int = 2) -> None:
    """Waits until so many trials run and have told of it."""
    eventually(lambda: sum(bool(t.metric_history) for t in state(handle).trials.values()) >= count, 20)
