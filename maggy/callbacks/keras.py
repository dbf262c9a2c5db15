"""Callbacks for Keras 3 with any backend, and for the older Keras that TF_USE_LEGACY_KERAS stands for."""

from __future__ import annotations

import os
from typing import Any

from maggy.callbacks.metrics import pick

if os.environ.get("TF_USE_LEGACY_KERAS", "").lower() in ("1", "true"):
    from tensorflow import keras
else:
    import keras


class KerasBatchEnd(keras.callbacks.Callback):  # type: ignore[misc]
    """Broadcasts a metric at the end of each batch.

    Args:
        reporter: the training function's.
        metric: 'loss', or the name of a metric that the model was compiled with. Validation has none then.
    """

    def __init__(self, reporter: Any, metric: str = "loss") -> None:
        super().__init__()
        self._reporter = reporter
        self._metric = metric

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        advice = "give metric='loss', or compile the model with this metric"
        self._reporter.broadcast(pick(logs, self._metric, "KerasBatchEnd", advice))


class KerasEpochEnd(keras.callbacks.Callback):  # type: ignore[misc]
    """Broadcasts a metric at the end of each epoch, with the epoch as its step.

    Args:
        reporter: the training function's.
        metric: 'val_loss', 'loss', or the name of a metric that the model was compiled with, as in
            'accuracy' and 'val_accuracy'.
    """

    def __init__(self, reporter: Any, metric: str = "val_loss") -> None:
        super().__init__()
        self._reporter = reporter
        self._metric = metric
        self._step = -1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        advice = "give fit validation_data, or compile the model with this metric"
        # A second `fit` counts its epochs from 0 again.
        self._step = max(epoch, self._step + 1)
        self._reporter.broadcast(pick(logs, self._metric, "KerasEpochEnd", advice), self._step)
