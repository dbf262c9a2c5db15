"""Trains scikit-learn's iterative estimators step by step."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import check_scoring

# These go on from the estimators they have; with other iterations a further fit does as many again.
_CUMULATIVE = ("n_estimators", "max_iter")


def sklearn_fit(
    estimator: Any,
    X: Any,
    y: Any,
    reporter: Any,
    validation: tuple[Any, Any],
    iterations: int = 10,
    step: int = 1,
    scoring: Any = None,
) -> float:
    """Fits an estimator iteration by iteration; broadcasts its score on the validation data after each.

    With `partial_fit` (SGDClassifier, MLPClassifier, ...) an iteration is a pass over the data. With
    `warm_start` it adds `step` trees or boosting stages (RandomForest, GradientBoosting, ...), or goes on
    for `step` iterations of the solver (LogisticRegression, ...).

    Args:
        estimator: fitted in place.
        X, y: the training data.
        reporter: the training function's.
        validation: the pair X, y to score on.
        iterations: how many times.
        step: what one iteration adds, where it is no pass over the data.
        scoring: as in scikit-learn; the estimator's own `score` where None.

    Returns:
        The last score.

    Raises:
        TypeError: the estimator has neither.
        ValueError: there is no iteration to do.
    """
    if iterations < 1 or step < 1:
        raise ValueError(f"iterations and step must be at least 1, not {iterations} and {step}")
    advance = _passes(estimator, y) if hasattr(estimator, "partial_fit") else _warm_starts(estimator, step)
    score = check_scoring(estimator, scoring=scoring)
    value = 0.0
    for iteration in range(iterations):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it is not meant to converge yet
            advance(iteration, X, y)
        value = float(score(estimator, *validation))
        reporter.broadcast(value, iteration)
    return value


def _passes(estimator: Any, y: Any) -> Any:
    more = {"classes": np.unique(y)} if is_classifier(estimator) else {}
    return lambda iteration, X, y: estimator.partial_fit(X, y, **more)


def _warm_starts(estimator: Any, step: int) -> Any:
    has = estimator.get_params()
    count = next((name for name in _CUMULATIVE if name in has), None)
    if "warm_start" not in has or count is None:
        raise TypeError(
            f"{type(estimator).__name__} has neither partial_fit nor warm_start; fit it as a whole"
        )
    # A solver's max_iter is for one fit, that of boosted histograms counts all.
    grows = count == "n_estimators" or type(estimator).__name__.startswith("HistGradientBoosting")
    estimator.set_params(warm_start=True)

    def advance(iteration: int, X: Any, y: Any) -> None:
        estimator.set_params(**{count: step * (iteration + 1) if grows else step})
        estimator.fit(X, y)

    return advance
