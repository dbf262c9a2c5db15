"""Time for events."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch that never go back, even where the machine's clock is set back."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        return self._offset + time.monotonic()
