"""The Pareto front of a search with several objectives."""

from __future__ import annotations

from collections.abc import Sequence

import bqplot as bq
import numpy as np

from maggy.core.state import State
from maggy.progress.format import clean
from maggy.trial import Trial
from maggy_widgets import look
from maggy_widgets.decimate import Point, spread, thin
from maggy_widgets.front import Plane, place
from maggy_widgets.plots.base import MOST_POINTS, Change, Plot, Range, axis, named, put


class Front(Plot):
    """The first objective against the second one: a diamond for each trial on the front, a dot for others.

    Of two objectives the diamonds are joined by the edge of what they surpass.
    """

    def __init__(self) -> None:
        scales = {"x": bq.LinearScale(), "y": bq.LinearScale()}
        x, y = axis(scales["x"], "", grid_lines="none"), axis(scales["y"], "", "left")
        self._axes = (x, y)
        self._names = ("", "")
        self._range_x, self._range_y = Range(scales["x"], x), Range(scales["y"], y)
        looks = {"scales": scales, "display_names": False, "names_unique": False}
        self._others = bq.Scatter(
            colors=[look.COLOURS[look.FINISHED]], opacities=[0.5], default_size=24, **looks
        )
        self._front = bq.Scatter(colors=[look.BEST], marker="diamond", default_size=90, **looks)
        self._line = bq.Lines(scales=scales, colors=[look.BEST], stroke_width=1.5, opacities=[0.7])
        super().__init__(x, y, marks=[self._others, self._line, self._front])

    def update(self, state: State, change: Change) -> None:
        if not (change.ended or change.whole) or state.settings is None:
            return
        plane = Plane(state, log=False)
        self._name(plane)
        self._draw(self._others, spread(plane.others, MOST_POINTS // 2))
        self._draw(self._front, spread(plane.front, MOST_POINTS // 2))
        x, y = _columns(thin(plane.steps(), MOST_POINTS))
        put(self._line, x=x, y=y)
        self._range_x.show(plane.x)
        self._range_y.show(plane.y)
        self.figure.title = "" if plane.front else "from the first trial on that returns its objectives"

    def _name(self, plane: Plane) -> None:
        """Names the axes, as long as nobody else does."""
        names = (clean(plane.x_name, 40), clean(plane.y_name, 40))
        for one, name, before in zip(self._axes, names, self._names, strict=True):
            if name != before and one.label == before:
                one.label = name
        if names != self._names:
            labels = {"name": "trial", "x": plane.x_name, "y": plane.y_name}
            self._others.tooltip, self._front.tooltip = named(labels), named(labels)
        self._names = names

    def _draw(self, mark: bq.Scatter, trials: Sequence[Trial]) -> None:
        x, y = _columns([place(t) for t in trials])
        put(mark, x=x, y=y, names=np.array([t.number for t in trials]))


def _columns(points: Sequence[Point]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([x for x, _ in points], dtype=float), np.array([y for _, y in points], dtype=float)
