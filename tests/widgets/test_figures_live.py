"""How the figures follow a search, and how little is sent for that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ipywidgets import Widget

from maggy.core import events as ev
from maggy_widgets import figures as figures_module
from maggy_widgets import look
from maggy_widgets.figures import Figures
from tests.waiting import eventually
from tests.widgets import synthetic as syn
from tests.widgets.figures import Source, figures, line, marks, points, progressed, rows, started


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures_module, "INTERVAL", 0.0)


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


def test_ten_thousand_trials_keep_the_figures_small(sent: Sent) -> None:
    _, figs = figures(syn.events(10_000, steps=50))
    curves = figs.curves()
    assert sum(map(rows, marks(curves, "Lines"))) == 100
    assert points(curves) <= 10_100
    assert points(figs.space()) <= 2_001
    assert points(figs.best()) <= 2_100
    assert figs.importance().marks[0].x.size == 4
    assert sent.bytes < 400_000


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


def test_a_trial_that_runs_again_starts_anew() -> None:
    source, figs = figures([*syn.events(0), *started(1), progressed(1, 0.1, 0.2, 0.3)])
    figure = figs.curves()
    source.happen(ev.TrialRequeued("t1", "lost"), ev.TrialStarted("t1", 2, "w1"), progressed(1, 0.7, 0.8))
    eventually(lambda: list(line(figure, look.COLOURS[look.RUNNING]).y) == [0.7, 0.8])


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
