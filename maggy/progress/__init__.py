"""What a person sees of a running experiment on a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from maggy.core.events import Record
from maggy.core.state import State


class Display(Protocol):
    """Shows an experiment."""

    def show(self, state: State, records: list[Record]) -> None:
        """Called some ten times a second: the state, and what led to it since the last call."""


class _Silent:
    def show(self, state: State, records: list[Record]) -> None:
        return


@contextlib.contextmanager
def choose_display(display: bool | None, path: Path) -> Iterator[Display]:
    """The display for where the program runs; `display=False` is silent."""
    yield _Silent()
