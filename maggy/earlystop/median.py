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
        begun = {trial_id: t for trial_id, t in to_check.items() if t.step_history}
        medians = _medians({t.step_history[-1] for t in begun.values()}, finalized_trials)
        stops = {}
        for trial_id, trial in begun.items():
            step = trial.step_history[-1]
            reason = _verdict(trial, step, medians[step], direction)
            if reason is not None:
                stops[trial_id] = reason
        return stops

    @staticmethod
    def thresholds(steps: list[int], finalized_trials: list[Trial], direction: str) -> list[float | None]:
        medians = _medians(set(steps), finalized_trials)
        return [found[0] if (found := medians[step]) else None for step in steps]


def _medians(steps: set[int], finalized: list[Trial]) -> dict[int, tuple[float, int] | None]:
    """Of each step the median of the running averages up to it, and of how many trials; None for none."""
    finished = [(t.step_history, _running_averages(t)) for t in finalized if t.step_history]
    return {step: _median_at(step, finished) for step in steps}


def _running_averages(trial: Trial) -> list[float]:
    """Of the first none, one, two, ... metrics; NaN where there is no number among them."""
    total, count, averages = 0.0, 0, [math.nan]
    for value in trial.metric_history:
        if value == value:
            total, count = total + value, count + 1
        averages.append(total / count if count else math.nan)
    return averages


def _median_at(step: int, finished: list[tuple[list[int], list[float]]]) -> tuple[float, int] | None:
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
