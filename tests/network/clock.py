"""A clock that jumps, for the processes that are started with it and for nobody else: libfaketime's."""

from __future__ import annotations

import os
from pathlib import Path

_WHERE = ("usr/lib/*/faketime", "usr/lib64/faketime", "usr/lib/faketime", "usr/local/lib/faketime")


class WallClock:
    """The time of day; what counts seconds from the start of the machine goes on as it did.

    Args:
        folder: holds how far it is off.

    Attributes:
        environment: of processes that go by it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.environment = {
            **os.environ,
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.set(0)

    def set(self, off: int) -> None:
        """From now on it is so many seconds ahead of the right time, or behind it."""
        partial = self._file.with_suffix(".partial")
        partial.write_text(f"{off:+d}\n")
        partial.replace(self._file)


def _library() -> Path:
    found = [file for where in _WHERE for file in Path("/").glob(f"{where}/libfaketimeMT.so.1")]
    assert found, "libfaketime is not installed: tools/setup-network"
    return found[0]
