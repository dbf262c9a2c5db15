"""What all plots have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bqplot as bq
import numpy as np

from maggy.core import events as ev
from maggy.core.objectives import metric_name
from maggy.core.state import State
from maggy.progress.format import clean
from maggy_widgets import look
from maggy_widgets.axis import Axis

# What the metric is called as long as nobody has told its name.
METRIC = "metric"
# Points in a figure: bqplot sends a mark's arrays whole each time one of them changes.
MOST_POINTS = 2_000
_ENDS = (ev.TrialFinished, ev.TrialStopped, ev.TrialFailed, ev.TrialCancelled)


@dataclass(slots=True)
class Change:
    """What happened since a plot was last updated.

    Attributes:
        touched: ids of trials to which anything happened.
        moved: whether any trial started, was stopped or ended.
        ended: whether any trial ended, or the whole experiment.
        whole: whether anything may have happened: the first update of a plot.
    """

    touched: set[str] = field(default_factory=set)
    moved: bool = False
    ended: bool = False
    whole: bool = False

    @classmethod
    def of(cls, records: Iterable[ev.Record]) -> Change:
        change = cls()
        for event in (record.event for record in records):
            if (trial := getattr(event, "trial", None)) is not None:
                change.touched.add(trial)
                change.moved |= not isinstance(event, ev.TrialProgressed)
            change.ended |= isinstance(event, (*_ENDS, ev.ExperimentEnded))
        return change


class Plot:
    """A live figure. Subclasses make `figure` and update it.

    Args:
        x, y: the axes.
        settings: traits of the figure.
    """

    def __init__(self, x: bq.Axis, y: bq.Axis, **settings: Any) -> None:
        given = {"fig_margin": {"top": 30, "bottom": 50, "left": 64, "right": 24}, **settings}
        self.figure = bq.Figure(axes=[x, y], title_style={"fill": look.TEXT, "font-size": "13px"}, **given)
        self.figure.layout.width, self.figure.layout.height = "100%", "340px"
        self.figure.layout.min_width = "0"

    def update(self, state: State, change: Change) -> None:
        """Takes in what happened; called in the Writer's thread, twice a second at most."""
        raise NotImplementedError


def axis(scale: bq.Scale, label: str, side: str = "bottom", **settings: Any) -> bq.Axis:
    """An axis that is read in light and in dark."""
    offset = {"label_offset": "46px" if side == "left" else "34px"}
    return bq.Axis(
        scale=scale,
        side=side,
        label=clean(label, 40),
        label_color=look.TEXT,
        grid_color=look.GRID,
        color=look.TEXT,
        tick_style={"fill": look.TEXT},
        **offset,
        **settings,
    )


def put(mark: bq.Mark, **arrays: Any) -> None:
    """Sets a mark's data in one message, and sends none where nothing changed."""
    changed = {n: v for n, v in arrays.items() if not _same(getattr(mark, n), v)}
    if changed:
        with mark.hold_sync():
            for name, value in changed.items():
                setattr(mark, name, value)


def matrix(lines: Sequence[Sequence[tuple[float, float]]]) -> tuple[np.ndarray, np.ndarray]:
    """Lines of points as two matrices with a row each; short lines stay where they end."""
    if not lines:
        return np.zeros(0), np.zeros(0)
    longest = max(2, *map(len, lines))
    padded = np.array([[*line, *[line[-1]] * (longest - len(line))] for line in lines], dtype=float)
    return padded[:, :, 0], padded[:, :, 1]


class Range:
    """Keeps a scale at a range, with round ticks, until a person sets it, by zooming or in Python."""

    def __init__(self, scale: bq.Scale, axis: bq.Axis | None = None) -> None:
        self._scale, self._axis = scale, axis
        self._given: tuple[float | None, float | None] = (scale.min, scale.max)
        scale.observe(self._on_change, ("min", "max"))

    def show(self, wanted: Axis) -> None:
        """Shows this range."""
        if (self._scale.min, self._scale.max) == self._given != (wanted.low, wanted.high):
            self._given = (wanted.low, wanted.high)
            with self._scale.hold_sync():
                self._scale.min, self._scale.max = self._given
            if self._axis is not None:
                self._axis.tick_values = np.array(wanted.ticks(6))

    def _on_change(self, change: Any) -> None:
        if self._axis is not None and change["new"] not in self._given:
            self._scale.unobserve(self._on_change, ("min", "max"))
            self._axis.tick_values = None


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        if a is None or b is None:
            return False
        return np.array_equal(a, b, equal_nan=a.dtype.kind == "f" and b.dtype.kind == "f")
    return bool(a == b)


def name_metric(axis: bq.Axis, state: State) -> None:
    """Calls the metric by its name, as soon as that is known, on an axis that nobody has named otherwise."""
    name = clean(metric_name(state), 40)
    if axis.label != name and axis.label == METRIC:
        axis.label = name


def direction(state: State) -> str:
    """'max' or 'min'."""
    return state.settings.direction if state.settings else "max"


def named(labels: Mapping[str, str]) -> bq.Tooltip:
    """A tooltip with these fields and their names for people."""
    return bq.Tooltip(fields=list(labels), labels=[clean(words, 40) for words in labels.values()])
