"""Figures of searches that go on when told, and what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from maggy.core import events as ev
from maggy.core.compact import compact
from maggy.core.state import State
from maggy_widgets.figures import Figures
from tests.widgets import synthetic as syn


class Source:
    """A search that goes on when told."""

    experiment = "digits-1a2b"
    closed: str | None = None

    def __init__(self, happened: Iterable[ev.Event] = ()) -> None:
        self.state = State()
        self.listeners: list[Callable[[list[ev.Record]], None]] = []
        self.happen(*happened)

    def happen(self, *happened: ev.Event) -> None:
        records = syn.recorded(list(happened), self.state.number + 1)
        for record in records:
            self.state.apply(record)
        for listener in list(self.listeners):
            listener(records)

    def snapshot(self) -> tuple[int, list[ev.Record]]:
        return self.state.number, compact(self.state)

    def subscribe(self, listener: Callable[[list[ev.Record]], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


def at_once(act: Callable[[], None]) -> None:
    act()


def figures(happened: Iterable[ev.Event] = ()) -> tuple[Source, Figures]:
    source = Source(happened)
    return source, Figures(source, at_once)


def marks(figure: Any, kind: str) -> list[Any]:
    return [mark for mark in figure.marks if type(mark).__name__ == kind]


def line(figure: Any, colour: str) -> Any:
    """The one mark of this colour that has any data."""
    (found,) = [m for m in marks(figure, "Lines") if m.colors[0].lower() == colour and m.x.size]
    return found


def rows(mark: Any) -> int:
    return 0 if not mark.x.size else 1 if mark.x.ndim == 1 else len(mark.x)


def points(figure: Any) -> int:
    return sum(mark.x.size for mark in figure.marks)


def started(number: int, worker: str = "w1", **params: Any) -> list[ev.Event]:
    given = {"lr": 1e-3, "units": 64, "dropout": 0.1, "optimizer": "adam", **params}
    return [
        ev.TrialCreated(f"t{number}", number, given, "optimizer"),
        ev.TrialStarted(f"t{number}", 1, worker),
    ]


def progressed(number: int, *values: float, first: int = 0) -> ev.TrialProgressed:
    return ev.TrialProgressed(f"t{number}", tuple(range(first, first + len(values))), values)
