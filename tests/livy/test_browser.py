"""PySparkKernel in JupyterLab in a headless browser, over a real Livy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import browser as browser
from tests.browser.page import NotebookPage
from tests.browser.search import SearchView
from tests.browser.server import Server, serving
from tests.livy.kernels import PYSPARK, PYTHON, settings
from tests.livy.test_notebook import BODY
from tools.livy.server import LivyServer

BY_HAND = re.compile("stopped by hand")


@pytest.fixture
def notebook(livy: LivyServer, browser: BrowserContext, tmp_path: Path) -> Iterator[NotebookPage]:
    with serving(tmp_path / "jupyter") as server:
        add_kernel(server, livy.url, tmp_path / "kernel")
        page = browser.new_page()
        page.set_viewport_size({"width": 1200, "height": 1300})
        cells = ["%load_ext maggy_widgets", "%%maggy -o found" + BODY, "print(found)", "%maggy attach"]
        yield NotebookPage(page, server, server.write(cells, "pyspark"), "lab")
        page.close()


def test_a_search_is_shown_and_stopped_in_pysparkkernel(notebook: NotebookPage) -> None:
    notebook.run(0)
    output = notebook.run(1, timeout=180)
    expect(output).to_contain_text("goes on")
    view = SearchView(output)
    view.expect_live(1, 2)
    notebook.screenshot("livy-pysparkkernel")
    view.stop(1).click()
    expect(view.kind(1)).to_have_accessible_name(BY_HAND)
    expect(notebook.run(2)).to_contain_text("running")
    notebook.save()
    notebook.reload()
    view.expect_live(2, 3)
    again = SearchView(notebook.run(3))
    again.expect_live(2, 3)
    again.button("Stop search").click()
    again.button("Stop").click()
    for each in (view, again):
        expect(each.status).to_have_text("Stopped")
    notebook.screenshot("livy-stopped")
    assert notebook.errors == []


def add_kernel(server: Server, livy: str, home: Path) -> None:
    folder = server.home / "data" / "kernels" / "pyspark"
    folder.mkdir(parents=True)
    argv = [str(PYTHON), "-m", PYSPARK, "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "PySpark", "language": "python", "env": settings(livy, home)}
    (folder / "kernel.json").write_text(json.dumps(spec))
