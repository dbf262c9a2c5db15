"""Syne Tune's searches: its schedulers, called in the order in which its `Tuner` calls them."""

from __future__ import annotations

import datetime
import itertools
import logging
import random
from collections.abc import Callable
from typing import Any, cast

import numpy as np
from syne_tune.backend.trial_status import Trial
from syne_tune.config_space import choice, finrange, loguniform, uniform
from syne_tune.optimizer import baselines
from syne_tune.optimizer.scheduler import SchedulerDecision, TrialScheduler

from benchmarks.quality.clock import Reports, replay
from benchmarks.quality.curves import EPOCHS, SPACE, Curves

METRIC, EPOCH = "loss", "epoch"


def _asha(space: dict[str, Any], seed: int, brackets: int = 1) -> TrialScheduler:
    options = {"time_attr": EPOCH, "max_t": EPOCHS, "brackets": brackets}
    return baselines.ASHA(space, METRIC, random_seed=seed, **options)


def _in_order(scheduler: Any) -> TrialScheduler:
    """Mends a fault of 0.16.0, which gives the process points in the order of their start, and metrics in
    that of their end, so that with several workers most metrics stand beside other trials' points."""
    searcher = scheduler.searcher
    searcher.objectives = lambda: np.array([m for _, m in sorted(searcher.trial_observations.items())])
    return cast(TrialScheduler, scheduler)


SEARCHES: dict[str, Callable[[dict[str, Any], int], TrialScheduler]] = {
    "random": lambda space, seed: baselines.RandomSearch(space, [METRIC], random_seed=seed),
    "asha": _asha,  # it has the one variant, which stops
    "hyperband": lambda space, seed: _asha(space, seed, brackets=3),
    "tpe": lambda space, seed: baselines.TPE(space, METRIC, random_seed=seed),
    "gp": lambda space, seed: _in_order(baselines.BOTorch(space, METRIC, random_seed=seed)),
}


class SyneTune:
    """A scheduler, led as `Tuner` leads it."""

    def __init__(self, scheduler: TrialScheduler) -> None:
        self._scheduler = scheduler
        self._ids = itertools.count()

    def ask(self) -> tuple[Any, dict[str, Any]]:
        suggested = self._scheduler.suggest()
        trial = Trial(next(self._ids), suggested.config, datetime.datetime.now())
        self._scheduler.on_trial_add(trial)
        return trial, trial.config

    def report(self, trial: Any, epoch: int, loss: float) -> bool:
        stop = self._scheduler.on_trial_result(trial, {METRIC: loss, EPOCH: epoch}) == SchedulerDecision.STOP
        if stop:
            self._scheduler.on_trial_remove(trial)
        return stop

    def done(self, trial: Any, loss: float) -> None:
        if not self.report(trial, EPOCHS, loss):
            self._scheduler.on_trial_complete(trial, {METRIC: loss, EPOCH: EPOCHS})


def search(algorithm: str, seed: int, curves: Curves, workers: int, limit: float) -> Reports:
    """Plays the search until `limit`, in simulated seconds."""
    logging.getLogger("syne_tune").setLevel(logging.ERROR)
    # Beside their own generators, its searchers draw from these.
    random.seed(seed)
    np.random.seed(seed)
    space = {name: _domain(*spec) for name, spec in SPACE.items()}
    return replay(SyneTune(SEARCHES[algorithm](space, seed)), curves, workers, limit)


def _domain(kind: str, region: list[Any], options: dict[str, Any] | None = None) -> Any:
    if kind == "CATEGORICAL":
        return choice(region)
    if kind == "INTEGER":
        low, high = region
        return finrange(low, high, (high - low) // (options or {})["step"] + 1, cast_int=True)
    return (loguniform if options else uniform)(*region)
