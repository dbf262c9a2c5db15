"""What a person sees of a running experiment on a terminal."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from maggy.core.events import Record
from maggy.core.state import State

log = logging.getLogger("maggy.progress")

GOES_ON = "the search goes on"

_terminal = threading.Lock()


class Display(Protocol):
    """Shows an experiment."""

    def show(self, state: State, records: list[Record], now: float) -> None:
        """Called some ten times a second: the state, and what led to it since the last call.

        `now` is in seconds since the epoch, by the clock that times the records.
        """

    def say(self, notice: str) -> None:
        """What keeps the experiment from going on; '' when it goes on."""


class _Screen(Display, Protocol):
    def open(self) -> None: ...
    def close(self, finished: bool) -> None: ...


class _Silent:
    def __init__(self, path: Path) -> None:
        self._name = path.name

    def open(self) -> None:
        return

    def show(self, state: State, records: list[Record], now: float) -> None:
        return

    def say(self, notice: str) -> None:
        # Who is shown nothing has to be told this.
        log.warning("%s: %s", self._name, notice or GOES_ON)

    def close(self, finished: bool) -> None:
        return


class _Careful:
    """Goes silent where the display fails: a closed terminal must not end a night's search."""

    def __init__(self, screen: _Screen, path: Path) -> None:
        self._screen: _Screen = screen
        self._path = path

    def open(self) -> None:
        self._try(self._screen.open)

    def show(self, state: State, records: list[Record], now: float) -> None:
        self._try(lambda: self._screen.show(state, records, now))

    def say(self, notice: str) -> None:
        self._try(lambda: self._screen.say(notice))

    def close(self, finished: bool) -> None:
        self._try(lambda: self._screen.close(finished))

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            failed, self._screen = self._screen, _Silent(self._path)
            with contextlib.suppress(Exception):
                failed.close(False)
            log.warning("the progress display failed and is off: %r", error)


@contextlib.contextmanager
def choose_display(display: bool | None, path: Path, live: bool = True) -> Iterator[Display]:
    """The display for where the program runs; `display=False` is silent.

    Live on a terminal, else lines on stdout. At the end, but not after an error, it shows a summary.

    Args:
        display: None is the same as True.
        path: the experiment's folder.
        live: whether it may take over the terminal.
    """
    # One search has the terminal; others beside it write lines, which it puts above itself.
    live = live and display is not False and _terminal.acquire(blocking=False)
    try:
        yield from _shown(_Careful(_choose(display, path, live), path))
    finally:
        if live:
            _terminal.release()


def _shown(screen: _Careful) -> Iterator[Display]:
    try:
        screen.open()
        yield screen
    except BaseException:
        screen.close(False)
        raise
    screen.close(True)


def _choose(display: bool | None, path: Path, live: bool) -> _Screen:
    if display is False or sys.stdout is None:
        return _Silent(path)
    if not live or not _can_be_live():
        from maggy.progress.lines import LinesDisplay

        return LinesDisplay(path, sys.stdout)
    from rich.console import Console

    from maggy.progress.live import LiveDisplay

    return LiveDisplay(path, Console(file=sys.stdout, force_jupyter=False))


def _can_be_live() -> bool:
    """Whether stdout is a terminal that can move its cursor and show the bar's signs."""
    return (
        sys.stdout.isatty()
        and os.environ.get("TERM", "").lower() not in ("", "dumb", "unknown")
        and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        and not in_kernel()
    )


def in_kernel() -> bool:
    """Whether this is a Jupyter kernel; its stdout may call itself a terminal."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")
