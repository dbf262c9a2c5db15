"""The median stopping rule."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right

from maggy.earlystop.abstract import AbstractEarlyStop
from maggy.trial import Trial


class MedianRule(AbstractEarlyStop):
    """Stops a running trial whose best metric so far is worse than the median of the finished trials'
    running averages up to the same step.

    The rule of Google Vizier (Golovin et al., KDD 2017, section 3.2.2). A finished trial counts where
    it got as far as that step; where none did, nothing is stopped. Metrics that are NaN are left out
    of averages, and a trial with nothing else has no best, so it is never better than the median.
    """

    @staticmethod
    def earlystop_check(
        to_check: dict[str, Trial], finalized_trials: list[Trial], direction: str
    ) -> dict[str, str]:
        stops = {}
        finished = [(t.step_history, _running_averages(t)) for t in finalized_trials if t.step_history]
        medians: dict[int, tuple[float, int] | None] = {}
        for trial_id, trial in to_check.items():
            if not trial.step_history:
                continue
            step = trial.step_history[-1]
            if step not in medians:
                medians[step] = _median_at(step, finished)
            reason = _verdict(trial, step, medians[step], direction)
            if reason is not None:
                stops[trial_id] = reason
        return stops


def _running_averages(trial: Trial) -> list[float]:
    """Of the first none, one, two, ... metrics; NaN where there is no number among them."""
    total, count, averages = 0.0, 0, [math.nan]
    for value in trial.metric_history:
        if value == value:
            total, count = total + value, count + 1
        averages.append(total / count if count else math.nan)
    return averages


def _median_at(step: int, finished: list[tuple[list[int], list[float]]]) -> tuple[float, int] | None:
    """The median of the running averages up to `step`, and of how many trials."""
    reached = [averages[bisect_right(steps, step)] for steps, averages in finished if steps[-1] >= step]
    numbers = [average for average in reached if average == average]
    return (statistics.median(numbers), len(numbers)) if numbers else None


def _verdict(trial: Trial, step: int, median: tuple[float, int] | None, direction: str) -> str | None:
    """Why the trial is to stop, None where it is to go on."""
    if median is None:
        return None
    numbers = [v for v in trial.metric_history if v == v]
    level, count = median
    if not numbers:
        return f"step {step}: every metric is NaN"
    best = max(numbers) if direction == "max" else min(numbers)
    worse, word = (best < level, "below") if direction == "max" else (best > level, "above")
    plural = "" if count == 1 else "s"
    return (
        f"step {step}: best {best:.4g} {word} median {level:.4g} of {count} trial{plural}" if worse else None
    )
