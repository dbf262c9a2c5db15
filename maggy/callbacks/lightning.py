"""A callback for PyTorch Lightning, as `lightning` or as `pytorch_lightning`."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from maggy.callbacks.metrics import pick

if find_spec("lightning") is not None:
    from lightning.pytorch import Callback
else:
    from pytorch_lightning import Callback


class LightningEpochEnd(Callback):  # type: ignore[misc]
    """Broadcasts a logged metric at the end of each epoch, after its validation.

    Args:
        reporter: the training function's.
        metric: what the module logs with `self.log`.
    """

    def __init__(self, reporter: Any, metric: str = "val_loss") -> None:
        super().__init__()
        self._reporter = reporter
        self._metric = metric

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        advice = "log it in the module with self.log"
        self._reporter.broadcast(pick(trainer.callback_metrics, self._metric, "LightningEpochEnd", advice))
