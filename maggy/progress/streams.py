"""Keeps what others print from running into the live display."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from collections import deque
from collections.abc import Iterator
from typing import Any, TextIO


class Held(io.TextIOBase):
    """Stands in for a terminal's stream: keeps lines until the display writes them above itself.

    Rich's own stand-in renders at every print, in the thread that prints, and reads flushed text as
    markup. Here a print costs nothing and only the display's thread draws.
    """

    def __init__(self, stream: TextIO, lines: deque[str]) -> None:
        self.stream = stream
        self._lines = lines
        self._begun = ""
        self._over = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self.stream.errors

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()

    def write(self, text: str) -> int:
        if self._over:  # somebody kept this in place of the stream
            return self.stream.write(text)
        *lines, self._begun = (self._begun + text).split("\n")
        self._lines.extend(lines)
        return len(text)

    def end(self) -> None:
        """Hands on a last line that has no end; what comes from now on goes to the stream."""
        self._over = True
        if self._begun:
            self._lines.append(self._begun)
            self._begun = ""


@contextlib.contextmanager
def held_output() -> Iterator[deque[str]]:
    """Sends what is printed and logged to the terminal into a deque of lines instead."""
    lines: deque[str] = deque()
    before = sys.stdout, sys.stderr
    # What goes to a file goes on to the file.
    held = [Held(s, lines) if s is not None and s.isatty() else None for s in before]
    sys.stdout, sys.stderr = (h or s for h, s in zip(held, before, strict=True))
    handlers = _logging_to([h for h in held if h is not None])
    try:
        yield lines
    finally:
        sys.stdout, sys.stderr = before
        for handler, stream in handlers:
            handler.setStream(stream)
        for stand_in in held:
            if stand_in is not None:
                stand_in.end()


def _logging_to(held: list[Held]) -> list[tuple[logging.StreamHandler[Any], Any]]:
    """Has handlers that know the real stream log to its stand-in; returns them and what they had."""
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    found = []
    for handler in {h for logger in loggers for h in getattr(logger, "handlers", ())}:
        stand_in = next((h for h in held if getattr(handler, "stream", None) is h.stream), None)
        if stand_in is not None and isinstance(handler, logging.StreamHandler):
            found.append((handler, handler.setStream(stand_in)))
    return found
