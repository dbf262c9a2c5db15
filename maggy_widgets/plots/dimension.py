"""An axis of the search space."""

from __future__ import annotations

import math
from typing import Any

import bqplot as bq
import numpy as np

from maggy.core import events as ev
from maggy.core.state import State
from maggy.progress.format import clean, value
from maggy.searchspace import CATEGORICAL, Parameter, Searchspace
from maggy.trial import Trial
from maggy_widgets.axis import Axis, around
from maggy_widgets.plots.base import METRIC, Range, axis, name_metric


class Dimension:
    """A hyperparameter, or the metric where `parameter` is None.

    Categories are at 0, 1, 2, ..., and their trials a little beside, so that they are not all on one spot.
    """

    def __init__(self, parameter: Parameter | None, side: str) -> None:
        self.name = METRIC if parameter is None else parameter.name
        self._choices = _choices(parameter)
        self._index = {repr(choice): at for at, choice in enumerate(self._choices)}
        self.scale = bq.LogScale() if parameter is not None and parameter.log else bq.LinearScale()
        self.axis = axis(self.scale, self.name, side, **self._ticks())
        self._range = Range(self.scale, None if self._choices else self.axis)
        if parameter is not None:
            self._range.show(_region(parameter, self._choices))

    def at(self, trial: Trial) -> float | None:
        """Where the trial is; None where it is nowhere on this axis."""
        if self.name == METRIC:
            return metric(trial)
        if self.name not in trial.params:
            return None  # not the choice None
        given = trial.params[self.name]
        if self._choices:
            at = self._index.get(repr(given))
            return None if at is None else at + (trial.number * 0.618034 % 1 - 0.5) * 0.5
        return float(given) if isinstance(given, (int, float)) else None

    def fit(self, wanted: Axis, state: State) -> None:
        """Shows this range of the metric, and its name; a hyperparameter has its own."""
        if self.name == METRIC:
            name_metric(self.axis, state)
            self._range.show(wanted)

    def _ticks(self) -> dict[str, Any]:
        if not self._choices:
            return {}
        labels = {str(at): clean(value(choice), 14) for at, choice in enumerate(self._choices)}
        return {"tick_values": np.arange(len(labels)), "tick_labels": labels, "grid_lines": "none"}


def metric(trial: Trial) -> float | None:
    """The final metric, or the last so far; None where there is none that is finite."""
    last = trial.final_metric if trial.final_metric is not None else (trial.metric_history or [math.nan])[-1]
    return last if math.isfinite(last) else None


def parameters(settings: ev.ExperimentStarted | None) -> dict[str, Parameter]:
    """The hyperparameters by name."""
    found = Searchspace(**settings.searchspace).parameters() if settings is not None else ()
    return {p.name: p for p in found}


def _choices(parameter: Parameter | None) -> tuple[Any, ...]:
    """What has a place of its own on the axis; nothing for numbers."""
    if parameter is None:
        return ()
    numbers = all(type(v) in (int, float) for v in parameter.values)
    return () if numbers and parameter.type != CATEGORICAL else parameter.values


def _region(parameter: Parameter, choices: tuple[Any, ...]) -> Axis:
    """The whole region, and a little more, so that no mark is cut."""
    if choices:
        return Axis(-0.5, len(choices) - 0.5)
    whole = around([float(v) for v in parameter.values])
    if parameter.log:
        edge = (whole.high / whole.low) ** 0.04
        return Axis(whole.low / edge, whole.high * edge, log=True)
    edge = (whole.high / 2 - whole.low / 2) * 0.08
    return Axis(whole.low - edge, whole.high + edge)
