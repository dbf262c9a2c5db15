"""A search in a cell that waits for it: seen while it runs, and in a person's hands, on each kernel."""

import re

from playwright.sync_api import expect

from tests.browser.cells import SPARK
from tests.browser.conftest import OpenNotebook
from tests.browser.page import NotebookPage
from tests.browser.search import SearchView
from tests.waiting import eventually

CLICKED = "() => document.addEventListener('click', () => { globalThis.clicked = Date.now() / 1000 }, true)"


def test_stop_while_the_cell_waits(open_notebook: OpenNotebook, kernel: str) -> None:
    found = (
        f"found = search('go-{kernel}')\n{{key: found[key] for key in ('num_trials', 'failed', 'status')}}"
    )
    notebook = open_notebook([SPARK], kernel=kernel)
    notebook.run(0)
    notebook.replace_cells([found, "print('next')"])
    output = notebook.start(0)
    notebook.start(1)
    view = SearchView(output)
    view.expect_live(1, 2)
    view.curves.scroll_into_view_if_needed()
    before = view.ink(view.curves)
    eventually(lambda: view.ink(view.curves) != before, 30)

    seconds = stop(notebook, view, 2, f"go-{kernel}.stopped")
    print(f"{kernel}: {1000 * seconds:.0f} ms from the click to the broadcast that raises")
    assert seconds < 2
    expect(view.kind(2)).to_have_accessible_name(re.compile("stopped by hand"))
    step, metric = view.step(2), view.metric(2)
    assert step > 0
    assert metric > 0
    view.expect_live(1, 3)
    expect(notebook.output(1)).to_be_empty()

    notebook.touch(f"go-{kernel}")
    expect(view.status).to_have_text("Finished")
    expect(output).to_contain_text("{'num_trials': 4, 'failed': 0, 'status': 'finished'}")
    expect(notebook.output(1)).to_have_text("next")
    assert view.counts() == {"finished": 3, "stopped by hand": 1}
    assert (view.step(2), view.metric(2)) == (step, metric)
    expect(view.grid).to_be_visible()
    expect(view.header.get_by_role("button", name="Stop search")).to_be_hidden()
    assert notebook.errors == []


def test_a_search_in_a_persons_hands(open_notebook: OpenNotebook) -> None:
    found = "found = search('hands')\nfound['status']"
    notebook = open_notebook([SPARK], app="notebook")
    notebook.run(0)
    notebook.replace_cells([found, "search('more', wait=False)"])
    output = notebook.start(0)
    view = SearchView(output)
    view.expect_live(1, 2)
    view.button("+10 trials").click()
    expect(view.header).to_contain_text("of 14 started")
    add_trial(view, units=7)
    expect(view.header).to_contain_text("of 15 started")
    again = view.open(1).get_by_role("button", name="Run again")
    again.click()
    expect(view.header).to_contain_text("of 16 started")
    view.stop(1).click()
    expect(view.row_with("added by hand")).to_have_count(2)

    view.button("Stop search").click()
    expect(view.header).to_contain_text("Stop 2 running trials and end?")
    view.button("Keep running").click()
    view.expect_growth(2)
    view.button("Stop search").click()
    view.button("Stop").click()
    expect(view.status).to_have_text("Stopped")
    expect(output).to_contain_text("'stopped'")
    assert view.counts()["stopped by hand"] == 1

    view = SearchView(notebook.run(1))
    view.expect_live(1, 2)
    notebook.save()
    notebook.restart_kernel()
    expect(view.status).to_have_text("Disconnected")
    expect(view.header).to_contain_text("The kernel was restarted")
    expect(view.grid.get_by_role("button", name=re.compile("^Stop trial"))).to_have_count(0)
    notebook.reload()
    expect(notebook.output(1)).to_contain_text("was running when this notebook was saved")
    assert notebook.errors == []


def add_trial(view: SearchView, **numbers: int) -> None:
    view.button("Add a trial…").click()
    form = view.header.get_by_role("form", name="Add a trial")
    for name, number in numbers.items():
        form.get_by_label(name).fill(str(number))
    form.get_by_role("button", name="Add trial").click()
    expect(form).to_be_hidden()


def stop(notebook: NotebookPage, view: SearchView, number: int, file: str) -> float:
    """Stops a trial with the mouse; returns the seconds until its function heard of it."""
    notebook.evaluate(CLICKED)
    view.stop(number).click()
    written = eventually(lambda: notebook.read(file), 30)
    return float(written) - float(notebook.evaluate("() => globalThis.clicked"))
