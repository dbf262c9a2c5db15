"""What each component is good for: how the metric changes where it is left out. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, variance
from typing import Any

from maggy.core.state import State
from maggy.trial import Trial


@dataclass(frozen=True, slots=True)
class Effect:
    """The trials of one point of an ablation, against the base trials.

    Attributes:
        component: what was left out, for people; empty for the base.
        params: the trials' parameters.
        trials, failed: how many returned a metric; how many failed.
        metric: mean of their metrics; None where there is none.
        effect: `metric` less the base's; None where either is missing.
        spread: the standard error of `effect`, of `metric` for the base; None where a mean is of one trial.
    """

    component: str
    params: dict[str, Any]
    trials: int
    failed: int
    metric: float | None
    effect: float | None
    spread: float | None


@dataclass(frozen=True, slots=True)
class _Point:
    params: dict[str, Any]
    metrics: tuple[float, ...]
    failed: int

    def mean(self) -> float | None:
        return fmean(self.metrics) if self.metrics else None

    def error(self) -> float | None:
        """The standard error of the mean."""
        count = len(self.metrics)
        return math.sqrt(variance(self.metrics) / count) if count > 1 else None


def base(state: State) -> Effect | None:
    """What the others are compared with; None where this is no ablation."""
    baseline = _baseline(state)
    if baseline is None:
        return None
    point = _points(state, [baseline])[0]
    return Effect("", point.params, len(point.metrics), point.failed, point.mean(), None, point.error())


def effects(state: State) -> list[Effect]:
    """Of each component, the one that is missed most first; those without a metric last.

    Only trials that returned their metric count: what was stopped is not compared with what was not.
    """
    baseline = _baseline(state)
    if baseline is None:
        return []
    against, *points = _points(state, [baseline, *_others(state, baseline)])
    found = [_effect(point, against, baseline) for point in points]
    assert state.settings is not None
    sign = 1 if state.settings.direction == "max" else -1
    return sorted(found, key=lambda e: math.inf if e.effect is None else sign * e.effect)


def _baseline(state: State) -> dict[str, Any] | None:
    return state.settings.baseline if state.settings else None


def _others(state: State, baseline: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The points that were tried, each once."""
    found: list[dict[str, Any]] = []
    for trial in state.trials.values():
        if trial.params != baseline and trial.params not in found:
            found.append(trial.params)
    return found


def _points(state: State, wanted: Sequence[dict[str, Any]]) -> list[_Point]:
    return [_point([t for t in state.trials.values() if t.params == params], params) for params in wanted]


def _point(trials: Sequence[Trial], params: dict[str, Any]) -> _Point:
    metrics = [t.final_metric for t in trials if t.status == Trial.FINALIZED and t.final_metric is not None]
    return _Point(params, tuple(metrics), sum(t.status == Trial.ERROR for t in trials))


def _effect(point: _Point, against: _Point, baseline: Mapping[str, Any]) -> Effect:
    metric, reference = point.mean(), against.mean()
    effect = metric - reference if metric is not None and reference is not None else None
    errors = point.error(), against.error()
    spread = math.hypot(*errors) if None not in errors else None  # type: ignore[arg-type]
    component = " + ".join(str(v) for name, v in point.params.items() if v != baseline.get(name))
    return Effect(component, point.params, len(point.metrics), point.failed, metric, effect, spread)
