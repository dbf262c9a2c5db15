"""The median and the percentile stopping rule."""

from __future__ import annotations

import math
from collections.abc import Mapping

from maggy.earlystop.abstract import AbstractEarlyStop
from maggy.earlystop.averages import RunningAverages
from maggy.trial import Trial

# Of a step: the level that trials are compared with, and of how many trials it is; None for none.
Level = tuple[float, int] | None


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
        return _check(to_check, finalized_trials, direction, 0.5, "median")

    @staticmethod
    def thresholds(steps: list[int], finalized_trials: list[Trial], direction: str) -> list[float | None]:
        return _thresholds(steps, finalized_trials, 0.5)


class PercentileRule(AbstractEarlyStop):
    """Stops a running trial that is not among the best `percentile` percent: whose best metric so far is
    worse than that quantile of the finished trials' running averages up to the same step.

    `MedianRule` with another quantile (as Optuna's PercentilePruner is to its MedianPruner); what is said
    there of finished trials and NaN holds here, too.

    Args:
        percentile: above 0 and below 100, 25 by default: the best quarter goes on. 50 is the median rule.
            Quantiles are interpolated linearly.

    Raises:
        ValueError: the percentile is out of range.
    """

    def __init__(self, percentile: float = 25.0) -> None:
        if not 0 < percentile < 100:
            raise ValueError(f"percentile must be above 0 and below 100, not {percentile!r}")
        self._percentile = percentile

    def earlystop_check(
        self, to_check: dict[str, Trial], finalized_trials: list[Trial], direction: str
    ) -> dict[str, str]:
        share = self._share(direction)
        return _check(to_check, finalized_trials, direction, share, f"{100 * share:.3g} % quantile")

    def thresholds(
        self, steps: list[int], finalized_trials: list[Trial], direction: str
    ) -> list[float | None]:
        return _thresholds(steps, finalized_trials, self._share(direction))

    def _share(self, direction: str) -> float:
        """How much of the averages lies below the level."""
        return (100 - self._percentile if direction == "max" else self._percentile) / 100


def _check(
    to_check: dict[str, Trial], finalized: list[Trial], direction: str, share: float, noun: str
) -> dict[str, str]:
    begun = {trial_id: t for trial_id, t in to_check.items() if t.step_history}
    levels = _levels({t.step_history[-1] for t in begun.values()}, finalized, share)
    verdicts = {trial_id: _verdict(t, levels, direction, noun) for trial_id, t in begun.items()}
    return {trial_id: reason for trial_id, reason in verdicts.items() if reason is not None}


def _thresholds(steps: list[int], finalized: list[Trial], share: float) -> list[float | None]:
    levels = _levels(set(steps), finalized, share)
    return [found[0] if (found := levels[step]) else None for step in steps]


def _levels(steps: set[int], finalized: list[Trial], share: float) -> dict[int, Level]:
    averages = RunningAverages(finalized)
    return {step: _level(averages.at(step), share) for step in steps}


def _level(averages: list[float], share: float) -> Level:
    return (_quantile(averages, share), len(averages)) if averages else None


def _quantile(numbers: list[float], share: float) -> float:
    """Between two of the sorted numbers interpolated linearly; exact where it falls on one."""
    place = share * (len(numbers) - 1)
    below = math.floor(place)
    part = place - below
    if not part:
        return numbers[below]
    return numbers[below] * (1 - part) + numbers[below + 1] * part


def _verdict(trial: Trial, levels: Mapping[int, Level], direction: str, noun: str) -> str | None:
    """Why the trial is to stop, None where it is to go on."""
    step = trial.step_history[-1]
    if (found := levels[step]) is None:
        return None
    numbers = [v for v in trial.metric_history if v == v]
    level, count = found
    if not numbers:
        return f"step {step}: every metric is NaN"
    best = max(numbers) if direction == "max" else min(numbers)
    worse, word = (best < level, "below") if direction == "max" else (best > level, "above")
    plural = "" if count == 1 else "s"
    return (
        f"step {step}: best {best:.4g} {word} {noun} {level:.4g} of {count} trial{plural}" if worse else None
    )
