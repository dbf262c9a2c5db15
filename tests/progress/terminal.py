"""A terminal small enough to be sure of: what stands on it after the bytes a display wrote."""

from __future__ import annotations

import re

_PARTS = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])|(.)", re.DOTALL)


class Terminal:
    """Understands what rich writes: carriage return, newline, cursor up, erase line, show/hide cursor.

    Attributes:
        lines: what stands there, from the first line ever written.
        cursor: whether the cursor is shown.
    """

    def __init__(self) -> None:
        self.lines = [""]
        self.cursor = True
        self._row = self._column = 0

    def feed(self, text: str) -> None:
        for arguments, command, character in _PARTS.findall(text):
            if command:
                self._control(arguments, command)
            else:
                self._put(character)

    def _control(self, arguments: str, command: str) -> None:
        if command == "A":
            self._row = max(0, self._row - int(arguments or 1))
        elif command == "K":
            assert arguments == "2", arguments
            self.lines[self._row] = ""
        elif command in "hl":
            assert arguments == "?25", arguments
            self.cursor = command == "h"
        else:
            assert command == "m", (arguments, command)

    def _put(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._row, self._column = self._row + 1, 0
            if self._row == len(self.lines):
                self.lines.append("")
        else:
            line = self.lines[self._row].ljust(self._column)
            self.lines[self._row] = line[: self._column] + character + line[self._column + 1 :]
            self._column += 1

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)
