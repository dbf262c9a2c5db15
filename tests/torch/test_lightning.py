"""The callback in a real training by PyTorch Lightning."""

from __future__ import annotations

from typing import Any

import pytest

from maggy.exceptions import TrialStopped
from maggy.executor.reporter import Reporter

pytestmark = pytest.mark.torch


@pytest.fixture
def fit() -> Any:
    """Trains a line for three epochs with the callback; what the module saw as `val_loss` after each."""
    import lightning
    import torch

    from maggy.callbacks import LightningEpochEnd

    class Line(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.line = torch.nn.Linear(3, 1)
            self.seen: list[float] = []

        def training_step(self, batch: Any, index: int) -> Any:
            loss = torch.nn.functional.mse_loss(self.line(batch[0]), batch[1])
            self.log("train_loss", loss, on_step=False, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            self.log("val_loss", torch.nn.functional.mse_loss(self.line(batch[0]), batch[1]))

        def on_validation_epoch_end(self) -> None:
            if not self.trainer.sanity_checking:
                self.seen.append(float(self.trainer.callback_metrics["val_loss"]))

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.05)

    x = torch.randn(64, 3, generator=torch.Generator().manual_seed(0))
    data = torch.utils.data.TensorDataset(x, x.sum(1, keepdim=True))

    def run(reporter: Reporter, *metric: str) -> list[float]:
        callback = LightningEpochEnd(reporter, *metric)
        trainer = lightning.Trainer(
            max_epochs=3, accelerator="cpu", callbacks=[callback], logger=False,
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        )  # fmt: skip
        trainer.fit(module := Line(), *(torch.utils.data.DataLoader(data, 16) for _ in range(2)))
        return module.seen

    return run


def test_each_epochs_validation_is_broadcast(fit: Any) -> None:
    reporter = Reporter()
    seen = fit(reporter)
    assert reporter.take_metrics() == list(enumerate(seen))
    assert len(seen) == 3


def test_a_metric_of_the_training_is_broadcast(fit: Any) -> None:
    reporter = Reporter()
    fit(reporter, "train_loss")
    steps, losses = zip(*reporter.take_metrics(), strict=True)
    assert steps == (0, 1, 2)
    assert losses[0] > losses[1] > losses[2]


def test_a_stop_ends_the_training(fit: Any) -> None:
    reporter = Reporter()
    reporter.stop("hopeless")
    with pytest.raises(TrialStopped, match="hopeless"):
        fit(reporter)


def test_a_metric_that_nobody_logs_is_named(fit: Any) -> None:
    with pytest.raises(ValueError, match="finds no 'accuracy', there is"):
        fit(Reporter(), "accuracy")
