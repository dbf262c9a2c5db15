"""The widgets in JupyterLab and Notebook, with a source of events that counts what it is asked."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenNotebook
from tests.browser.page import App

SETUP = """
import ipywidgets, traitlets as t
from maggy_widgets import __version__
class Search(ipywidgets.Widget):
    _model_name = t.Unicode("SearchModel").tag(sync=True)
    _model_module = t.Unicode("maggy-widgets").tag(sync=True)
    _model_module_version = t.Unicode(__version__).tag(sync=True)
    selected = t.Unicode().tag(sync=True)
class Part(ipywidgets.DOMWidget):
    _model_name = t.Unicode("PartModel").tag(sync=True)
    _view_name = t.Unicode("PartView").tag(sync=True)
    _model_module = _view_module = t.Unicode("maggy-widgets").tag(sync=True)
    _model_module_version = _view_module_version = t.Unicode(__version__).tag(sync=True)
    search = t.Instance(Search).tag(sync=True, **ipywidgets.widget_serialization)
    part = t.Unicode("header").tag(sync=True)
heard = []
search = Search()
search.on_msg(lambda _, content, buffers: heard.append(content))
part = Part(search=search)
"""


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_the_widget_appears_and_reaches_python(open_notebook: OpenNotebook, app: App) -> None:
    notebook = open_notebook([SETUP + "part", "heard"], app=app)
    part = notebook.run(0).locator(".maggy-part")
    expect(part).to_be_visible()
    expect(notebook.run(1)).to_contain_text("'type': 'Sync'")
    assert notebook.errors == []
