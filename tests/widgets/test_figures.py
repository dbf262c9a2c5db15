"""What the figures show."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from maggy.core import events as ev
from maggy_widgets import figures as figures_module
from maggy_widgets import look
from tests.waiting import eventually
from tests.widgets import synthetic as syn
from tests.widgets.figures import figures, line, marks, points, progressed, rows, started


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures_module, "INTERVAL", 0.0)


def test_curves_are_sorted_by_what_became_of_the_trials() -> None:
    _, figs = figures(syn.events(40))
    figure = figs.curves()
    finished = line(figure, look.COLOURS[look.FINISHED])
    (early,) = [m for m in marks(figure, "Lines") if m.line_style == "dashed"]
    assert (rows(finished), rows(early)) == (24, 13)
    assert "trial 3, stopped early" in early.labels
    assert line(figure, look.BEST).labels == ["trial 5, the best"]
    (names,) = marks(figure, "Label")
    assert list(names.text) == ["5 best"]


def test_chosen_trials_only() -> None:
    _, figs = figures(syn.events(40))
    figure = figs.curves([1, 3, 5, 999])
    assert sum(map(rows, marks(figure, "Lines"))) == 3


def test_the_stopping_rules_threshold_is_drawn() -> None:
    source, figs = figures(syn.events(10))
    figure = figs.curves()
    source.happen(ev.ThresholdsChanged((0, 5, 9), (0.1, 0.2, 0.3)))
    eventually(lambda: list(line(figure, look.RULE).y) == [0.1, 0.2, 0.3])


def test_a_long_curve_is_thinned_and_keeps_its_extremes() -> None:
    rng = random.Random(0)
    values = [rng.random() for _ in range(100_000)]
    values[5_000] = 7.0
    source, figs = figures([*syn.events(0), *started(1), progressed(1, *values[:50_000])])
    running = line(figs.curves(), look.COLOURS[look.RUNNING])
    assert running.x.size <= 2_000
    source.happen(progressed(1, *values[50_000:], first=50_000))
    eventually(lambda: running.x[-1] == 99_999)
    assert running.x.size <= 2_000
    assert running.y.max() == 7.0


def test_space_shows_trials_where_they_are() -> None:
    source, figs = figures([*syn.events(0), *started(1, lr=1e-4, units=10), ev.TrialFinished("t1", 0.5)])
    figure = figs.space()
    assert [a.label for a in figure.axes[:2]] == ["lr", "units"]
    assert type(figure.axes[0].scale).__name__ == "LogScale"
    finished = marks(figure, "Scatter")[0]
    assert (list(finished.x), list(finished.y), list(finished.color)) == ([1e-4], [10.0], [0.5])
    source.happen(*started(2, lr=1e-2, units=20), progressed(2, 0.1))
    eventually(lambda: any(2 in (m.names if m.names is not None else ()) for m in marks(figure, "Scatter")))
    source.happen(ev.TrialFailed("t2", "no", "no"))
    (failed,) = [m for m in marks(figure, "Scatter") if m.marker == "cross"]
    eventually(lambda: list(failed.x) == [1e-2])


def test_categories_have_names_and_places() -> None:
    _, figs = figures(syn.events(60))
    figure = figs.space("optimizer", "metric")
    assert list(figure.axes[0].tick_labels.values()) == ["adam", "sgd", "rmsprop"]
    places = np.concatenate([m.x for m in marks(figure, "Scatter")])
    assert len(np.unique(places)) > 50
    assert (abs(places - places.round()) <= 0.25).all()
    assert figs.parameters() == ["lr", "units", "dropout", "optimizer"]


def test_a_trial_that_lacks_a_hyperparameter_is_not_at_the_choice_none() -> None:
    _, figs = figures(syn.conditional())
    shown = marks(figs.space("kind", "metric"), "Scatter")[0]
    assert list(zip(shown.names, shown.x.round(), strict=True)) == [(2, 1), (3, 0)]
    assert list(marks(figs.space("depth", "rate"), "Scatter")[0].names) == [2, 3]


def test_an_unknown_hyperparameter_is_refused_in_one_line() -> None:
    _, figs = figures(syn.events(3))
    with pytest.raises(
        ValueError, match=r"no hyperparameter 'rate'; there are lr, units, dropout, optimizer"
    ):
        figs.space("rate")
    with pytest.raises(ValueError, match="'brush', 'lasso' or None, not with 'net'"):
        figs.space(select="net")
    with pytest.raises(ValueError, match="by 'trial' or by 'time', not by 'size'"):
        figs.best("size")


@pytest.mark.parametrize(("direction", "best"), [("max", [0.3, 0.5]), ("min", [0.3, 0.2])])
def test_the_best_so_far(direction: str, best: list[float]) -> None:
    happened = list(syn.events(0, direction=direction))
    for n, metric in enumerate((0.3, 0.5, 0.2), 1):
        happened += [*started(n), ev.TrialFinished(f"t{n}", metric)]
    _, figs = figures(happened)
    figure = figs.best()
    steps = line(figure, look.BEST)
    assert list(dict.fromkeys(steps.y)) == best
    assert steps.x[-1] == 3
    assert list(marks(figure, "Scatter")[0].y) == [0.3, 0.5, 0.2]
    timed = line(figs.best("time"), look.BEST)
    assert 0 < timed.x[0] < timed.x[-1] < 1


def test_importance_waits_for_eight_trials() -> None:
    source, figs = figures(syn.events(7))
    figure = figs.importance()
    assert figure.title == "from 8 trials with a metric on"
    rng = random.Random(0)
    for n in range(8, 60):
        if n % 29:
            source.happen(*syn.trial(n, 30, rng))
        else:
            source.happen(*started(n), ev.TrialFinished(f"t{n}", 0.5))
    eventually(lambda: figure.title == "" and len(figure.marks[0].x) == 4)
    assert sorted(figure.marks[0].x) == ["dropout", "lr", "optimizer", "units"]


def test_the_figures_of_what_has_ended() -> None:
    source, figs = figures([*syn.events(12), ev.ExperimentEnded("finished", "")])
    assert sum(map(rows, marks(figs.curves(), "Lines"))) == 12
    assert source.listeners == []


def test_an_experiment_without_trials() -> None:
    for happened in ([], [syn.started(3)]):
        _, figs = figures(happened)
        for figure in (figs.curves(), figs.best(), figs.importance(), figs.space("metric", "metric")):
            assert points(figure) == 0


HOSTILE = "<img src=x onerror=alert(1)>\x1b[2J\u202e"


def test_hostile_names_are_cut_and_cleaned() -> None:
    space = {HOSTILE * 1000: ("DOUBLE", [0, 1]), HOSTILE: ("CATEGORICAL", [HOSTILE * 1000, "b"])}
    happened = [syn.started(3, searchspace=space, name=HOSTILE), ev.WorkerJoined("w1", 1, "host", 1)]
    for n in range(1, 12):
        params = {HOSTILE * 1000: n / 12, HOSTILE: HOSTILE * 1000}
        happened += [ev.TrialCreated(f"t{n}", n, params, "optimizer"), ev.TrialStarted(f"t{n}", 1, "w1")]
        happened += [progressed(n, 0.1, float("nan"), float("inf")), ev.TrialFinished(f"t{n}", 0.1 * n)]
    _, figs = figures(happened)
    for figure in (figs.curves(), figs.space(), figs.best(), figs.importance()):
        for axis in figure.axes:
            assert len(axis.label) <= 40
            assert "\x1b" not in axis.label
            assert all(len(words) <= 14 for words in (axis.tick_labels or {}).values())
        json.dumps([axis.get_state(["label", "tick_labels"]) for axis in figure.axes])
    assert all(len(name) <= 16 for name in figs.importance().marks[0].x)


def test_where_no_extension_can_be_installed_the_lasso_is_the_brush(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGGY_WIDGETS_HOST", "anywidget")
    _, figs = figures(syn.events(3))
    assert type(figs.space(select="brush").interaction).__name__ == "LassoSelector"


def test_all_of_them_on_one_page() -> None:
    _, figs = figures(syn.events(12))
    page = figs.all()
    assert len(page.children) == 4
    space = page.children[1].children[0]
    across, up, tool = space.children[0].children
    across.value, up.value = "optimizer", "metric"
    assert space.children[1] is figs.space("optimizer", "metric")
    assert space.children[1].interaction.get_state("_view_name") == {"_view_name": "BrushView"}
    tool.value = "lasso"
    assert type(space.children[1].interaction).__name__ == "LassoSelector"
    tool.value = "look"
    assert space.children[1].interaction is None


def test_effects_are_drawn_for_an_ablation_alone() -> None:
    _, made = figures(syn.ablation())
    figure = made.effects()
    [bars] = marks(figure, "Bars")
    assert (list(bars.x), list(bars.y)) == (["age ±0.1250"], [-0.375])
    assert figure.title == "0.6250 with everything in place"
    assert made.all() is not None
    _, search = figures(syn.events(3))
    with pytest.raises(ValueError, match="effects are those of an ablation"):
        search.effects()
