"""What `lagom` and its handle do in a notebook, with a stand-in for the kernel and for the widgets."""

from __future__ import annotations

import logging
import sys
import threading
import types

import pytest

from maggy.core.state import State
from tests.driver import functions
from tests.waiting import eventually


class Widgets:
    """Stands in for `maggy_widgets`; tells what was asked of it."""

    def __init__(self, monkeypatch):
        self.calls = []
        self.shown = []
        self.on_pump = lambda: None
        self._never = threading.Event()
        put = {
            "display": {"show": self.show},
            "view": {"view": lambda handle, parts: ("view", handle, parts)},
            "figures": {"Figures": lambda handle: ["figures", handle]},
            "pump": {"Pump": lambda: self},
        }
        for name, contents in put.items():
            module = types.ModuleType(f"maggy_widgets.{name}")
            vars(module).update(contents)
            monkeypatch.setitem(sys.modules, module.__name__, module)

    def show(self, handle):
        self.shown.append(handle)
        return self

    def __enter__(self):
        self.calls.append("enter")
        return self

    def __exit__(self, *error):
        self.calls.append("exit")

    def pump(self, timeout):
        assert 0 < timeout <= 0.02
        self.calls.append("pump")
        self._never.wait(timeout)
        self.on_pump()

    __call__ = pump

    def close(self, patient):
        self.calls.append(f"close {patient}")


@pytest.fixture
def kernel(monkeypatch):
    """An IPython kernel runs."""

    class IPython:
        kernel = object()
        get_ipython = classmethod(lambda cls: cls)

    monkeypatch.setitem(sys.modules, "IPython", IPython)


@pytest.fixture
def widgets(kernel, monkeypatch):
    return Widgets(monkeypatch)


def click_stop(widgets, handle):
    """As a click on Stop experiment does, once a trial runs."""
    if any(t.metric_history for t in State(handle.snapshot()[1]).trials.values()):
        handle.stop("clicked")


def test_a_cell_that_waits_shows_the_view_and_hears_clicks(lagom, widgets, capsys):
    widgets.on_pump = lambda: click_stop(widgets, widgets.shown[0])
    found = lagom(functions.until_stopped, wait=True)
    assert found["status"] == "stopped"
    assert [h.id for h in widgets.shown] == [found["experiment_id"]]
    assert widgets.calls[-1] == "close True"
    assert set(widgets.calls[:-1]) == {"pump"}
    assert capsys.readouterr().out == ""


def test_display_false_shows_nothing(lagom, widgets, capsys):
    assert lagom(functions.square, wait=True, display=False)["status"] == "finished"
    assert widgets.shown == []
    assert capsys.readouterr().out == ""


def test_a_cell_that_is_interrupted_twice_closes_the_view_at_once(lagom, widgets):
    def interrupt():
        raise KeyboardInterrupt

    widgets.on_pump = interrupt
    with pytest.raises(KeyboardInterrupt):
        lagom(functions.until_stopped, wait=True)
    assert widgets.calls == ["pump", "close False"]
    assert widgets.shown[0].done


@pytest.mark.parametrize(("display", "count"), [(None, 0), (False, 0), (True, 1)])
def test_a_search_in_the_background_is_shown_where_it_is_told_to(display, count, lagom, widgets, capsys):
    handle = lagom(functions.square, display=display)
    assert len(widgets.shown) == count
    handle.result(20)
    assert capsys.readouterr().out == ""


def test_a_handle_shows_itself(lagom, widgets):
    handle = lagom(functions.square)
    handle._ipython_display_()
    assert widgets.shown == [handle]
    assert handle.view() == ("view", handle, None)
    assert handle.figures == ["figures", handle]
    assert handle.figures is handle.figures


def test_a_handle_outside_of_notebooks_shows_its_line(lagom, capsys):
    handle = lagom(functions.square)
    handle.result(20)
    handle._ipython_display_()
    assert capsys.readouterr().out == f"{handle!r}\n"


def test_waiting_for_a_result_hears_clicks(lagom, widgets):
    handle = lagom(functions.until_stopped)
    widgets.on_pump = lambda: click_stop(widgets, handle)
    assert handle.result(20)["status"] == "stopped"
    assert (widgets.calls[0], widgets.calls[1], widgets.calls[-1]) == ("enter", "pump", "exit")
    before = len(widgets.calls)
    handle.result()
    assert len(widgets.calls) == before, "there is nothing to wait for"


def test_only_the_main_thread_can_hear_clicks(lagom, widgets):
    handle = lagom(functions.square)
    waits = threading.Thread(target=handle.result)
    waits.start()
    waits.join(20)
    assert handle.done
    assert widgets.calls == []


@pytest.fixture(params=["maggy_widgets.display", "maggy_widgets.view", "maggy_widgets.pump"])
def missing(request, monkeypatch, kernel):
    Widgets(monkeypatch)
    monkeypatch.setitem(sys.modules, request.param, None)
    return request.param.rpartition(".")[2]


def test_without_widgets_there_are_lines_and_a_word_about_what_is_missing(lagom, capsys, missing):
    found = lagom(functions.square, wait=True)
    assert found["status"] == "finished"
    out = capsys.readouterr().out
    if missing == "display":
        assert out.startswith("a live view needs ipywidgets and bqplot in the notebook's environment: pip ")
        assert out.count("\n") > 3
        assert "4 (4 finished)" in out
    handle = lagom(functions.square)
    assert handle.result(20)["status"] == "finished"
    if missing == "view":
        with pytest.raises(ImportError, match="a live view needs ipywidgets"):
            handle.view()


def test_a_view_that_cannot_be_shown_does_not_end_the_search(lagom, widgets, monkeypatch, caplog):
    def no_comm(handle):
        raise RuntimeError("no comm")

    monkeypatch.setattr(sys.modules["maggy_widgets.display"], "show", no_comm)
    with caplog.at_level(logging.WARNING, "maggy"):
        assert lagom(functions.square, wait=True)["status"] == "finished"
    assert caplog.messages == ["the view cannot be shown: RuntimeError('no comm')"]


def test_a_click_that_raises_does_not_end_the_search(lagom, widgets, caplog):
    def fails():
        raise RuntimeError("no such button")

    widgets.on_pump = fails
    with caplog.at_level(logging.WARNING, "maggy"):
        handle = lagom(functions.until_stopped)
        threading.Thread(
            target=lambda: (eventually(lambda: "pump" in widgets.calls), handle.stop("enough"))
        ).start()
        assert handle.result(20)["status"] == "stopped"
    assert caplog.messages == ["clicks are not heard until the cell ends: RuntimeError('no such button')"]
    assert widgets.calls == ["enter", "pump", "exit"]
