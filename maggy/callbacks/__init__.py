"""Reports metrics to a trial's `reporter` from where libraries train.

| | |
|---|---|
| `KerasBatchEnd`, `KerasEpochEnd` | Keras 3, also as `tf.keras` |
| `LightningEpochEnd` | PyTorch Lightning |
| `XGBoostIterationEnd` | XGBoost |
| `LightGBMIterationEnd` | LightGBM |
| `sklearn_fit` | scikit-learn's estimators with `partial_fit` or `warm_start` |

A library is imported when its callback is. A trial that is to stop leaves the training by an exception,
`maggy.exceptions.TrialStopped`; let it pass.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = {
    "KerasBatchEnd": "keras",
    "KerasEpochEnd": "keras",
    "LightGBMIterationEnd": "lightgbm",
    "LightningEpochEnd": "lightning",
    "XGBoostIterationEnd": "xgboost",
    "sklearn_fit": "sklearn",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"maggy.callbacks has no {name!r}; it has {', '.join(_MODULES)}")
    return getattr(import_module(f"maggy.callbacks.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_MODULES)
