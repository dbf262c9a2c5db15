"""When the stopping rule is asked. Pure."""

from __future__ import annotations

import math

# How long the stopping rule is not asked again what it compares trials with, in seconds.
THRESHOLDS_INTERVAL = 1.0


class RuleClock:
    """When the rule is due, and whether it was asked. Kept beside the state, and begun anew by a new driver.

    Args:
        interval: seconds between checks.

    Attributes:
        due: when it is to be asked next, given news.
        news: whether metrics came since it was last asked.
        asked: whether it has not answered yet.
    """

    def __init__(self, interval: float) -> None:
        self.due = math.inf
        self.news = False
        self.asked = False
        self._interval = interval
        self._thresholds_at = -math.inf

    def start(self, now: float) -> None:
        """The experiment runs from now on."""
        self.due = now + self._interval

    def ask(self, now: float) -> bool:
        """It is asked now; whether it is to tell its thresholds, too."""
        self.asked, self.news = True, False
        self.due = now + self._interval
        thresholds = now >= self._thresholds_at
        if thresholds:
            self._thresholds_at = now + THRESHOLDS_INTERVAL
        return thresholds
