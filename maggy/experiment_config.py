"""All settings of an experiment in one object: `lagom(train_fn, config)`, as in Maggy 1.x.

Fields have the names and meanings of `lagom`'s keywords.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from maggy.objectives import KEY


@dataclass(kw_only=True)
class LagomConfig:
    """What all experiments have."""

    name: str = "no-name"
    description: str = ""
    hb_interval: float = 1


@dataclass
class HyperparameterOptConfig(LagomConfig):
    """A search of hyperparameters.

    `model` and `dataset` are passed to the training function as its arguments of these names, wherever
    they are not None.
    """

    num_trials: int
    optimizer: Any
    searchspace: Any = None
    direction: Any = "max"
    es_interval: float = 300
    es_min: int = 10
    es_policy: Any = "median"
    optimization_key: Any = KEY
    model: Any = None
    dataset: Any = None


@dataclass
class AblationConfig(LagomConfig):
    """An ablation study."""

    ablation_study: Any
    ablator: Any = "loco"
    direction: str = "max"
    repeats: int = 1
    optimization_key: Any = KEY
    model: Any = None
    dataset: Any = None
    experiment_type: str = field(default="ablation", init=False)
