"""What each component of an ablation is good for."""

from __future__ import annotations

import bqplot as bq
import numpy as np

from maggy.core.effects import base, effects
from maggy.core.state import State
from maggy.progress.format import clean, metric
from maggy_widgets import look
from maggy_widgets.plots.base import Change, Plot, axis, put

MOST_BARS = 16


class Effects(Plot):
    """How the metric changes without each component, as bars, with its spread beside its name."""

    def __init__(self) -> None:
        # From the bottom to the top, so that what is missed most is the last.
        names, change = bq.OrdinalScale(), bq.LinearScale()
        scales = {"x": names, "y": change}
        looks = {"colors": [look.COLOURS[look.RUNNING]], "opacities": [0.85], "padding": 0.4}
        self._bars = bq.Bars(scales=scales, orientation="horizontal", **looks)
        across = axis(change, "change of the metric without it")
        super().__init__(
            across,
            axis(names, "", "left", grid_lines="none"),
            marks=[self._bars],
            fig_margin={"top": 30, "bottom": 50, "left": 150, "right": 24},
        )

    def update(self, state: State, change: Change) -> None:
        if not (change.ended or change.whole):
            return
        against = base(state)
        self.figure.title = "" if against is None else f"{metric(against.metric)} with everything in place"
        shown = [e for e in effects(state) if e.effect is not None][:MOST_BARS][::-1]
        put(
            self._bars,
            x=np.array([_label(e.component, e.spread) for e in shown]),
            y=np.array([e.effect for e in shown], dtype=float),
        )


def _label(component: str, spread: float | None) -> str:
    return clean(component, 18) + ("" if spread is None else f" ±{metric(spread)}")
