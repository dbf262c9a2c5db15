"""Lightning's callback against its protocol alone; tests/torch has the real thing."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from maggy.executor.reporter import Reporter


@pytest.fixture
def lightning_epoch_end(monkeypatch: pytest.MonkeyPatch) -> Any:
    package, module = ModuleType("pytorch_lightning"), "maggy.callbacks.lightning"
    package.Callback = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pytorch_lightning", package)
    monkeypatch.delitem(sys.modules, module, raising=False)
    from maggy.callbacks.lightning import LightningEpochEnd

    yield LightningEpochEnd
    sys.modules.pop(module)


def test_the_logged_metric_is_broadcast_after_each_epoch(lightning_epoch_end: Any) -> None:
    reporter = Reporter()
    callback = lightning_epoch_end(reporter, metric="val_acc")
    for accuracy in (0.5, 0.75):
        callback.on_train_epoch_end(SimpleNamespace(callback_metrics={"val_acc": accuracy}), None)
    assert reporter.take_metrics() == [(0, 0.5), (1, 0.75)]
    with pytest.raises(ValueError, match="finds no 'val_acc', there is loss; log it in the module"):
        callback.on_train_epoch_end(SimpleNamespace(callback_metrics={"loss": 1.0}), None)
