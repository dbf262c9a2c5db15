"""Where the trials lie in the search space."""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import Any

import bqplot as bq
import numpy as np

from maggy.core import events as ev
from maggy.core.state import State
from maggy.trial import Trial
from maggy_widgets import look
from maggy_widgets.axis import metric_axis, ramp_axis
from maggy_widgets.plots.base import METRIC, MOST_POINTS, Change, Plot, Range, direction, named, put
from maggy_widgets.plots.brush import selectors
from maggy_widgets.plots.dimension import Dimension, metric, parameters

# From bad to good. The marks have a grey edge, as no ramp is seen on white and on black at both ends.
RAMP = ["#443a83", "#31688e", "#21908c", "#35b779", "#8fd744", "#fde725"]
BEST = "best"
STYLES: dict[str, dict[str, Any]] = {
    look.FINISHED: {"default_size": 72, "stroke": "#808080", "stroke_width": 1},
    look.EARLY: {"default_size": 56, "fill": False, "stroke_width": 2},
    look.HAND: {"marker": "square", "default_size": 56, "fill": False, "stroke_width": 2},
    look.FAILED: {"marker": "cross", "default_size": 40, "colors": [look.COLOURS[look.FAILED]]},
    look.RUNNING: {"marker": "triangle-up", "default_size": 72, "colors": [look.COLOURS[look.RUNNING]]},
    BEST: {"default_size": 300, "fill": False, "stroke_width": 3, "colors": [look.BEST]},
}
COLOURED = (look.FINISHED, look.EARLY, look.HAND)


class Space(Plot):
    """Trials by two hyperparameters, coloured by metric; hollow where stopped.

    Args:
        settings: of the experiment.
        x, y: names of hyperparameters, or 'metric', as `named_axes` gives them.
    """

    def __init__(self, settings: ev.ExperimentStarted | None, x: str, y: str) -> None:
        known = parameters(settings)
        self._x, self._y = Dimension(known.get(x), "bottom"), Dimension(known.get(y), "left")
        self._ids: dict[str, list[str]] = {kind: [] for kind in STYLES}
        better = settings is None or settings.direction == "max"
        colours = bq.ColorScale(colors=RAMP if better else RAMP[::-1])
        self._colours = Range(colours)
        self._marks = {kind: self._mark(kind, colours) for kind in STYLES}
        super().__init__(self._x.axis, self._y.axis, fig_margin=MARGIN, marks=list(self._marks.values()))
        ramp = bq.ColorAxis(scale=colours, side="right", num_ticks=3, tick_format=".3g", color=look.TEXT)
        self.figure.axes = [*self.figure.axes, ramp]
        marks = [mark for kind, mark in self._marks.items() if kind != BEST]
        self._selectors = selectors(marks, self._x.scale, self._y.scale)

    def select(self, selector: str | None) -> None:
        """Puts the 'brush' or the 'lasso' into the person's hand; with None the mouse shows what is there.

        Raises:
            ValueError: there is no such selector.
        """
        if selector not in self._selectors:
            raise ValueError(f"trials are selected with 'brush', 'lasso' or None, not with {selector!r:.60}")
        self.figure.interaction = self._selectors[selector]

    def selected(self) -> list[str]:
        """The ids of the selected trials."""
        marks = ((kind, mark) for kind, mark in self._marks.items() if kind != BEST)
        chosen = ((kind, n) for kind, mark in marks if mark.selected is not None for n in mark.selected)
        return [self._ids[kind][n] for kind, n in chosen if 0 <= n < len(self._ids[kind])]

    def update(self, state: State, change: Change) -> None:
        follows = METRIC in (self._x.name, self._y.name) and change.touched
        if not (change.moved or change.whole or follows):
            return
        groups = self._groups(state)
        metrics = [m for t in state.ended_with_metric() if (m := metric(t)) is not None]
        self._colours.show(ramp_axis(metrics, direction(state)))
        for dimension in (self._x, self._y):
            dimension.fit(metric_axis(metrics, direction(state), log=False), state)
        selected = set(self.selected())
        for kind in STYLES:
            self._draw(kind, groups[kind], selected)

    def _groups(self, state: State) -> dict[str, list[Trial]]:
        """The trials of each mark: those that are somewhere on both axes."""
        groups: dict[str, list[Trial]] = defaultdict(list)
        for trial in _shown(state):
            if self._x.at(trial) is not None and self._y.at(trial) is not None:
                kind = look.kind(trial)
                groups[look.EARLY if kind == look.ENDED and trial.final_metric is not None else kind].append(
                    trial
                )
                if trial is state.best:
                    groups[BEST] = [trial]
        return groups

    def _draw(self, kind: str, trials: list[Trial], selected: set[str]) -> None:
        self._ids[kind] = [t.trial_id for t in trials]
        chosen = [n for n, i in enumerate(self._ids[kind]) if i in selected]
        arrays: dict[str, Any] = {
            "x": np.array([self._x.at(t) for t in trials], dtype=float),
            "y": np.array([self._y.at(t) for t in trials], dtype=float),
            "names": np.array([t.number for t in trials]),
        }
        if kind in COLOURED:
            arrays["color"] = np.array([metric(t) for t in trials], dtype=float)
        if kind != BEST and (chosen or self._marks[kind].selected is not None):
            arrays["selected"] = np.array(chosen, dtype=int)
        put(self._marks[kind], **arrays)

    def _mark(self, kind: str, colours: bq.ColorScale) -> bq.Scatter:
        scales = {"x": self._x.scale, "y": self._y.scale}
        fields = {"name": "trial", "x": self._x.name, "y": self._y.name}
        if kind in COLOURED:
            scales["color"], fields["color"] = colours, METRIC
        return bq.Scatter(
            scales=scales,
            display_names=False,
            names_unique=False,
            unselected_style={"opacity": "0.15"},
            tooltip=named(fields),
            **STYLES[kind],
        )


MARGIN = {"top": 30, "bottom": 50, "left": 70, "right": 90}


def named_axes(settings: ev.ExperimentStarted | None, x: str | None, y: str | None) -> tuple[str, str]:
    """The names of the two axes: the first two hyperparameters where None.

    Raises:
        ValueError: there is no such hyperparameter.
    """
    names = [*parameters(settings), METRIC]
    chosen = (names[0] if x is None else x, names[min(1, len(names) - 1)] if y is None else y)
    for name in chosen:
        if name not in names:
            raise ValueError(f"there is no hyperparameter {name!r:.60}; there are {', '.join(names)}")
    return chosen


def _shown(state: State) -> list[Trial]:
    """All trials; where they are too many, the best and the latest."""
    trials = list(state.trials.values())
    if len(trials) <= MOST_POINTS:
        return trials
    sign = 1 if direction(state) == "max" else -1
    best = heapq.nlargest(
        MOST_POINTS // 2, state.ended_with_metric(), key=lambda t: sign * (t.final_metric or 0.0)
    )
    latest = trials[-MOST_POINTS // 2 :]
    return sorted({t.trial_id: t for t in best + latest}.values(), key=lambda t: t.number)
