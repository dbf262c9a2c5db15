"""Running averages of finished trials, fast enough for thousands of them in each check of a rule."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from maggy.trial import Trial

# Of a trial, at 0, 1, 2, ... metrics; where its steps are evenly spaced, the first and their distance.
_Course = tuple["array[float]", tuple[int, int] | None]
# Finished trials do not change. Counting all of them anew in each check would take a second for 10,000
# trials of 500 metrics, and the driver's other threads would wait for it.
_known: WeakKeyDictionary[Trial, _Course] = WeakKeyDictionary()


class RunningAverages:
    """What the metrics of finished trials were on average, up to any step. NaN is left out of averages.

    Args:
        finalized: trials that ended; what becomes of them later is not looked at.
    """

    def __init__(self, finalized: Iterable[Trial]) -> None:
        self._even: list[tuple[int, int, int, array[float]]] = []
        self._uneven: list[tuple[list[int], array[float]]] = []
        for trial in finalized:
            if trial.step_history:
                self._add(trial.step_history, *_course(trial))

    def _add(self, steps: list[int], averages: array[float], spacing: tuple[int, int] | None) -> None:
        if spacing is None:
            self._uneven.append((steps, averages))
        else:
            self._even.append((*spacing, steps[-1], averages))

    def at(self, step: int) -> list[float]:
        """Sorted; of trials that got as far as that step, and had a number by then."""
        found = [
            averages[(step - first) // distance + 1]
            for first, distance, last, averages in self._even
            if first <= step <= last
        ]
        found += [
            averages[bisect_right(steps, step)] for steps, averages in self._uneven if step <= steps[-1]
        ]
        return sorted(average for average in found if average == average)


def _course(trial: Trial) -> _Course:
    known = _known.get(trial)
    if known is None or len(known[0]) != len(trial.metric_history) + 1:
        averages = array("d", _running_averages(trial.metric_history))
        known = _known[trial] = averages, _spacing(trial.step_history)
    return known


def _running_averages(values: list[float]) -> Iterator[float]:
    """Of the first none, one, two, ... metrics; NaN where there is no number among them."""
    total, count = 0.0, 0
    yield math.nan
    for value in values:
        if value == value:
            total, count = total + value, count + 1
        yield total / count if count else math.nan


def _spacing(steps: list[int]) -> tuple[int, int] | None:
    distance = max(1, steps[1] - steps[0]) if len(steps) > 1 else 1
    even = steps == list(range(steps[0], steps[-1] + 1, distance))
    return (steps[0], distance) if even else None
