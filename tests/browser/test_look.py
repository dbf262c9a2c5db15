"""How the view looks and is used: themes, sizes, keyboard, figures, many trials. Pictures are kept."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.cells import REPLAY
from tests.browser.conftest import OpenNotebook
from tests.browser.page import NotebookPage
from tests.browser.search import SearchView
from tests.waiting import eventually

# Whether more pixels are the dark theme's paper than the light one's. Texts have an edge of paper.
DARK = """canvases => {
    let [light, dark] = [0, 0];
    for (const canvas of canvases) {
        if (!canvas.width || !canvas.height) continue;
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 0; i < data.length; i += 4) {
            if (data[i + 3] < 255 || data[i] !== data[i + 1] || data[i] !== data[i + 2]) continue;
            if (data[i] === 255) light++;
            if (data[i] === 0x11) dark++;
        }
    }
    return dark > light;
}"""
BY_HAND = re.compile("stopped by hand")


def test_themes_keyboard_and_figures_while_the_cell_waits(spark_notebook: NotebookPage) -> None:
    notebook = spark_notebook
    notebook.replace_cells(["found = search('look', num_trials=6)"])
    view = SearchView(notebook.start(0))
    view.expect_live(1, 2)

    view.curves.scroll_into_view_if_needed()
    assert not is_dark(view.curves)
    notebook.use_theme("dark")
    eventually(lambda: is_dark(view.curves), 30)
    view.expect_growth(1)
    notebook.use_theme("light")
    eventually(lambda: not is_dark(view.curves), 30)

    view.output.get_by_role("tab", name="Figures").click()
    lines = view.output.locator(".bqplot path.line")
    expect(lines.first).to_be_visible()
    before = lines.first.get_attribute("d")
    eventually(lambda: lines.first.get_attribute("d") != before, 30)
    view.output.get_by_role("tab", name="Search").click()

    stop_by_keys(notebook, view)
    notebook.touch("look")
    expect(view.status).to_have_text("Finished")
    assert view.counts() == {"finished": 4, "stopped by hand": 2}
    assert notebook.errors == []


def stop_by_keys(notebook: NotebookPage, view: SearchView) -> None:
    """Stops the two running trials: one with its button, one with a letter."""
    keyboard = notebook.page.keyboard
    view.grid.evaluate("grid => grid.scrollIntoView({ block: 'nearest' })")
    view.output.get_by_role("searchbox", name="Filter trials").focus()
    keyboard.press("Tab")
    expect(view.grid).to_be_focused()
    select_by_keys(view, 2)
    for _ in range(4):  # past the column heads
        if view.stop(2).evaluate("button => button === document.activeElement"):
            break
        keyboard.press("Tab")
    expect(view.stop(2)).to_be_focused()
    keyboard.press("Enter")
    expect(view.kind(2)).to_have_accessible_name(BY_HAND)
    keyboard.press("Escape")
    select_by_keys(view, 1)
    keyboard.press("s")
    expect(view.kind(1)).to_have_accessible_name(BY_HAND)


def select_by_keys(view: SearchView, number: int) -> None:
    selected = view.grid.get_by_role("row", selected=True).filter(has=view.caret(number))
    view.grid.press("Home")
    for _ in range(6):
        if selected.count():
            break
        view.grid.press("ArrowDown")
    expect(selected).to_be_visible()


def test_what_screen_readers_are_told_and_pictures(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([REPLAY.format("43, planned=60"), "replay.end()"], height=1800)
    notebook.hide_code()
    view = SearchView(notebook.run(0))
    expect(view.header.get_by_role("heading", level=2)).to_have_text("digits")
    expect(view.output.get_by_role("heading", name="Learning curves")).to_be_visible()
    assert sum(view.counts().values()) == 60
    for name in ("Add a trial…", "+10 trials", "Stop search"):
        expect(view.button(name)).to_be_enabled()
    expect(view.row(43)).to_be_visible()
    expect(view.row(47).get_by_role("button", name="Stop trial 47")).to_be_visible()
    notebook.use_theme("light")
    take(notebook, view, "light")
    notebook.use_theme("dark")
    eventually(lambda: is_dark(view.curves), 30)
    take(notebook, view, "dark")
    notebook.use_theme("light")
    for name, width in (("narrow", 600), ("wide", 1600)):
        notebook.make_wide(width)
        take(notebook, view, name)
    view.output.get_by_role("tab", name="Figures").click()
    expect(view.output.locator(".bqplot path.line").first).to_be_visible()
    notebook.screenshot("figures", view.output)
    notebook.run(1)
    expect(view.status).to_have_text("Finished")
    assert notebook.errors == []


def test_ten_thousand_trials(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([REPLAY.format("10_000, steps=20")], height=1500)
    notebook.hide_code()
    view = SearchView(notebook.run(0))
    expect(view.stop(10_004)).to_be_visible()
    take(notebook, view, "trials-10000")
    view.grid.focus()
    notebook.page.keyboard.press("End")
    expect(view.row(1)).to_be_visible()
    assert view.grid.get_by_role("row").count() < 60
    view.output.get_by_role("searchbox", name="Filter trials").fill("failed")
    expect(view.output.get_by_text("344 of 10004 trials")).to_be_visible()
    assert notebook.errors == []


def take(notebook: NotebookPage, view: SearchView, name: str) -> None:
    """Takes a picture once curves and space are drawn."""
    eventually(lambda: any(view.ink(view.curves)) and any(view.ink(view.space)), 30)
    view.curves.hover()
    notebook.page.mouse.move(0, 0)
    notebook.screenshot(name, view.output)


def is_dark(part: Locator) -> bool:
    """Whether its charts are drawn in the dark theme's colours."""
    return bool(part.locator("canvas").evaluate_all(DARK))
