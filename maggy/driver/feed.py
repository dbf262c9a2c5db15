"""How events reach those who only watch, without holding anybody up."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from maggy.core.events import Record


class Feed:
    """Records from the machine's thread to one reader in another thread, in order.

    The reader looks when it likes. It is woken for the first records only: with Python's one lock, waking
    a thread that draws would delay the one that hands out trials.
    """

    def __init__(self) -> None:
        self._records: deque[Record] = deque()
        self._begun = threading.Event()

    def put(self, records: Sequence[Record]) -> None:
        """Adds records; never waits."""
        self._records.extend(records)
        if records and not self._begun.is_set():
            self._begun.set()

    def await_first(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds for the first records; whether they have come."""
        return self._begun.wait(timeout)

    def take(self) -> list[Record]:
        """All that came since the last call."""
        return [self._records.popleft() for _ in range(len(self._records))]
