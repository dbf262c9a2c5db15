"""Learning curves of some trials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import bqplot as bq
import numpy as np

from maggy.core.state import State
from maggy.trial import Trial
from maggy_widgets import look
from maggy_widgets.axis import around, metric_axis
from maggy_widgets.decimate import Point, finite, thin
from maggy_widgets.plots.base import (
    METRIC,
    Change,
    Plot,
    Range,
    axis,
    direction,
    matrix,
    name_metric,
    named,
    put,
)

# bqplot draws 200 lines of 50 points ten times a second, and not many more.
MOST_CURVES, MOST_POINTS, FINE = 100, 10_000, 2_000
MOST_NAMES = 8
BEST, RULE = "best", "rule"
COLOURS = {**look.COLOURS, BEST: look.BEST, RULE: look.RULE}

# From the back to the front.
STYLES: dict[str, dict[str, Any]] = {
    look.FINISHED: {"stroke_width": 1.2, "opacities": 0.5},
    look.ENDED: {"stroke_width": 1.2, "opacities": 0.5},
    look.EARLY: {"stroke_width": 1.2, "opacities": 0.8, "line_style": "dashed"},
    look.HAND: {"stroke_width": 1.6, "opacities": 1.0, "line_style": "dotted"},
    look.FAILED: {"stroke_width": 1.4, "opacities": 0.8, "line_style": "dash_dotted"},
    look.RUNNING: {"stroke_width": 2.0, "opacities": 1.0},
    BEST: {"stroke_width": 3.0, "opacities": 1.0},
}


class Curve:
    """A trial's curve, kept small while it grows."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._taken = self._attempt = 0

    def take(self, trial: Trial, most: int) -> bool:
        """Takes in what the trial has broadcast since; keeps less than twice as many points as `most`.

        Returns whether there was anything.
        """
        if trial.attempt != self._attempt or len(trial.metric_history) < self._taken:
            # It runs again from the start.
            self.points, self._taken, self._attempt = [], 0, trial.attempt
        taken = self._taken
        self.points += finite(trial.step_history[taken:], trial.metric_history[taken:])
        self._taken = len(trial.metric_history)
        if len(self.points) >= 2 * most:
            self.points = thin(self.points, most)
        return self._taken != taken


class Curves(Plot):
    """Learning curves: of the trials with the given numbers, or of the running, the best and the latest."""

    def __init__(self, numbers: Iterable[int] | None = None, log: bool = False) -> None:
        self._numbers = None if numbers is None else frozenset(numbers)
        self._log = log
        scales = {"x": bq.LinearScale(), "y": bq.LogScale() if log else bq.LinearScale()}
        x, y = axis(scales["x"], "step", grid_lines="none"), axis(scales["y"], METRIC, "left")
        self._y = y
        self._range_x, self._range_y = Range(scales["x"], x), Range(scales["y"], y)
        self._marks = {kind: _lines(scales, kind) for kind in STYLES}
        self._rule = bq.Lines(scales=scales, colors=[look.RULE], labels=["stopping rule"])
        self._rule.tooltip = named({"name": "threshold"})
        self._names = bq.Label(scales=scales, default_size=12, x_offset=8, y_offset=4, apply_clip=False)
        self._drawn: dict[str, list[str]] = {kind: [] for kind in STYLES}
        self._curves: dict[str, Curve] = {}
        super().__init__(
            x,
            y,
            marks=[*self._marks.values(), self._rule, self._names],
            fig_margin={"top": 30, "bottom": 50, "left": 64, "right": 110},
        )

    def update(self, state: State, change: Change) -> None:
        if change.moved or change.whole:
            name_metric(self._y, state)
            chosen = self._choose(state)
            self._curves = {t.trial_id: self._curves.get(t.trial_id) or Curve() for t in chosen}
        most = min(FINE, MOST_POINTS // max(1, len(self._curves))) // 2
        grown = {i for i, curve in self._curves.items() if curve.take(state.trials[i], most)}
        members = self._members(state)
        for kind, ids in members.items():
            if ids != self._drawn[kind] or not grown.isdisjoint(ids):
                self._draw(kind, ids, state)
        self._draw_rule(state)
        if grown or members != self._drawn:
            self._drawn = members
            self._name(state)
            self._fit(state)

    def _choose(self, state: State) -> list[Trial]:
        trials = list(state.trials.values())
        if self._numbers is not None:
            return [t for t in trials if t.number in self._numbers][:MOST_CURVES]
        first = [t for t in trials if t is state.best or look.kind(t) == look.RUNNING][-MOST_CURVES:]
        started = (t for t in reversed(trials) if t.metric_history and t not in first)
        latest = list(islice(started, MOST_CURVES - len(first)))
        return sorted(first + latest, key=lambda t: t.number)

    def _members(self, state: State) -> dict[str, list[str]]:
        """The ids of the trials in each mark."""
        members: dict[str, list[str]] = {kind: [] for kind in STYLES}
        best = state.best.trial_id if state.best else None
        for i, curve in self._curves.items():
            kind = BEST if i == best else look.kind(state.trials[i])
            if curve.points and kind in members:
                members[kind].append(i)
        return members

    def _draw(self, kind: str, ids: Sequence[str], state: State) -> None:
        x, y = matrix([self._curves[i].points for i in ids])
        labels = [f"trial {state.trials[i].number}, {_words(kind)}" for i in ids]
        put(self._marks[kind], x=x, y=y, labels=labels, opacities=[STYLES[kind]["opacities"]] * len(ids))

    def _draw_rule(self, state: State) -> None:
        """What the stopping rule compares trials with."""
        if state.thresholds is not None:
            x, y = matrix([finite(state.thresholds.steps, state.thresholds.values)])
            put(self._rule, x=x, y=y)

    def _name(self, state: State) -> None:
        """Names at the ends of the lines that one looks for."""
        running, best = self._drawn[look.RUNNING][-MOST_NAMES:], self._drawn[BEST]
        names = [(self._curves[i].points[-1], str(state.trials[i].number), look.RUNNING) for i in running]
        names += [(self._curves[i].points[-1], f"{state.trials[i].number} best", BEST) for i in best]
        if len(self._rule.x):
            names.append(((self._rule.x[-1], self._rule.y[-1]), "stopping rule", RULE))
        put(
            self._names,
            x=np.array([x for (x, _), _, _ in names]),
            y=np.array([y for (_, y), _, _ in names]),
            text=np.array([words for _, words, _ in names]),
            colors=[COLOURS[kind] for _, _, kind in names] or [look.TEXT],
        )

    def _fit(self, state: State) -> None:
        points = [p for curve in self._curves.values() for p in curve.points if p[1] > 0 or not self._log]
        self._range_x.show(around([x for x, _ in points], whole=True))
        self._range_y.show(metric_axis([y for _, y in points], direction(state), self._log))


def _lines(scales: dict[str, bq.Scale], kind: str) -> bq.Lines:
    style = {name: value for name, value in STYLES[kind].items() if name != "opacities"}
    return bq.Lines(scales=scales, colors=[COLOURS[kind]], tooltip=named({"name": "trial"}), **style)


def _words(kind: str) -> str:
    return "the best" if kind == BEST else look.WORDS[kind]
