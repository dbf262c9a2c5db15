from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from ipywidgets import Widget

from maggy.core import events as ev
from maggy.core.compact import compact
from maggy.core.state import State
from maggy_widgets import figures as figures_module
from maggy_widgets import look
from maggy_widgets.figures import Figures
from tests.waiting import eventually
from tests.widgets import synthetic as syn


class Source:
    """A search that goes on when told."""

    experiment = "digits-1a2b"
    closed: str | None = None

    def __init__(self, happened: Iterable[ev.Event] = ()) -> None:
        self.state = State()
        self.listeners: list[Callable[[list[ev.Record]], None]] = []
        self.happen(*happened)

    def happen(self, *happened: ev.Event) -> None:
        records = syn.recorded(list(happened), self.state.number + 1)
        for record in records:
            self.state.apply(record)
        for listener in list(self.listeners):
            listener(records)

    def snapshot(self) -> tuple[int, list[ev.Record]]:
        return self.state.number, compact(self.state)

    def subscribe(self, listener: Callable[[list[ev.Record]], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


def at_once(act: Callable[[], None]) -> None:
    act()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures_module, "INTERVAL", 0.0)


def figures(happened: Iterable[ev.Event] = ()) -> tuple[Source, Figures]:
    source = Source(happened)
    return source, Figures(source, at_once)


def marks(figure: Any, kind: str) -> list[Any]:
    return [mark for mark in figure.marks if type(mark).__name__ == kind]


def line(figure: Any, colour: str) -> Any:
    """The one mark of this colour that has any data."""
    (found,) = [m for m in marks(figure, "Lines") if m.colors[0].lower() == colour and m.x.size]
    return found


def rows(mark: Any) -> int:
    return 0 if not mark.x.size else 1 if mark.x.ndim == 1 else len(mark.x)


def points(figure: Any) -> int:
    return sum(mark.x.size for mark in figure.marks)


class Sent:
    """Counts what is sent to the browser, in bytes of arrays."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.messages = self.bytes = 0
        send = Widget._send

        def counting(widget: Any, msg: Any, buffers: Any = None) -> None:
            self.messages += 1
            self.bytes += sum(memoryview(b).nbytes for b in buffers or ())
            send(widget, msg, buffers)

        monkeypatch.setattr(Widget, "_send", counting)

    def since(self) -> tuple[int, int]:
        found = (self.messages, self.bytes)
        self.messages = self.bytes = 0
        return found


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    return Sent(monkeypatch)


def started(number: int, worker: str = "w1", **params: Any) -> list[ev.Event]:
    given = {"lr": 1e-3, "units": 64, "dropout": 0.1, "optimizer": "adam", **params}
    return [
        ev.TrialCreated(f"t{number}", number, given, "optimizer"),
        ev.TrialStarted(f"t{number}", 1, worker),
    ]


def progressed(number: int, *values: float, first: int = 0) -> ev.TrialProgressed:
    return ev.TrialProgressed(f"t{number}", tuple(range(first, first + len(values))), values)


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


def test_a_running_curve_grows_and_moves_on() -> None:
    source, figs = figures([*syn.events(8), *started(9), progressed(9, 0.1, 0.2)])
    figure = figs.curves()
    running = line(figure, look.COLOURS[look.RUNNING])
    source.happen(progressed(9, 0.3, 0.99, first=2))
    eventually(lambda: list(running.y) == [0.1, 0.2, 0.3, 0.99])
    source.happen(ev.TrialFinished("t9", 0.99))
    eventually(lambda: line(figure, look.BEST).labels == ["trial 9, the best"])
    assert not running.x.size
    assert list(line(figure, look.BEST).y) == [0.1, 0.2, 0.3, 0.99]


def test_only_what_changed_is_sent(sent: Sent) -> None:
    source, figs = figures([*syn.events(90), *started(91), progressed(91, 0.1, 0.2)])
    figure = figs.curves()
    for make in (figs.space, figs.best, figs.importance):
        make()
    sent.since()
    source.happen(progressed(91, 0.3, first=2))
    running = line(figure, look.COLOURS[look.RUNNING])
    eventually(lambda: running.x.size == 3)
    messages, size = sent.since()
    assert messages <= 3
    assert size < 500
    # Nothing that a figure shows.
    source.happen(ev.WorkerJoined("w9", 9, "host", 9))
    assert sent.since() == (0, 0)


def test_a_trial_that_runs_again_starts_anew() -> None:
    source, figs = figures([*syn.events(0), *started(1), progressed(1, 0.1, 0.2, 0.3)])
    figure = figs.curves()
    source.happen(ev.TrialRequeued("t1", "lost"), ev.TrialStarted("t1", 2, "w1"), progressed(1, 0.7, 0.8))
    eventually(lambda: list(line(figure, look.COLOURS[look.RUNNING]).y) == [0.7, 0.8])


def test_chosen_trials_only() -> None:
    _, figs = figures(syn.events(40))
    figure = figs.curves([1, 3, 5, 999])
    assert sum(map(rows, marks(figure, "Lines"))) == 3


def test_the_stopping_rules_threshold_is_drawn() -> None:
    source, figs = figures(syn.events(10))
    figure = figs.curves()
    source.happen(ev.ThresholdsChanged((0, 5, 9), (0.1, 0.2, 0.3)))
    eventually(lambda: list(line(figure, look.RULE).y) == [0.1, 0.2, 0.3])


def test_ten_thousand_trials_keep_the_figures_small(sent: Sent) -> None:
    _, figs = figures(syn.events(10_000, steps=50))
    curves = figs.curves()
    assert sum(map(rows, marks(curves, "Lines"))) == 100
    assert points(curves) <= 10_100
    assert points(figs.space()) <= 2_001
    assert points(figs.best()) <= 2_100
    assert figs.importance().marks[0].x.size == 4
    assert sent.bytes < 400_000


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


def test_the_selection_stays_with_its_trials() -> None:
    happened = [*syn.events(0)]
    for n in (1, 2, 3):
        happened += [*started(n, lr=10**-n), ev.TrialFinished(f"t{n}", 0.1 * n)]
    happened += [*started(4), progressed(4, 0.1)]
    source, figs = figures(happened)
    figure = figs.space()
    finished = marks(figure, "Scatter")[0]
    (running,) = [m for m in marks(figure, "Scatter") if m.marker == "triangle-up"]
    # As the browser sets them.
    finished.selected, running.selected = np.array([1]), np.array([0])
    assert figs.selected(figure) == [2, 4]
    source.happen(ev.TrialFinished("t4", 0.9))
    eventually(lambda: finished.x.size == 4)
    assert list(finished.selected) == [1, 3]
    assert figs.selected(figure) == [2, 4]


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


def test_a_figure_is_made_once_and_again_when_closed() -> None:
    _, figs = figures(syn.events(5))
    figure = figs.curves()
    assert figs.curves() is figure
    assert figs.curves([1]) is not figure
    assert figs.space() is figs.space("lr", "units", select=None)
    figure.close()
    assert figs.curves() is not figure


def test_nobody_listens_when_all_figures_are_closed() -> None:
    source, figs = figures(syn.events(5))
    figure = figs.best()
    assert len(source.listeners) == 1
    figure.close()
    source.happen(*started(6))
    eventually(lambda: source.listeners == [])
    later = figs.best()
    source.happen(ev.TrialFinished("t6", 0.999))
    eventually(lambda: later.marks[-1].y[-1] == 0.999)


def test_nobody_listens_after_the_end() -> None:
    source, figs = figures([*syn.events(5), *started(6)])
    figure = figs.best()
    source.happen(ev.TrialFinished("t6", 0.999), ev.ExperimentEnded("finished", ""))
    eventually(lambda: source.listeners == [])
    assert figure.marks[-1].y[-1] == 0.999
    assert figs.curves().marks
    assert source.listeners == []


def test_the_figures_of_what_has_ended() -> None:
    source, figs = figures([*syn.events(12), ev.ExperimentEnded("finished", "")])
    assert sum(map(rows, marks(figs.curves(), "Lines"))) == 12
    assert source.listeners == []


def test_an_experiment_without_trials() -> None:
    for happened in ([], [syn.started(3)]):
        _, figs = figures(happened)
        for figure in (figs.curves(), figs.best(), figs.importance(), figs.space("metric", "metric")):
            assert points(figure) == 0


def test_missed_events_are_made_up_for() -> None:
    source, figs = figures(syn.events(3))
    figure = figs.best()
    listeners, source.listeners = source.listeners, []
    source.happen(*started(4))
    source.listeners = listeners
    source.happen(ev.TrialFinished("t4", 0.999))
    eventually(lambda: list(marks(figure, "Scatter")[0].y)[-1:] == [0.999])


def test_a_figure_that_fails_takes_no_other_along(caplog: pytest.LogCaptureFixture) -> None:
    source, figs = figures(syn.events(5))
    broken, other = figs.best(), figs.best("time")
    broken.marks[0].observe(lambda change: 1 / 0, "x")
    source.happen(*started(6), ev.TrialFinished("t6", 0.999))
    eventually(lambda: other.marks[-1].y[-1] == 0.999)
    assert "a figure failed and is no longer updated" in caplog.text


def test_a_range_that_a_person_sets_stays() -> None:
    source, figs = figures([*syn.events(5), *started(6)])
    figure = figs.best()
    figure.axes[1].scale.min = -3.0
    source.happen(ev.TrialFinished("t6", 50.0))
    eventually(lambda: figure.marks[-1].y[-1] == 50.0)
    assert figure.axes[1].scale.min == -3.0
    assert figure.axes[1].tick_values is None


def test_figures_are_updated_at_most_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures_module, "INTERVAL", 3600.0)
    acts: list[Callable[[], None]] = []
    source = Source([*syn.events(3), *started(4)])
    figs = Figures(source, lambda act: (acts.append(act), act())[1])
    figs.curves()
    for n in range(100):
        source.happen(progressed(4, 0.1, first=n))
        if n == 0:
            eventually(lambda: len(acts) == 2)
    assert len(acts) == 2


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
