"""Made-up learning curves whose best hyperparameters are known.

A trial climbs towards a ceiling; the ceiling is highest at CENTRE, the pace has its own, other optimum, so
that good trials may start slowly.
"""

from __future__ import annotations

import math
from typing import Any

EPOCHS = 30
SPACE = {
    "rate": ("DOUBLE", [1e-4, 1.0], {"log": True}),
    "width": ("INTEGER", [16, 256], {"step": 16}),
    "activation": ("CATEGORICAL", ["relu", "tanh"]),
}
CENTRE = 1e-2


class MadeUp:
    """These curves as the world of a simulation."""

    space = SPACE
    epochs = EPOCHS
    direction = "max"

    def metric(self, params: dict[str, Any], step: int) -> float:
        return metric(params, step)

    def seconds(self, params: dict[str, Any], step: int) -> float:
        return seconds_per_epoch(params)


def metric(params: dict[str, Any], step: int) -> float:
    """The metric after epoch `step` (from 0), below 1; higher is better."""
    decades = math.log10(params["rate"] / CENTRE)
    ceiling = math.exp(-(decades**2) / 4) * (0.9 + 0.1 * params["width"] / 256)
    if params["activation"] == "tanh":
        ceiling *= 0.97
    pace = 0.08 + 0.1 * math.exp(-((decades - 0.5) ** 2))
    return ceiling * (1.0 - math.exp(-pace * (step + 1)))


def seconds_per_epoch(params: dict[str, Any]) -> float:
    """Wider networks take longer."""
    return 0.5 + float(params["width"]) / 256
