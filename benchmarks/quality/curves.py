"""Real learning curves, replayed: a point's curve is that of the nearest real run."""

from __future__ import annotations

import csv
import gzip
import io
import math
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).parent / "data" / "vlm_curves.csv.gz"
# The full budget. Runs have 5 to 10 epochs; one that is over keeps its last loss and its mean seconds.
EPOCHS = 9

SPACE: dict[str, Any] = {
    "global_batch_size": ("CATEGORICAL", [4096, 8192]),
    "beta1": ("DOUBLE", [0.9, 0.99]),
    "beta2": ("DOUBLE", [0.95, 0.9995]),
    "eps": ("DOUBLE", [1e-8, 1e-6], {"log": True}),
    "lr": ("DOUBLE", [1e-5, 5e-2], {"log": True}),
    "text_width": ("INTEGER", [32, 512], {"step": 32}),
    "vision_width": ("INTEGER", [32, 512], {"step": 32}),
    "warmup_fraction": ("DOUBLE", [0.0, 0.75]),
    "wd": ("DOUBLE", [1e-6, 0.2], {"log": True}),
}


class Curves:
    """The world of a simulation (`tests.simulation.simulator.World`), of a file as in data/README.md.

    Args:
        path: a CSV file, packed by gzip where its name ends with .gz.

    Raises:
        OSError: there is no such file.
        KeyError: it lacks a column.
    """

    space = SPACE
    epochs = EPOCHS
    direction = "min"

    def __init__(self, path: Path = DATA) -> None:
        self._runs = _runs(path)
        self._points = np.array([_unit(run[0]) for run in self._runs])
        self._nearest: dict[tuple[Any, ...], int] = {}

    def __len__(self) -> int:
        return len(self._runs)

    @cached_property
    def best(self) -> float:
        """The least loss of any run at any epoch up to the last that is replayed."""
        return min(min(run["val_loss"] for run in rows[:EPOCHS]) for rows in self._runs)

    def metric(self, params: dict[str, Any], step: int) -> float:
        """Validation loss after epoch `step` (from 0)."""
        rows = self._rows(params)
        return rows[min(step, len(rows) - 1)]["val_loss"]

    def seconds(self, params: dict[str, Any], step: int) -> float:
        """How long epoch `step` takes."""
        rows = self._rows(params)
        if step < len(rows):
            return rows[step]["epoch_seconds"]
        return sum(row["epoch_seconds"] for row in rows) / len(rows)

    def _rows(self, params: dict[str, Any]) -> list[dict[str, float]]:
        key = tuple(params[name] for name in SPACE)
        if key not in self._nearest:
            gaps = self._points - np.array(_unit(params))
            self._nearest[key] = int(np.argmin((gaps**2).sum(axis=1)))
        return self._runs[self._nearest[key]]


def _runs(path: Path) -> list[list[dict[str, float]]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    runs: dict[str, list[dict[str, float]]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        runs.setdefault(row["config_id"], []).append({name: float(value) for name, value in row.items()})
    return [sorted(rows, key=lambda row: row["epoch"]) for rows in runs.values()]


def _unit(params: dict[str, Any]) -> list[float]:
    """The point in the unit cube, on the log scale where the search space has it."""
    return [_place(spec, params[name]) for name, spec in SPACE.items()]


def _place(spec: tuple[Any, ...], value: float) -> float:
    low, high = spec[1]
    if len(spec) > 2 and spec[2].get("log"):
        low, high, value = math.log(low), math.log(high), math.log(value)
    return (value - low) / (high - low)
