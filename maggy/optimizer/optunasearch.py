"""Optuna's samplers. Optuna is imported only once one of them is asked for."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from maggy.optimizer.abstract import AbstractOptimizer
from maggy.optunas import new_study, require, states
from maggy.searchspace import CATEGORICAL, DISCRETE, INTEGER, Parameter
from maggy.trial import Trial

# Of each sampler its class in Optuna, the packages that it needs beside, and its options.
_SAMPLERS: Mapping[str, tuple[str, tuple[str, ...], Mapping[str, Any]]] = {
    "tpe": ("TPESampler", (), {"constant_liar": True}),
    "gp": ("GPSampler", ("scipy", "torch"), {}),
    "cmaes": ("CmaEsSampler", ("cmaes",), {"warn_independent_sampling": False}),
    "qmc": ("QMCSampler", ("scipy",), {"warn_independent_sampling": False}),
    "nsgaii": ("NSGAIISampler", (), {}),
}
# Samplers that know one objective only, by Optuna's names.
_ONE_OBJECTIVE = ("CmaEsSampler",)

# Points of the sampler's that may break a constraint before a random one takes their place.
MOST_TRIES = 20


class OptunaSearch(AbstractOptimizer):
    """A sampler of Optuna's (Akiba et al., KDD 2019, arXiv 1907.10902), through its ask and tell.

    Trials that are running are known to the sampler as running ones: TPE takes them for bad meanwhile (its
    constant liar), so that workers do not all try the same point; the others do what Optuna has them do.
    A trial that was stopped early counts as pruned, with its last metric; where there are several objectives,
    of which it told the first alone, as failed. Trials that a person asked for, and those of a search that is
    resumed, are told to the sampler like its own. In a space with conditions the sampler is asked for one
    hyperparameter after the other, as Optuna's own users do; a point that breaks a constraint is told as
    failed and another asked for, at last a random one.

    Args:
        sampler: 'tpe' (Bergstra et al. 2011), 'gp', 'cmaes' (Hansen 2001), 'qmc' (Sobol's sequence),
            'nsgaii' (Deb et al. 2002), all with Optuna's defaults, or an `optuna.samplers.BaseSampler`.
        seed: for samplers by name.

    Raises:
        ImportError: Optuna, or what the sampler needs beside, is not installed; one line says what to do.
        ValueError: there is no such sampler; from `initialize`, the search space is empty, or the sampler
            knows one objective only and there are several.
    """

    def __init__(self, sampler: Any = "tpe", seed: int | None = None) -> None:
        require(f"sampler {sampler!r:.60}", "'maggy[optuna]'", "optuna")
        if isinstance(sampler, str):
            if sampler not in _SAMPLERS:
                raise ValueError(f"sampler must be one of {', '.join(_SAMPLERS)}, not {sampler!r:.60}")
            packages = _SAMPLERS[sampler][1]
            require(f"sampler {sampler!r}", " ".join(packages), *packages)
        self._sampler = sampler
        self._seed = seed

    def name(self) -> str:
        return self._sampler if isinstance(self._sampler, str) else type(self._sampler).__name__

    def initialize(self) -> None:
        if not len(self.searchspace):
            raise ValueError(
                f"optimizer {self.name()!r} needs a searchspace with at least one hyperparameter"
            )
        sampler = self._make_sampler()
        if len(self.directions) > 1 and type(sampler).__name__ in _ONE_OBJECTIVE:
            raise ValueError(
                f"optimizer {self.name()!r} knows one objective only; 'tpe', 'gp' and 'nsgaii' know several"
            )
        self._study = new_study(*self.directions, sampler=sampler)
        self._parameters = self.searchspace.parameters()
        self._conditional = any(p.when for p in self._parameters)
        self._rng = random.Random(self._seed)
        self._distributions = {p.name: _distribution(p) for p in self._parameters}
        self._asked: dict[str, Any] = {}  # of trials that have not ended, Optuna's
        self._read = 0  # of final_store

    def get_suggestion(self, trial: Trial | None = None) -> Trial:
        self._take_notice()
        for _ in range(MOST_TRIES):
            asked, point = self._ask()
            if self.searchspace.broken(point) is None:
                break
            self._study.tell(asked, state=states().FAIL)
        else:
            asked, point = self._ask(self.searchspace.sample(self._rng))
        suggested = Trial(point)
        self._asked[suggested.trial_id] = asked
        return suggested

    def _ask(self, point: Mapping[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """What the sampler suggests, or is made to: a trial of Optuna's, and its point."""
        if point is not None:
            self._study.enqueue_trial(self._encoded(point))
        if not self._conditional:
            asked = self._study.ask(self._distributions)
            return asked, {p.name: _decode(p, asked.params[p.name]) for p in self._parameters}
        asked = self._study.ask()
        found: dict[str, Any] = {}
        for p in self._parameters:
            if p.exists(found):
                found[p.name] = _decode(p, _suggest(asked, p.name, self._distributions[p.name]))
        return asked, found

    def _make_sampler(self) -> Any:
        if not isinstance(self._sampler, str):
            return self._sampler
        import optuna

        kind, _, options = _SAMPLERS[self._sampler]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return getattr(optuna.samplers, kind)(seed=self._seed, **options)

    def _take_notice(self) -> None:
        """Tells the sampler what happened since it was asked last."""
        ended, self._read = self.final_store[self._read :], len(self.final_store)
        for trial in ended:
            self._tell(trial)
        for trial_id in self._asked.keys() - self.trial_store.keys():
            self._study.tell(self._asked.pop(trial_id), state=states().FAIL)
        for trial in self.trial_store.values():
            if trial.trial_id not in self._asked:
                self._asked[trial.trial_id], _ = self._ask(trial.params)

    def _tell(self, trial: Trial) -> None:
        values = self._values(trial)
        stopped = trial.status == Trial.STOPPED
        asked = self._asked.pop(trial.trial_id, None)
        if values is None:
            if asked is not None:
                self._study.tell(asked, state=states().FAIL)
        elif asked is None:
            self._study.add_trial(self._foreign(trial, values))
        elif stopped:
            asked.report(values[0], _last_step(trial))
            self._study.tell(asked, state=states().PRUNED)
        else:
            self._study.tell(asked, values)

    def _values(self, trial: Trial) -> list[float] | None:
        """Of each objective; None where they are not all known."""
        if len(self.directions) > 1:
            return list(trial.objectives.values()) if trial.objectives else None
        metric = trial.final_metric
        return None if metric is None or math.isnan(metric) else [metric]

    def _foreign(self, trial: Trial, values: list[float]) -> Any:
        """A trial that was not suggested here, and has ended, as Optuna's."""
        import optuna

        stopped = trial.status == Trial.STOPPED
        params = self._encoded(trial.params)
        return optuna.trial.create_trial(
            state=states().PRUNED if stopped else states().COMPLETE,
            values=values,
            params=params,
            distributions={name: self._distributions[name] for name in params},
            intermediate_values={_last_step(trial): values[0]} if stopped else {},
        )

    def _encoded(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {p.name: _encode(p, params[p.name]) for p in self._parameters if p.name in params}


def by_name() -> dict[str, Callable[[], AbstractOptimizer]]:
    """Name -> what makes the optimizer."""
    return {name: lambda name=name: OptunaSearch(name) for name in _SAMPLERS}  # type: ignore[misc]


def _last_step(trial: Trial) -> int:
    return trial.step_history[-1] if trial.step_history else 0


# Choices go by their places, as Optuna takes not all values and has True for 1; so do numbers with a step,
# which its own steps would round.


def _distribution(p: Parameter) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if p.type == CATEGORICAL:
        return CategoricalDistribution(tuple(range(len(p.values))))
    if p.type == DISCRETE:
        return IntDistribution(0, len(p.values) - 1)
    if p.step is not None:
        return IntDistribution(0, p.steps())
    low, high = p.values
    kind = IntDistribution if p.type == INTEGER else FloatDistribution
    return kind(low, high, log=p.log)


def _suggest(asked: Any, name: str, d: Any) -> Any:
    """One hyperparameter of a trial that was asked for without any."""
    kind = type(d).__name__
    if kind == "CategoricalDistribution":
        return asked.suggest_categorical(name, d.choices)
    suggest = asked.suggest_int if kind == "IntDistribution" else asked.suggest_float
    return suggest(name, d.low, d.high, log=d.log)


def _decode(p: Parameter, value: Any) -> Any:
    if p.type in (CATEGORICAL, DISCRETE):
        return p.values[value]
    return p.at_step(value) if p.step is not None else p.fit(value)


def _encode(p: Parameter, value: Any) -> Any:
    if p.type in (CATEGORICAL, DISCRETE):
        return next(k for k, own in enumerate(p.values) if own == value and type(own) is type(value))
    return round((value - p.values[0]) / p.step) if p.step is not None else value
