"""How events reach those who only watch, without holding anybody up."""

from __future__ import annotations

import queue

from maggy.core.events import Record


class Feed:
    """Records from the machine's thread to one reader in another thread, in order."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[list[Record]] = queue.SimpleQueue()

    def put(self, records: list[Record]) -> None:
        self._queue.put(records)

    def take(self, timeout: float) -> list[Record]:
        """All that came since the last call; waits up to `timeout` seconds for the first."""
        try:
            records = list(self._queue.get(timeout=timeout))
            while True:
                records += self._queue.get_nowait()
        except queue.Empty:
            return records if "records" in locals() else []
