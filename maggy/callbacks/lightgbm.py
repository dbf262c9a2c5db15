"""A callback for LightGBM, which calls anything that can be called, and so needs no import."""

from __future__ import annotations

from typing import Any

from maggy.callbacks.metrics import pick


class LightGBMIterationEnd:
    """Broadcasts an evaluation metric after each boosting iteration.

    Args:
        reporter: the training function's.
        metric: data set and metric, as in 'valid_0-auc'; the last metric of the last data set of
            `valid_sets` or `eval_set` where None.
    """

    order = 20
    before_iteration = False

    def __init__(self, reporter: Any, metric: str | None = None) -> None:
        self._reporter = reporter
        self._metric = metric

    def __call__(self, env: Any) -> None:
        last = {f"{data}-{name}": value for data, name, value, *_ in env.evaluation_result_list or ()}
        name = self._metric if self._metric is not None else next(reversed(last), "metric")
        advice = "give train valid_sets, or fit an eval_set"
        self._reporter.broadcast(pick(last, name, "LightGBMIterationEnd", advice))
