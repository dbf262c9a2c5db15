"""The picture in a report: every trial's learning curve, or, where no trial broadcast a metric, every
trial's final metric; of several objectives the first against the second one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate, pairwise

from maggy.core.objectives import metric_name
from maggy.core.state import State
from maggy.progress import format as fm
from maggy.trial import Trial
from maggy_widgets import look
from maggy_widgets.axis import around, metric_axis
from maggy_widgets.chart import Chart
from maggy_widgets.decimate import Point, finite, spread, thin
from maggy_widgets.front import Plane, place

# So many curves and points are drawn; they make the picture's size.
MOST_CURVES, MOST_POINTS = 400, 8_000
# The few curves that are looked at one by one.
FINE = 120

# From the back to the front, with how the lines are drawn.
STYLES: dict[str, dict[str, str]] = {
    look.FINISHED: {"opacity": ".5"},
    look.ENDED: {"opacity": ".5"},
    look.EARLY: {"opacity": ".7", "stroke_dasharray": "6 7", "marker_end": "url(#ring)"},
    look.HAND: {"stroke_dasharray": "2 8", "marker_end": "url(#square)"},
    look.FAILED: {"opacity": ".7", "marker_end": "url(#cross)"},
    look.RUNNING: {"marker_end": "url(#disc)"},
}


def picture(state: State) -> tuple[str, str] | None:
    """The picture as SVG, below 100 kB, and one line about it; None where there is nothing to draw."""
    if any(t.objectives for t in state.trials.values()):
        return _objectives(Plane(state))
    curves = {t.trial_id: finite(t.step_history, t.metric_history) for t in state.trials.values()}
    if any(len(points) > 1 for points in curves.values()):
        return _learning_curves(state, {i: points for i, points in curves.items() if points})
    trials = state.ended_with_metric()
    return _final_metrics(state, trials) if trials else None


def _learning_curves(state: State, curves: dict[str, list[Point]]) -> tuple[str, str]:
    drawn = _chosen(state, list(curves))
    about = _about(len(drawn), len(curves), "learning curve")
    fine = min(FINE, max(4, MOST_POINTS // len(drawn)))
    thinned = {i: thin(curves[i], fine) for i in drawn}
    best = state.best if state.best is not None and state.best.trial_id in thinned else None
    if best is not None:
        thinned[best.trial_id] = thin(curves[best.trial_id], FINE)
    points = [p for line in thinned.values() for p in line]
    chart = Chart(
        around([x for x, _ in points], whole=True),
        metric_axis([y for _, y in points], _direction(state)),
        "step",
        metric_name(state),
        about if len(drawn) < len(curves) else "",
    )
    _draw_kinds(chart, state, thinned, best)
    _draw_rule(chart, state)
    if best is not None:
        _draw_best(chart, thinned[best.trial_id], f"best, trial {best.number}")
    return chart.svg(), about


def _chosen(state: State, candidates: list[str]) -> list[str]:
    """The trials whose curves are drawn, in the order of their numbers: those one looks for, for sure."""
    sure = {i for i in candidates if look.kind(state.trials[i]) in (look.RUNNING, look.HAND)}
    sure |= {state.best.trial_id} & set(candidates) if state.best else set()
    sure |= set(spread([i for i in candidates if i not in sure], max(1, MOST_CURVES - len(sure))))
    return spread([i for i in candidates if i in sure], MOST_CURVES)


def _draw_kinds(chart: Chart, state: State, lines: dict[str, list[Point]], best: Trial | None) -> None:
    kinds = {i: look.kind(state.trials[i]) for i in lines}
    for kind, style in STYLES.items():
        those = (points for i, points in lines.items() if kinds[i] == kind and state.trials[i] is not best)
        chart.lines(those, look.COLOURS[kind], 3 if kind == look.RUNNING else 2, **style)
    there = [kind for kind in STYLES if kind in kinds.values()]
    chart.legend([(look.WORDS[kind], look.COLOURS[kind], STYLES[kind]) for kind in there])


def _draw_rule(chart: Chart, state: State) -> None:
    """What the stopping rule compares trials with, by step."""
    if state.thresholds is not None and state.thresholds.steps:
        points = thin(finite(state.thresholds.steps, state.thresholds.values), FINE)
        chart.lines([points], look.RULE, 3)
        chart.beside(points[-1], "stopping rule", look.RULE)


def _draw_best(chart: Chart, points: list[Point], words: str) -> None:
    chart.lines([points], look.BEST, 5)
    chart.beside(points[-1], words, look.BEST, "bold")


def _final_metrics(state: State, trials: list[Trial]) -> tuple[str, str]:
    drawn = spread(trials, 2 * MOST_CURVES)
    about = f"final metrics of {_about(len(drawn), len(trials), 'trial')}"
    metrics = [(float(t.number), t.final_metric) for t in drawn if t.final_metric is not None]
    chart = Chart(
        around([x for x, _ in metrics], whole=True),
        metric_axis([y for _, y in metrics], _direction(state)),
        "trial",
        f"final {metric_name(state)}",
        about if len(drawn) < len(trials) else "",
    )
    chart.lines(([p] for p in metrics), look.COLOURS[look.FINISHED], 9)
    _draw_best(chart, _best_so_far(metrics, _direction(state)), "best so far")
    return chart.svg(), about


def _objectives(plane: Plane) -> tuple[str, str]:
    front, others = spread(plane.front, MOST_CURVES), spread(plane.others, 2 * MOST_CURVES)
    there = len(plane.front) + len(plane.others)
    drawn = len(front) + len(others)
    about = f"{_about(drawn, there, 'trial')} by two objectives, {len(plane.front):,} on the Pareto front"
    chart = Chart(plane.x, plane.y, plane.x_name, plane.y_name, about if drawn < there else "")
    chart.lines(([place(t)] for t in others), look.COLOURS[look.FINISHED], 9, opacity=".5")
    chart.lines([thin(plane.steps(), 2 * MOST_CURVES)], look.BEST, 2, opacity=".7")
    chart.lines(([place(t)] for t in front), look.BEST, 16)
    legend = [("other trials", look.COLOURS[look.FINISHED], {"stroke_width": "9", "opacity": ".5"})]
    chart.legend(
        [*legend[: len(others)], ("on the Pareto front", look.BEST, {"stroke_width": "16"})], dots=True
    )
    return chart.svg(), about


def _best_so_far(metrics: Iterable[Point], direction: str) -> list[Point]:
    """A flight of stairs: a point where it rises, and one before."""
    better = max if direction == "max" else min
    steps = list(accumulate(metrics, lambda a, b: (b[0], better(a[1], b[1]))))
    stairs = steps[:1]
    for before, after in pairwise(steps):
        if after[1] != before[1]:
            stairs += [(after[0], before[1]), after]
    return [*stairs, steps[-1]]


def _about(drawn: int, there: int, noun: str) -> str:
    return fm.counted(there, noun) if drawn == there else f"{drawn:,} of {fm.counted(there, noun)}"


def _direction(state: State) -> str:
    return state.settings.direction if state.settings else "max"
