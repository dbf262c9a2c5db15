"""Optuna's searches: its samplers with its own pruners, as `Study.optimize` leads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner, HyperbandPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import TrialState

from benchmarks.quality.clock import Reports, replay
from benchmarks.quality.curves import EPOCHS, SPACE, Curves

ETA = 3  # as ours and Syne Tune's by default; Optuna's is 4

Made = tuple[BaseSampler, BasePruner]


def _halving(seed: int) -> Made:
    return RandomSampler(seed), SuccessiveHalvingPruner(min_resource=1, reduction_factor=ETA)


def _hyperband(seed: int) -> Made:
    return RandomSampler(seed), HyperbandPruner(min_resource=1, max_resource=EPOCHS, reduction_factor=ETA)


SEARCHES: dict[str, Callable[[int], Made]] = {
    "random": lambda seed: (RandomSampler(seed), NopPruner()),
    "asha": _halving,  # it has the one variant, which stops
    "hyperband": _hyperband,
    "tpe": lambda seed: (TPESampler(seed=seed), NopPruner()),
    "gp": lambda seed: (GPSampler(seed=seed), NopPruner()),
}


class Optuna:
    """A study in memory."""

    def __init__(self, sampler: BaseSampler, pruner: BasePruner, name: str) -> None:
        self._study = optuna.create_study(study_name=name, sampler=sampler, pruner=pruner)
        self._distributions = {name: _distribution(*spec) for name, spec in SPACE.items()}

    def ask(self) -> tuple[Any, dict[str, Any]]:
        trial = self._study.ask(self._distributions)
        return trial, trial.params

    def report(self, trial: Any, epoch: int, loss: float) -> bool:
        trial.report(loss, epoch)
        if not trial.should_prune():
            return False
        self._study.tell(trial, state=TrialState.PRUNED)
        return True

    def done(self, trial: Any, loss: float) -> None:
        trial.report(loss, EPOCHS)
        self._study.tell(trial, loss)


def search(algorithm: str, seed: int, curves: Curves, workers: int, limit: float) -> Reports:
    """Plays the search until `limit`, in simulated seconds."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # The name is a seed, too: Hyperband's pruner draws brackets by it and the trial's number.
    return replay(Optuna(*SEARCHES[algorithm](seed), f"seed {seed}"), curves, workers, limit)


def _distribution(kind: str, region: list[Any], options: dict[str, Any] | None = None) -> Any:
    if kind == "CATEGORICAL":
        return CategoricalDistribution(region)
    made = IntDistribution if kind == "INTEGER" else FloatDistribution
    return made(*region, **(options or {}))
