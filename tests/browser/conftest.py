"""Real notebooks in a headless browser: one server and one browser for all tests here.

They end with the last test here: Playwright keeps asyncio busy in this thread, and other tests need it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from tests.browser.cells import SPARK
from tests.browser.page import App, NotebookPage
from tests.browser.server import Server, chromium, kernels, serving

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever is fetched from elsewhere fails, here as for people without a network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

# A machine that is busy with other tests is slow, not broken.
expect.set_options(timeout=30_000)

OpenNotebook = Callable[..., NotebookPage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture(scope="package")
def browser() -> Iterator[BrowserContext]:
    """One context, too, so that JupyterLab's scripts come out of the cache from the second page on."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser.new_context()
        browser.close()


@pytest.fixture
def open_notebook(server: Server, browser: BrowserContext) -> Iterator[OpenNotebook]:
    """Opens a new notebook of these code cells: open_notebook([...], app='lab', kernel='python3')."""
    with _opening(server, browser) as open_notebook:
        yield open_notebook
    server.forget_settings()


@pytest.fixture(scope="package")
def _spark_notebook(server: Server, browser: BrowserContext) -> Iterator[NotebookPage]:
    with _opening(server, browser) as open_notebook:
        notebook = open_notebook([SPARK])
        notebook.run(0)
        yield notebook


@pytest.fixture
def spark_notebook(_spark_notebook: NotebookPage) -> Iterator[NotebookPage]:
    """A notebook in JupyterLab whose kernel has a Spark session and `search`; it is shared by all tests.

    Its cells are the test's to replace.
    """
    yield _spark_notebook
    _spark_notebook.stop_all()


@contextmanager
def _opening(server: Server, browser: BrowserContext) -> Iterator[OpenNotebook]:
    """What opens notebooks, and closes them in the end with their kernels."""
    opened: list[NotebookPage] = []

    def open_notebook(
        cells: list[str], app: App = "lab", kernel: str = "python3", width: int = 1200, height: int = 1000
    ) -> NotebookPage:
        page = browser.new_page()
        page.set_viewport_size({"width": width, "height": height})
        opened.append(NotebookPage(page, server, server.write(cells, kernel), app))
        return opened[-1]

    yield open_notebook
    for notebook in opened:
        notebook.page.close()
        server.shut_down_kernel(notebook.name)


@pytest.fixture(params=sorted(kernels()))
def kernel(request: pytest.FixtureRequest) -> str:
    """Each of the kernels, one after the other."""
    return str(request.param)
