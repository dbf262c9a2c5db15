"""The best metric so far."""

from __future__ import annotations

from itertools import accumulate

import bqplot as bq
import numpy as np

from maggy.core.state import State
from maggy.trial import Trial
from maggy_widgets import look
from maggy_widgets.axis import around, metric_axis
from maggy_widgets.decimate import spread
from maggy_widgets.plots.base import (
    METRIC,
    MOST_POINTS,
    Change,
    Plot,
    Range,
    axis,
    direction,
    name_metric,
    named,
    put,
)

BY = {"trial": "trial", "time": "minutes since the start"}


class Best(Plot):
    """The best metric so far as a line of steps, and each trial's final metric as a dot.

    Args:
        by: 'trial' for their numbers, 'time' for when they ended.

    Raises:
        ValueError: it is neither.
    """

    def __init__(self, by: str = "trial") -> None:
        if by not in BY:
            raise ValueError(f"the best so far is drawn by 'trial' or by 'time', not by {by!r:.60}")
        self._by = by
        scales = {"x": bq.LinearScale(), "y": bq.LinearScale()}
        x, y = axis(scales["x"], BY[by], grid_lines="none"), axis(scales["y"], METRIC, "left")
        self._range_x, self._range_y = Range(scales["x"], x), Range(scales["y"], y)
        tooltip = named({"name": "trial", "y": "metric"})
        looks = {"default_size": 24, "display_names": False, "names_unique": False, "tooltip": tooltip}
        ended = {"colors": [look.COLOURS[look.FINISHED]], "opacities": [0.7], **looks}
        self._dots = bq.Scatter(scales=scales, **ended)
        self._rings = bq.Scatter(scales=scales, fill=False, **ended)
        self._line = bq.Lines(scales=scales, colors=[look.BEST], stroke_width=3, interpolation="step-after")
        super().__init__(x, y, marks=[self._dots, self._rings, self._line])

    def update(self, state: State, change: Change) -> None:
        if not (change.ended or change.whole):
            return
        name_metric(self.figure.axes[1], state)
        trials = sorted(state.ended_with_metric(), key=lambda t: self._x(t, state))
        stopped = [t for t in trials if t.status == Trial.STOPPED]
        self._draw(self._dots, [t for t in trials if t.status != Trial.STOPPED], state)
        self._draw(self._rings, stopped, state)
        self._draw_line(trials, state)
        self._range_x.show(around([self._x(t, state) for t in trials], whole=True))
        self._range_y.show(metric_axis([t.final_metric or 0.0 for t in trials], direction(state), log=False))

    def _x(self, trial: Trial, state: State) -> float:
        if self._by == "trial":
            return trial.number
        return ((trial.start or 0.0) + (trial.duration or 0.0) - state.started) / 60

    def _draw(self, mark: bq.Scatter, trials: list[Trial], state: State) -> None:
        shown = spread(trials, MOST_POINTS // 2)
        put(
            mark,
            x=np.array([self._x(t, state) for t in shown], dtype=float),
            y=np.array([t.final_metric for t in shown], dtype=float),
            names=np.array([t.number for t in shown]),
        )

    def _draw_line(self, trials: list[Trial], state: State) -> None:
        """A point where the line rises, and one at its end."""
        better = max if direction(state) == "max" else min
        best = list(accumulate((t.final_metric or 0.0 for t in trials), better))
        rises = [n for n, value in enumerate(best) if n in (0, len(best) - 1) or value != best[n - 1]]
        x = np.array([self._x(trials[n], state) for n in rises], dtype=float)
        put(self._line, x=x, y=np.array([best[n] for n in rises], dtype=float))
