"""Several objectives, and names of objectives, in the report and in bqplot's figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from maggy.core import events as ev
from maggy.core.objectives import pareto_front
from maggy.core.state import State
from maggy.progress import format as fm
from maggy_widgets import figures as figures_module
from maggy_widgets import report
from tests.progress.experiment import HOSTILE
from tests.waiting import eventually
from tests.widgets import synthetic as syn
from tests.widgets.figures import figures, marks, started
from tests.widgets.test_report import SVG, Read

TWO = ("max", "min")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures_module, "INTERVAL", 0.0)


def returned(points: Iterable[tuple[float, float]], directions: tuple[str, ...] = TWO) -> list[ev.Event]:
    """A trial for each point, which returns it as accuracy and latency."""
    happened: list[ev.Event] = [syn.started(9, directions=directions), ev.WorkerJoined("w1", 1, "host", 1)]
    for number, (accuracy, latency) in enumerate(points, 1):
        told = ev.TrialFinished(f"t{number}", accuracy, {"accuracy": accuracy, "latency": latency})
        happened += [*started(number), told]
    return happened


def words(picture: Any) -> list[str | None]:
    return [e.text for e in picture.iter(f"{SVG}text")]


def test_the_report_has_a_column_for_each_objective_and_the_front_first() -> None:
    state = syn.search(40, directions=("max", "min", "min"))
    read = Read(report.html(state)).harmless()
    front = pareto_front(state)
    assert f"max accuracy, min latency, min size; {len(front)} trials on the Pareto front" in read.text
    assert f"best accuracy {state.best.final_metric:.4f}, latency " in read.text
    head, *rows = read.rows
    assert head[:5] == ["front", "trial", "accuracy", "latency", "size"]
    assert [row[0] for row in rows] == (["yes"] * len(front) + ["no"] * 10)[: len(rows)]
    assert [row[1] for row in rows[: len(front)]] == [str(t.number) for t in front][: len(rows)]
    best = front[0].objectives
    assert rows[0][2:4] == [f"{best['accuracy']:.4f}", fm.metric(best["latency"])]
    # A trial that was stopped told the first objective alone.
    assert {row[3] for row in rows if row[-2] == "stopped early"} <= {"-"}
    assert f"{len(front)} trials on the Pareto front" in report.text(state)


def test_its_picture_is_of_the_first_objective_against_the_second() -> None:
    state = State(syn.recorded(returned([(0.5, 4.0), (0.9, 8.0), (0.6, 8.5), (0.7, 6.0)])))
    picture = Read(report.html(state)).picture
    shown = words(picture)
    assert {"latency, lower is better", "accuracy, higher is better", "on the Pareto front"} <= set(shown)
    groups = picture.findall(f"{SVG}g")
    others, line, front = ([path.get("d") for path in group] for group in groups)
    assert (len(others), len(line), len(front)) == (1, 1, 3)
    # From the best by the first objective on: across, then down, each time.
    start, steps = line[0].split("l")
    moves = [tuple(map(int, pair)) for pair in _pairs(steps)]
    assert [(x < 0, y > 0) for x, y in moves] == [(False, True), (True, False)] * 2
    assert front[0].startswith(start)


def _pairs(steps: str) -> list[list[str]]:
    numbers = steps.replace("-", " -").split()
    return [numbers[n : n + 2] for n in range(0, len(numbers), 2)]


def test_three_objectives_have_marks_and_no_line() -> None:
    picture = Read(report.html(syn.search(40, directions=("max", "min", "max")))).picture
    assert len(picture.findall(f"{SVG}g")) == 2


def test_a_front_beyond_the_crowd_is_seen() -> None:
    """A few values far on the bad side are outside, but for those on the front."""
    crowd = [(0.5 + n / 1000, 1.0 + n / 100) for n in range(100)]
    picture = Read(report.html(State(syn.recorded(returned([*crowd, (0.9, 40.0)]))))).picture
    box = picture.find(f".//{SVG}clipPath/{SVG}rect")
    right = float(box.get("x")) + float(box.get("width"))
    front = [float(p.get("d")[1:].split()[0]) for p in picture.findall(f"{SVG}g")[-1]]
    assert max(front) <= right


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_objectives_do_no_harm(name: str) -> None:
    happened = returned([(0.5, 4.0)])
    happened[-1] = ev.TrialFinished("t1", 0.5, {name: 0.5, "<b>": 4.0})
    read = Read(report.html(State(syn.recorded(happened)))).harmless()
    assert "<b> 4.000" in read.text


def test_a_report_of_one_objective_has_its_name() -> None:
    state = syn.search(10, objectives=("accuracy",))
    read = Read(report.html(state))
    assert f"best accuracy {state.best.final_metric:.4f}" in read.text
    assert read.rows[0][:3] == ["rank", "trial", "accuracy"]
    assert "accuracy" in words(read.picture)
    assert "Pareto" not in read.text


def test_the_figure_of_the_front_follows_the_search() -> None:
    source, figs = figures(returned([], TWO))
    figure = figs.front()
    others, front = marks(figure, "Scatter")
    (line,) = marks(figure, "Lines")
    assert [axis.label for axis in figure.axes] == [
        "objective 2, lower is better",
        "objective 1, higher is better",
    ]
    source.happen(*returned([(0.5, 4.0), (0.9, 8.0), (0.6, 9.0)])[2:])
    eventually(lambda: front.names.tolist() == [2, 1])
    assert [axis.label for axis in figure.axes] == ["latency, lower is better", "accuracy, higher is better"]
    assert others.names.tolist() == [3]
    assert list(zip(line.x.tolist(), line.y.tolist(), strict=True)) == [(8.0, 0.9), (8.0, 0.5), (4.0, 0.5)]
    source.happen(*started(4), ev.TrialFinished("t4", 0.95, {"accuracy": 0.95, "latency": 3.0}))
    eventually(lambda: front.names.tolist() == [4])
    assert figs.front() is figure


def test_a_name_that_a_person_gave_to_an_axis_stays() -> None:
    source, figs = figures(returned([], TWO))
    figure, curves, last = figs.front(), figs.curves(), figs.best()
    figure.axes[0].label, curves.axes[1].label = "seconds", "share"
    source.happen(*returned([(0.5, 4.0)])[2:])
    eventually(lambda: last.axes[1].label == "accuracy")
    assert figure.axes[1].label == "accuracy, higher is better"
    assert (figure.axes[0].label, curves.axes[1].label) == ("seconds", "share")


def test_one_objective_has_no_front() -> None:
    _, figs = figures(syn.events(3))
    with pytest.raises(ValueError, match="of several objectives"):
        figs.front()


def test_all_figures_show_the_front_where_there_are_several_objectives() -> None:
    _, figs = figures(syn.events(8, directions=TWO))
    page = figs.all()
    assert page.children[2].children[0] is figs.front()
    _, one = figures(syn.events(8))
    assert one.all().children[2].children[0] is one.best()


def test_axes_have_the_metrics_name_as_soon_as_it_is_known() -> None:
    source, figs = figures(returned([], TWO))
    shown = {"curves": figs.curves(), "best": figs.best(), "space": figs.space("lr", "metric")}
    assert {figure.axes[1].label for figure in shown.values()} == {"metric"}
    source.happen(*returned([(0.5, 4.0)])[2:])
    eventually(lambda: {figure.axes[1].label for figure in shown.values()} == {"accuracy"})
    up = figs.all().children[1].children[0].children[0].children[1]
    assert ("accuracy", "metric") in up.options
