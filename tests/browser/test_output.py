"""A search's output in a notebook: the live view where there is one, or else the report."""

import nbformat
from playwright.sync_api import expect

from tests.browser.cells import END, SHOW
from tests.browser.conftest import OpenNotebook
from tests.browser.page import NotebookPage
from tests.browser.server import Server

PART = ".maggy-part"


def test_the_end_of_the_search_leaves_the_view_as_it_is(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SHOW, END])
    part = notebook.run(0).locator(PART)
    part.evaluate("part => { part.dataset.mark = 'the same' }")
    notebook.run(1)
    expect(part).to_have_attribute("data-mark", "the same")
    expect(part).to_be_visible()
    expect(notebook.output(0)).not_to_contain_text("It found this")


def test_a_restarted_kernel_leaves_a_view_that_says_so_and_then_the_report(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([SHOW, END])
    notebook.run(0)
    notebook.run(1)
    notebook.save()
    notebook.restart_kernel()
    expect(notebook.output(0)).to_contain_text("The kernel was restarted")
    notebook.reload()
    expect(notebook.output(0)).to_contain_text("It found this")
    expect(notebook.output(0).locator(PART)).to_have_count(0)


def test_a_view_says_that_its_kernel_was_shut_down(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SHOW])
    notebook.run(0)
    notebook.shut_down_kernel()
    expect(notebook.output(0)).to_contain_text("The kernel was shut down")


def test_a_reloaded_page_shows_the_view_again_once_the_kernel_answers(open_notebook: OpenNotebook) -> None:
    wait = "from pathlib import Path\nwhile not Path('go').exists(): pass"
    notebook = open_notebook([SHOW, wait])
    notebook.run(0)
    notebook.save()
    notebook.start(1)
    notebook.reload()
    expect(notebook.output(0)).to_contain_text("It was running")
    (notebook.server.folder / "go").touch()
    expect(notebook.output(0).locator(PART)).to_be_visible()
    expect(notebook.output(0)).not_to_contain_text("It was running")


def test_an_untrusted_notebook_shows_the_report_and_runs_nothing(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SHOW, "1"])
    notebook.run(0)
    _tamper(notebook.save(), notebook.server, notebook.name)
    notebook.open()
    expect(notebook.output(0)).to_contain_text("A stranger's report")
    assert _ran(notebook) is None
    expect(notebook.output(0).locator(PART)).to_have_count(0)


def _tamper(saved: nbformat.NotebookNode, server: Server, name: str) -> None:
    cell = saved.cells[0]
    cell.source = "# not what was run"
    html = "<p>A stranger's report</p><img src='x' onerror='globalThis.ran = 1'>"
    cell.outputs[0]["data"]["text/html"] = html
    nbformat.write(saved, server.folder / name)


def _ran(notebook: NotebookPage) -> object:
    return notebook.page.evaluate("() => globalThis.ran")
