"""The callbacks inside the real libraries; for Lightning see `test_lightning`."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import keras
import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn import ensemble, linear_model, neighbors, neural_network

from maggy import callbacks
from maggy.exceptions import TrialStopped
from maggy.executor.reporter import Reporter

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 3)).astype("float32")
Y = (X[:, 0] > 0).astype("float32")
HALF = {"x": X[:32], "y": Y[:32]}
OTHER = (X[32:], Y[32:])


@pytest.fixture
def reporter() -> Reporter:
    return Reporter()


def model() -> Any:
    made = keras.Sequential([keras.layers.Dense(1, "sigmoid")])
    made.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    return made


def fit_keras(callback: Any, epochs: int = 2, **more: Any) -> Any:
    return model().fit(**HALF, epochs=epochs, batch_size=16, verbose=0, callbacks=[callback], **more)


@pytest.mark.parametrize("metric", ["loss", "val_loss", "val_accuracy"])
def test_keras_at_the_end_of_each_epoch(reporter: Reporter, metric: str) -> None:
    history = fit_keras(callbacks.KerasEpochEnd(reporter, metric), validation_data=OTHER).history
    assert reporter.take_metrics() == list(enumerate(history[metric]))


def test_keras_at_the_end_of_each_batch(reporter: Reporter) -> None:
    fit_keras(callbacks.KerasBatchEnd(reporter))
    steps, losses = zip(*reporter.take_metrics(), strict=True)
    assert steps == (0, 1, 2, 3)
    assert all(isinstance(loss, float) for loss in losses)


def test_a_second_fit_goes_on_counting(reporter: Reporter) -> None:
    callback = callbacks.KerasEpochEnd(reporter, "loss")
    fit_keras(callback)
    fit_keras(callback)
    fit_keras(callback, epochs=7, initial_epoch=5)
    assert [step for step, _ in reporter.take_metrics()] == [0, 1, 2, 3, 5, 6]


def test_keras_without_the_metric(reporter: Reporter) -> None:
    with pytest.raises(ValueError, match="finds no 'val_loss', there is accuracy, loss; give fit validation"):
        fit_keras(callbacks.KerasEpochEnd(reporter))


def fit_xgboost(callback: Any, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {}
    data, other = xgboost.DMatrix(HALF["x"], HALF["y"]), xgboost.DMatrix(*OTHER)
    given = {"evals": [(data, "train"), (other, "eval")], "evals_result": told, "verbose_eval": False, **more}
    settings = {"objective": "binary:logistic", "nthread": 1, "eval_metric": ["error", "logloss"]}
    xgboost.train(settings, data, 3, callbacks=[callback], **given)
    return told


def test_xgboost_after_each_iteration(reporter: Reporter) -> None:
    told = fit_xgboost(callbacks.XGBoostIterationEnd(reporter))
    assert reporter.take_metrics() == list(enumerate(told["eval"]["logloss"]))
    told = fit_xgboost(callbacks.XGBoostIterationEnd(reporter, "train-error"))
    assert [value for _, value in reporter.take_metrics()] == told["train"]["error"]


def test_xgboost_cross_validated(reporter: Reporter) -> None:
    data = xgboost.DMatrix(X, Y)
    callback = callbacks.XGBoostIterationEnd(reporter, "test-logloss")
    found = xgboost.cv({"objective": "binary:logistic", "nthread": 1}, data, 3, nfold=2, callbacks=[callback])
    values = [value for _, value in reporter.take_metrics()]
    np.testing.assert_allclose(values, found["test-logloss-mean"])


def fit_lightgbm(callback: Any, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {}
    data = lightgbm.Dataset(HALF["x"], HALF["y"])
    given = {"valid_sets": [data.create_valid(*OTHER)], "valid_names": ["eval"], **more}
    settings = {"objective": "binary", "metric": ["auc", "binary_logloss"], "num_threads": 1, "verbose": -1}
    lightgbm.train(settings, data, 3, callbacks=[callback, lightgbm.record_evaluation(told)], **given)
    return told


def test_lightgbm_after_each_iteration(reporter: Reporter) -> None:
    told = fit_lightgbm(callbacks.LightGBMIterationEnd(reporter))
    assert reporter.take_metrics() == list(enumerate(told["eval"]["binary_logloss"]))
    told = fit_lightgbm(callbacks.LightGBMIterationEnd(reporter, "eval-auc"))
    assert [value for _, value in reporter.take_metrics()] == told["eval"]["auc"]


@pytest.mark.parametrize(
    ("fit", "name", "more"),
    [
        (fit_xgboost, "XGBoostIterationEnd", {"evals": []}),
        (fit_lightgbm, "LightGBMIterationEnd", {"valid_sets": [], "valid_names": []}),
    ],
)
def test_boosting_without_an_evaluation(reporter: Reporter, fit: Any, name: str, more: Any) -> None:
    with pytest.raises(ValueError, match="there is no metrics; give train"):
        fit(getattr(callbacks, name)(reporter), **more)


@pytest.mark.parametrize(
    "estimator",
    [
        linear_model.SGDClassifier(random_state=0),
        linear_model.SGDRegressor(random_state=0),
        neural_network.MLPClassifier(4, random_state=0),
        linear_model.LogisticRegression(),
        ensemble.RandomForestClassifier(random_state=0),
        ensemble.GradientBoostingClassifier(random_state=0),
        ensemble.HistGradientBoostingClassifier(random_state=0),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_scikit_learn_iteration_by_iteration(reporter: Reporter, estimator: Any) -> None:
    last = callbacks.sklearn_fit(estimator, HALF["x"], HALF["y"], reporter, OTHER, iterations=3, step=2)
    metrics = reporter.take_metrics()
    assert [step for step, _ in metrics] == [0, 1, 2]
    assert last == metrics[-1][1] == estimator.score(*OTHER)
    if hasattr(estimator, "n_estimators"):
        assert len(estimator.estimators_) == 6
    if isinstance(estimator, ensemble.HistGradientBoostingClassifier):
        assert estimator.n_iter_ == 6


def test_scikit_learn_scores_as_it_is_told(reporter: Reporter) -> None:
    loss = callbacks.sklearn_fit(
        linear_model.LogisticRegression(), X, Y, reporter, OTHER, iterations=2, scoring="neg_log_loss"
    )
    assert loss < 0


def test_an_estimator_that_is_fitted_as_a_whole_is_refused(reporter: Reporter) -> None:
    with pytest.raises(TypeError, match="KNeighborsClassifier has neither partial_fit nor warm_start"):
        callbacks.sklearn_fit(neighbors.KNeighborsClassifier(), X, Y, reporter, OTHER)
    with pytest.raises(ValueError, match="must be at least 1"):
        callbacks.sklearn_fit(linear_model.SGDClassifier(), X, Y, reporter, OTHER, iterations=0)


TRAININGS = {
    "KerasBatchEnd": lambda r: fit_keras(callbacks.KerasBatchEnd(r)),
    "KerasEpochEnd": lambda r: fit_keras(callbacks.KerasEpochEnd(r, "loss")),
    "LightGBMIterationEnd": lambda r: fit_lightgbm(callbacks.LightGBMIterationEnd(r)),
    "XGBoostIterationEnd": lambda r: fit_xgboost(callbacks.XGBoostIterationEnd(r)),
    "sklearn_fit": lambda r: callbacks.sklearn_fit(linear_model.SGDClassifier(), X, Y, r, OTHER),
}


def test_every_callback_is_tried() -> None:
    assert dir(callbacks) == sorted([*TRAININGS, "LightningEpochEnd"])


@pytest.mark.parametrize("training", TRAININGS)
def test_a_trial_that_is_to_stop_leaves_the_training_at_once(reporter: Reporter, training: str) -> None:
    reporter.stop("hopeless")
    with pytest.raises(TrialStopped, match="hopeless"):
        TRAININGS[training](reporter)
    assert len(reporter.take_metrics()) == 1


def test_nothing_is_imported_before_it_is_used() -> None:
    libraries = ("keras", "lightgbm", "xgboost", "sklearn", "numpy")
    check = f"import sys, maggy.callbacks; print([m for m in {libraries} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, timeout=60, check=True
    )
    assert found.stdout.strip() == "[]"


def test_what_is_no_callback_is_told() -> None:
    with pytest.raises(AttributeError, match="has no 'KerasStepEnd'; it has KerasBatchEnd, "):
        callbacks.KerasStepEnd  # noqa: B018
