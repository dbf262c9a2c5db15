"""A simulated clock and simulated workers for libraries that are asked and told."""

from __future__ import annotations

import heapq
import itertools
from typing import Any, Protocol

from benchmarks.quality.curves import EPOCHS, Curves

# What a search came to: every report's time in simulated seconds, and its loss.
Reports = list[tuple[float, float]]


class Library(Protocol):
    """A search as the library's own loop would lead it. Epochs count from 1."""

    def ask(self) -> tuple[Any, dict[str, Any]]:
        """The next trial: its handle, and its point as `curves.SPACE` has it."""

    def report(self, handle: Any, epoch: int, loss: float) -> bool:
        """Takes in a loss before the last; whether the trial is to stop, which it then has."""

    def done(self, handle: Any, loss: float) -> None:
        """Takes in the loss of the last epoch."""


def replay(library: Library, curves: Curves, workers: int, limit: float) -> Reports:
    """Plays the search until `limit`, in simulated seconds. No worker ever waits."""
    order = itertools.count()
    agenda: list[tuple[float, int, Any, dict[str, Any], int]] = []
    reports: Reports = []

    def train(now: float, handle: Any, params: dict[str, Any], epoch: int) -> None:
        end = now + curves.seconds(params, epoch - 1)
        heapq.heappush(agenda, (end, next(order), handle, params, epoch))

    for _ in range(workers):
        train(0.0, *library.ask(), 1)
    while agenda[0][0] <= limit:
        now, _, handle, params, epoch = heapq.heappop(agenda)
        loss = curves.metric(params, epoch - 1)
        reports.append((now, loss))
        if epoch == EPOCHS:
            library.done(handle, loss)
        elif not library.report(handle, epoch, loss):
            train(now, handle, params, epoch + 1)
            continue
        train(now, *library.ask(), 1)
    return reports
