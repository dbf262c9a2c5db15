"""bqplot's figures of a search in JupyterLab: trials are selected with the mouse."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenNotebook
from tests.browser.page import NotebookPage
from tests.waiting import eventually

SPACE = """
from maggy_widgets.figures import Figures
from tests.browser.replay import Replay
replay = Replay(60)
figures = Figures(replay)
figure = figures.space("lr", "units", select={select!r})
figure
"""
MIDDLE = {
    "x": "line => { const box = line.getBoundingClientRect(); return (box.left + box.right) / 2; }",
    "y": "line => { const box = line.getBoundingClientRect(); return (box.top + box.bottom) / 2; }",
}
# All trials from 1e-4 to 1e-2 and from 50 to 200.
INSIDE = """
trials = [t for t in replay.state.trials.values() if 1e-4 <= t.params["lr"] <= 1e-2]
expected = {t.number for t in trials if 50 <= t.params["units"] <= 200}
selected = set(figures.selected(figure))
print("missing", sorted(expected - selected), "too many", sorted(selected - expected), "of", len(expected))
"""


@pytest.mark.parametrize("select", ["brush", "lasso"])
def test_trials_are_selected(open_notebook: OpenNotebook, select: str) -> None:
    notebook = open_notebook([SPACE.format(select=select), INSIDE])
    figure = notebook.run(0).locator(".bqplot.figure")
    expect(figure.locator(".element").first).to_be_visible()
    # Places of the figure's ticks.
    (left, right), (bottom, top) = _ticks(figure, "x", "1e.4", "1e.2"), _ticks(figure, "y", "50", "200")
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    _drag(notebook, corners[:1] + corners[2:3] if select == "brush" else corners)
    expect(figure.locator(".element[style*='opacity: 0.15']").first).to_be_attached()
    # While the kernel is busy ipywidgets holds the newest selection back, and another one may come before it.
    eventually(lambda: "missing [] too many [] of " in notebook.run(1).inner_text())
    expect(notebook.output(1)).not_to_contain_text("of 0")
    assert notebook.errors == []


def _ticks(figure: Locator, way: str, *labels: str) -> list[float]:
    """Where on the page, on the 'x' or the 'y' axis, the ticks with these labels are."""
    found = []
    for label in labels:
        tick = figure.locator(".tick").filter(has_text=re.compile(f"^{label}$")).locator("line").first
        tick.wait_for(state="attached")
        found.append(tick.evaluate(MIDDLE[way]))
    return found


def _drag(notebook: NotebookPage, places: list[tuple[float, float]]) -> None:
    mouse = notebook.page.mouse
    mouse.move(*places[0])
    mouse.down()
    for place in places[1:]:
        mouse.move(*place, steps=5)
    mouse.up()
