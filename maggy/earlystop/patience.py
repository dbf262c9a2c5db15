"""The patience rule."""

from __future__ import annotations

from maggy.earlystop.abstract import AbstractEarlyStop
from maggy.trial import Trial


class PatienceRule(AbstractEarlyStop):
    """Stops a running trial whose best metric has not improved in its last `patience` reports.

    The usual criterion of early stopping (Prechelt, "Early Stopping - But When?", 1998, section 2.2, UP),
    which looks at a trial alone: `es_min=0` lets it decide before any trial has ended. NaN is no
    improvement.

    Args:
        patience: reports, at least 1; 10 by default.
        min_delta: by how much the best must be beaten to count as improved, at least 0, the default.

    Raises:
        ValueError: an argument is out of range.
    """

    def __init__(self, patience: int = 10, min_delta: float = 0.0) -> None:
        if not isinstance(patience, int) or isinstance(patience, bool) or patience < 1:
            raise ValueError(f"patience must be a whole number of at least 1, not {patience!r}")
        if not 0 <= min_delta < float("inf"):
            raise ValueError(f"min_delta must be a number of at least 0, not {min_delta!r}")
        self._patience = patience
        self._min_delta = min_delta

    def earlystop_check(
        self, to_check: dict[str, Trial], finalized_trials: list[Trial], direction: str
    ) -> dict[str, str]:
        sign = 1.0 if direction == "max" else -1.0
        stops = {}
        for trial_id, trial in to_check.items():
            best, since = self._last_improvement([sign * v for v in trial.metric_history])
            if since >= self._patience:
                found = "none" if best is None else f"{sign * best:.4g}"
                stops[trial_id] = f"step {trial.step_history[-1]}: best {found} for {since} reports"
        return stops

    def _last_improvement(self, metrics: list[float]) -> tuple[float | None, int]:
        """The best metric, and how many reports ago it came; of none, how many reports there were."""
        best, since = None, 0
        for value in metrics:
            if value == value and (best is None or value > best + self._min_delta):
                best, since = value, 0
            else:
                since += 1
        return best, since
