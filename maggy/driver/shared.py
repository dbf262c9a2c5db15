"""What several experiments need at the same time, and what ends with the last of them."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import Any

Undo = Callable[[], None]


class Shared:
    """Something that is begun for the first who wants it, and undone after the last.

    Args:
        begin: begins it, and returns what undoes it.
    """

    def __init__(self, begin: Callable[..., Undo]) -> None:
        self._begin = begin
        self._lock = threading.Lock()
        self._holders = 0
        self._undo: Undo

    def hold(self, *args: Any) -> Undo:
        """Holds it from now on; returns what lets go of it."""
        with self._lock:
            if self._holders == 0:
                self._undo = self._begin(*args)
            self._holders += 1
        return self._let_go

    def _let_go(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._undo()


def _freeze() -> Undo:
    if gc.get_freeze_count():  # somebody else's doing
        return lambda: None
    gc.freeze()
    return gc.unfreeze


# Keeps what is there before the search out of garbage collection while it runs. A collection goes through
# all of it, pyspark and the user's data, and meanwhile nothing is dispatched.
unhindered_by_garbage = Shared(_freeze)
