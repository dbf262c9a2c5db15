"""Asks a stopping rule what it compares trials with, so that people can see why a trial was stopped.

Only to be looked at: whatever goes wrong here, the rule itself stays as it is, and there is just no curve.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence

from maggy.earlystop.abstract import AbstractEarlyStop
from maggy.trial import Trial

log = logging.getLogger("maggy.driver")

# Points of a curve, and how many of them are where the running trials are.
MOST_POINTS, MOST_RUNNING = 64, 24
# A curve of very many trials takes long: at most one part in so many of the time goes into curves.
_PAUSE = 50.0


class Thresholds:
    """The thresholds of one stopping rule.

    Args:
        rule: it may lack thresholds, or fail to tell them.
        clock: seconds, from any start.
    """

    def __init__(self, rule: AbstractEarlyStop, clock: Callable[[], float] = time.perf_counter) -> None:
        self._rule = rule
        self._clock = clock
        self._not_before = -math.inf
        self._failed = False

    def levels(self, trials: Iterable[Trial], finalized: list[Trial], direction: str) -> dict[str, float]:
        """Trial's id -> threshold at the step to which it has come, where there is one."""
        last = {t.trial_id: t.step_history[-1] for t in trials if t.step_history}
        found = self._at(last.values(), finalized, direction)
        return {trial_id: found[step] for trial_id, step in last.items() if step in found}

    def curve(self, running: Iterable[Trial], finalized: list[Trial], direction: str) -> dict[int, float]:
        """The same at steps spread over what trials reached; empty where it would take too much time."""
        began = self._clock()
        if began < self._not_before or self._failed:
            return {}
        found = self._at(_steps(running, finalized), finalized, direction)
        ended = self._clock()
        self._not_before = ended + _PAUSE * (ended - began)
        return found

    def _at(self, steps: Iterable[int], finalized: list[Trial], direction: str) -> dict[int, float]:
        """Step -> threshold, where the rule has a finite one; never raises."""
        asked = sorted(set(steps))
        try:
            found = self._rule.thresholds(list(asked), list(finalized), direction) if asked else []
            return {
                s: float(v) for s, v in zip(asked, found, strict=True) if v is not None and math.isfinite(v)
            }
        except BaseException as error:  # user code, in a thread that must go on
            if not self._failed:
                log.warning("%s.thresholds failed, so that none are shown: %r", self._rule.name(), error)
            self._failed = True
            return {}


def _steps(running: Iterable[Trial], finalized: list[Trial]) -> set[int]:
    """Steps of the trial that came furthest, and those at which the running trials are."""
    now = _spread(sorted({t.step_history[-1] for t in running if t.step_history}), MOST_RUNNING)
    furthest = max((t.step_history for t in finalized), key=lambda s: s[-1] if s else -math.inf, default=[])
    return {*now, *_spread(furthest, MOST_POINTS - len(now))}


def _spread(items: Sequence[int], most: int) -> list[int]:
    """At most so many of the items, evenly, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]
