"""Time for events."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch that neither jump nor go back, whatever becomes of the machine's clock.

    Args:
        since: the time of the last event so far, where an earlier driver, on a machine whose clock may have
            been ahead of this one's, has told some.
    """

    def __init__(self, since: float = 0.0) -> None:
        self._offset = max(time.time(), since) - time.monotonic()

    def now(self) -> float:
        return self._offset + time.monotonic()
