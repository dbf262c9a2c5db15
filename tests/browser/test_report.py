"""What a finished search leaves in a notebook: a report, for where there is no kernel."""

import subprocess
import sys

from playwright.sync_api import Locator, Page, expect

from tests.browser.cells import REPLAY
from tests.browser.conftest import OpenNotebook
from tests.browser.page import SCREENSHOTS, NotebookPage

SEARCH = [REPLAY.format("43, planned=60"), "replay.end(); shown.close()"]


def test_a_notebook_that_is_opened_again_and_its_page_of_nbconvert(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(SEARCH)
    notebook.run(0)
    notebook.run(1)
    notebook.save()
    notebook.server.shut_down_kernel(notebook.name)
    notebook.reload()
    expect_report(notebook.output(0))
    notebook.screenshot("report", notebook.output(0))
    notebook.use_theme("dark")
    notebook.screenshot("report-dark", notebook.output(0))
    check_page(notebook)


def test_a_notebook_that_was_executed_by_nbconvert(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["\n".join(SEARCH)])
    convert(notebook, "--execute", "--to", "notebook", "--inplace")
    check_page(notebook)


def test_a_search_that_ended_beside_a_later_cell_that_nbconvert_executed(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SEARCH[0], "replay.end()"])
    convert(notebook, "--execute", "--to", "notebook", "--inplace")
    check_page(notebook)


def expect_report(output: Locator) -> None:
    """A picture and a table, and no word of a model that is not there."""
    expect(output).to_contain_text("47 trials: 31 finished")
    picture = output.locator("img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.complete && picture.naturalWidth") > 100
    expect(output.get_by_role("table")).to_be_visible()
    expect(output).not_to_contain_text("was running")
    expect(output.get_by_text("model not found")).to_be_hidden()


def check_page(notebook: NotebookPage) -> None:
    """Opens the notebook as nbconvert's page, in a browser that reaches no other machine."""
    convert(notebook, "--to", "html")
    page: Page = notebook.page.context.new_page()
    file = (notebook.server.folder / notebook.name).with_suffix(".html")
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    report = page.locator(".jp-OutputArea").first
    expect_report(report)
    report.screenshot(path=SCREENSHOTS / "report-nbconvert.png")
    page.close()


def convert(notebook: NotebookPage, *options: str) -> None:
    command = [sys.executable, "-m", "nbconvert", *options, notebook.name]
    where = {"cwd": notebook.server.folder, "env": notebook.server.environment}
    done = subprocess.run(command, **where, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
