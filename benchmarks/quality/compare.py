"""Compares searches by the best loss they had found at each time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.clock import Reports

Best = NDArray[np.float64]

POINTS = 200


def best_so_far(reports: Reports, limit: float) -> Best:
    """The best loss reported up to each of `POINTS` times, evenly from limit / POINTS to limit."""
    times, losses = (np.array(column) for column in zip(*sorted(reports), strict=True))
    best = np.concatenate([[np.inf], np.minimum.accumulate(losses)])
    return best[np.searchsorted(times, np.linspace(limit / POINTS, limit, POINTS), side="right")]
