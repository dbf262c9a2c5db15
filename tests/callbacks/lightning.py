"""`python -m tests.callbacks.lightning`: the callback in a real training, where Lightning is installed."""

from __future__ import annotations

import lightning
import torch

from maggy.callbacks import LightningEpochEnd
from maggy.exceptions import TrialStopped
from maggy.executor.reporter import Reporter

X = torch.randn(64, 3, generator=torch.Generator().manual_seed(0))
DATA = torch.utils.data.TensorDataset(X, X.sum(1, keepdim=True))


class Line(lightning.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.line = torch.nn.Linear(3, 1)
        self.seen: list[float] = []

    def training_step(self, batch, index):
        loss = torch.nn.functional.mse_loss(self.line(batch[0]), batch[1])
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, index):
        self.log("val_loss", torch.nn.functional.mse_loss(self.line(batch[0]), batch[1]))

    def on_validation_epoch_end(self):
        if not self.trainer.sanity_checking:
            self.seen.append(float(self.trainer.callback_metrics["val_loss"]))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.05)


def fit(callback: LightningEpochEnd) -> Line:
    trainer = lightning.Trainer(
        max_epochs=3, accelerator="cpu", callbacks=[callback], logger=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(module := Line(), *(torch.utils.data.DataLoader(DATA, 16) for _ in range(2)))
    return module


if __name__ == "__main__":
    for metric in ("val_loss", "train_loss"):
        reporter = Reporter()
        module = fit(LightningEpochEnd(reporter, metric))
        metrics = reporter.take_metrics()
        print(metric, metrics)
        assert [step for step, _ in metrics] == [0, 1, 2]
        assert metric == "train_loss" or [value for _, value in metrics] == module.seen
    reporter.stop("hopeless")
    try:
        fit(LightningEpochEnd(reporter))
    except TrialStopped as stopped:
        print("stopped:", stopped)
    else:
        raise AssertionError("it was not stopped")
