"""Which hyperparameters matter."""

from __future__ import annotations

import bqplot as bq
import numpy as np

from maggy.core.state import ENDED, State
from maggy.progress.format import clean
from maggy_widgets import look
from maggy_widgets.axis import Axis
from maggy_widgets.importance import FEWEST, importance
from maggy_widgets.plots.base import Change, Plot, Range, axis, put

MOST_BARS = 12


class Importance(Plot):
    """The share of the metric's variance that each hyperparameter explains on its own, as bars."""

    def __init__(self) -> None:
        # From the bottom to the top, so the most important is the last.
        names, shares = bq.OrdinalScale(), bq.LinearScale(min=0, max=1)
        across = axis(shares, "share of the metric's variance", tick_format=".0%")
        self._range = Range(shares, across)
        self._bars = bq.Bars(
            scales={"x": names, "y": shares},
            orientation="horizontal",
            colors=[look.COLOURS[look.RUNNING]],
            opacities=[0.85],
            padding=0.4,
        )
        self._known = 0
        super().__init__(
            across,
            axis(names, "", "left", grid_lines="none"),
            marks=[self._bars],
            fig_margin={"top": 30, "bottom": 50, "left": 120, "right": 24},
        )

    def update(self, state: State, change: Change) -> None:
        if not (change.ended or change.whole):
            return
        trials = state.ended_with_metric()
        # It takes a while for thousands of trials, and one more of them makes no difference.
        if not change.whole and state.phase != ENDED and len(trials) < self._known * 1.03:
            return
        self._known = len(trials)
        self._draw(importance(trials))

    def _draw(self, shares: dict[str, float] | None) -> None:
        self.figure.title = "" if shares is not None else f"from {FEWEST} trials with a metric on"
        shown = list((shares or {}).items())[:MOST_BARS][::-1]
        names = [clean(name, 16) for name, _ in shown]
        self._range.show(Axis(0.0, min(1.0, 1.1 * max((share for _, share in shown), default=1.0) + 0.01)))
        put(self._bars, x=np.array(names), y=np.array([share for _, share in shown], dtype=float))
