"""A callback for XGBoost."""

from __future__ import annotations

from typing import Any

from xgboost.callback import TrainingCallback

from maggy.callbacks.metrics import pick


class XGBoostIterationEnd(TrainingCallback):  # type: ignore[misc]
    """Broadcasts an evaluation metric after each boosting iteration.

    Args:
        reporter: the training function's.
        metric: data set and metric, as in 'validation_0-logloss'; the last metric of the last data set of
            `evals` or `eval_set` where None, which XGBoost itself stops by.
    """

    def __init__(self, reporter: Any, metric: str | None = None) -> None:
        super().__init__()
        self._reporter = reporter
        self._metric = metric

    def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, Any]) -> bool:
        last = {f"{data}-{name}": h[-1] for data, by_name in evals_log.items() for name, h in by_name.items()}
        name = self._metric if self._metric is not None else next(reversed(last), "metric")
        value = pick(last, name, "XGBoostIterationEnd", "give train evals, or fit an eval_set")
        self._reporter.broadcast(value[0] if isinstance(value, tuple) else value)  # cv has deviations, too
        return False
