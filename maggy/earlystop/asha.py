"""Asynchronous successive halving by stopping."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort

from maggy.earlystop.abstract import AbstractEarlyStop
from maggy.trial import Trial


class ASHARule(AbstractEarlyStop):
    """Stops a trial that, when it comes to a rung, is not among the best 1/eta that came there so far.

    Where fewer than eta came, it goes on.

    The stopping variant of ASHA (Li et al. 2018, arXiv 1810.05934; in this form in Klein et al. 2020,
    arXiv 2003.10865, section 3.1): trials start with the whole budget and go on where they are good, so
    that nothing need be saved and resumed. It goes with every optimizer; each trial is judged once at each
    rung, and only trials that come to it at the first check after count as there, so that it wants to be
    asked often: `es_interval=0`, and `es_min=0`, as it needs no finished trials.

    Args:
        reduction_factor: eta, above 1, 3 by default.
        min_steps: the first rung, in steps, at least 1, the default. The rungs are min_steps * eta^k;
            a trial is there when it reports step rung - 1 (steps count from 0) or a later one.

    Raises:
        ValueError: an argument is out of range.
    """

    def __init__(self, reduction_factor: float = 3, min_steps: int = 1) -> None:
        if not reduction_factor > 1 or math.isinf(reduction_factor):
            raise ValueError(f"reduction_factor must be above 1, not {reduction_factor!r}")
        if not isinstance(min_steps, int) or isinstance(min_steps, bool) or min_steps < 1:
            raise ValueError(f"min_steps must be a whole number of at least 1, not {min_steps!r}")
        self._eta = reduction_factor
        self._min_steps = min_steps
        self.initialize("max")

    def initialize(self, direction: str) -> None:
        # Of each rung what came there, the lower the better; of each attempt how many rungs are judged.
        self._rungs: list[list[float]] = []
        self._judged: dict[tuple[str, int], int] = {}
        self._read = 0  # of the finalized trials

    def earlystop_check(
        self, to_check: dict[str, Trial], finalized_trials: list[Trial], direction: str
    ) -> dict[str, str]:
        sign = -1.0 if direction == "max" else 1.0
        for trial in finalized_trials[self._read :]:
            self._climb(trial, sign)
        self._read = len(finalized_trials)
        verdicts = {trial_id: self._climb(trial, sign) for trial_id, trial in to_check.items()}
        return {trial_id: reason for trial_id, reason in verdicts.items() if reason is not None}

    def thresholds(
        self, steps: list[int], finalized_trials: list[Trial], direction: str
    ) -> list[float | None]:
        sign = -1.0 if direction == "max" else 1.0
        cutoffs = [self._cutoff(rung, sign) for rung in self._rungs]
        passed = [bisect_right([self._rung(k) for k in range(len(cutoffs))], step) for step in steps]
        return [cutoffs[k - 1] if k else None for k in passed]

    def _cutoff(self, rung: list[float], sign: float) -> float | None:
        """The worst metric that still goes on from a rung."""
        return sign * rung[int(len(rung) / self._eta) - 1] if len(rung) >= self._eta else None

    def _climb(self, trial: Trial, sign: float) -> str | None:
        """Takes the trial up to where it has come; why it is to stop, None where it is to go on."""
        key = trial.trial_id, trial.attempt
        steps = trial.step_history
        while (at := bisect_left(steps, self._rung(k := self._judged.get(key, 0)))) < len(steps):
            self._judged[key] = k + 1
            reason = self._judge(k, trial.metric_history[at], sign)
            if reason is not None:
                return reason
        return None

    def _rung(self, k: int) -> int:
        """The step at which a trial has come to rung `k`."""
        return math.ceil(self._min_steps * self._eta**k) - 1

    def _judge(self, k: int, metric: float, sign: float) -> str | None:
        score = math.inf if metric != metric else sign * metric
        if k == len(self._rungs):
            self._rungs.append([])
        rung = self._rungs[k]
        place = bisect_left(rung, score)
        insort(rung, score)
        if len(rung) < self._eta or place < int(len(rung) / self._eta):
            return None
        return (
            f"step {self._rung(k)}: {metric:.4g} is number {place + 1} of {len(rung)} trials at this rung, "
            f"not among the best {1 / self._eta:.3g}"
        )
