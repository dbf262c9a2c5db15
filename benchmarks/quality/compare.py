"""Compares searches by the best loss that they had found at each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from benchmarks.quality.clock import Reports

Best = NDArray[np.float64]
# (algorithm, library) -> the best loss at each time of each run, of shape (seeds, points in time).
Runs = Mapping[tuple[str, str], Best]

# How many points in time a search has that is played to the end.
POINTS = 200
# The average over time leaves out the first twentieth, when some search has not seen an epoch's end yet.
FIRST = POINTS // 20
LEVEL = 0.05
# What a run is judged by: all of its way, and its end.
FIGURES = {"average": lambda best: best[:, FIRST:].mean(axis=1), "end": lambda best: best[:, -1]}


def best_so_far(reports: Reports, limit: float, points: int = POINTS) -> Best:
    """The best loss reported up to each of so many times, evenly from limit / points to limit."""
    times, losses = (np.array(column) for column in zip(*sorted(reports), strict=True))
    best = np.concatenate([[np.inf], np.minimum.accumulate(losses)])
    return best[np.searchsorted(times, np.linspace(limit / points, limit, points), side="right")]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours beside a rival's, by one figure. `p_worse` is what Mann and Whitney's one-sided test gives for
    ours being larger, adjusted (Holm) for all tests of its kind; `p_better` for the rival's being larger."""

    algorithm: str
    rival: str
    figure: str
    p_worse: float
    p_better: float

    @property
    def verdict(self) -> str:
        if self.p_worse < LEVEL:
            return "WORSE"
        return "better" if self.p_better < LEVEL else "same"


def compare(runs: Runs, ours: str) -> list[Comparison]:
    """Every algorithm of ours beside every rival's of the same name."""
    keys = [
        (algorithm, rival, figure)
        for algorithm, rival in runs
        if rival != ours and (algorithm, ours) in runs
        for figure in FIGURES
    ]
    worse = holm([_p(runs, ours, key, "greater") for key in keys])
    better = holm([_p(runs, ours, key, "less") for key in keys])
    return [Comparison(*key, p, q) for key, p, q in zip(keys, worse, better, strict=True)]


def _p(runs: Runs, ours: str, key: tuple[str, str, str], alternative: str) -> float:
    algorithm, rival, figure = key
    both = (FIGURES[figure](runs[algorithm, library]) for library in (ours, rival))
    return float(mannwhitneyu(*both, alternative=alternative).pvalue)


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's adjustment (1979) of p-values for how many there are."""
    adjusted, largest = [1.0] * len(ps), 0.0
    for rank, at in enumerate(np.argsort(ps, kind="stable")):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[at]))
        adjusted[at] = largest
    return adjusted
