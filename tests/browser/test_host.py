"""The models and views of the browser's side, in each of their hosts."""

import pytest
from playwright.sync_api import expect

from tests.browser.cells import MODELS
from tests.browser.conftest import OpenNotebook
from tests.browser.page import App

BY_ANYWIDGET = "import os; os.environ['MAGGY_WIDGETS_HOST'] = 'anywidget'\n"


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_the_widget_appears_and_reaches_python(open_notebook: OpenNotebook, app: App) -> None:
    notebook = open_notebook([MODELS + "part", "heard"], app=app)
    expect(notebook.run(0).locator(".maggy-part")).to_be_visible()
    expect(notebook.run(1)).to_contain_text("[{'type': 'Sync'}]")
    assert notebook.errors == []


def test_anywidget_carries_the_same_views(open_notebook: OpenNotebook) -> None:
    two = "ipywidgets.VBox([part, hosted(Part)(search=search, part='trials')])"
    notebook = open_notebook([BY_ANYWIDGET + MODELS + two, "part._view_module, heard"])
    expect(notebook.run(0).locator(".maggy-part")).to_have_count(2)
    # One question: the two parts share what they know, though each has a module of its own.
    expect(notebook.run(1)).to_contain_text("('anywidget', [{'type': 'Sync'}])")
    notebook.restart_kernel()
    expect(notebook.output(0)).to_contain_text("The kernel was restarted")
    assert notebook.errors == []
