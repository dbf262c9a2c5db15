"""Search algorithms. `BY_NAME` lists those that `lagom(optimizer=...)` knows by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from maggy.optimizer.abstract import IDLE, AbstractOptimizer
from maggy.optimizer.asha import ASHA, Hyperband
from maggy.optimizer.gridsearch import GridSearch
from maggy.optimizer.optunasearch import OptunaSearch, by_name
from maggy.optimizer.randomsearch import RandomSearch, SingleRun

BY_NAME: Mapping[str, Callable[[], AbstractOptimizer]] = {
    "randomsearch": RandomSearch,
    "gridsearch": GridSearch,
    "asha": ASHA,
    "hyperband": Hyperband,
    **by_name(),
    "none": SingleRun,
}

__all__ = [
    "ASHA",
    "BY_NAME",
    "IDLE",
    "AbstractOptimizer",
    "GridSearch",
    "Hyperband",
    "OptunaSearch",
    "RandomSearch",
    "SingleRun",
]
