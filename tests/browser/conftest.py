"""Real notebooks in a headless browser: one server and one browser for all tests here.

They end with the last test here: Playwright keeps asyncio busy in this thread, and other tests need it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

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

    def opened(
        cells: list[str], app: App = "lab", kernel: str = "python3", width: int = 1200, height: int = 1000
    ) -> NotebookPage:
        page = browser.new_page()
        page.set_viewport_size({"width": width, "height": height})
        return NotebookPage(page, server, server.write(cells, kernel), app)

    yield opened
    for page in browser.pages:
        page.close()
    server.shut_down_kernels()
    server.forget_settings()


@pytest.fixture(params=sorted(kernels()))
def kernel(request: pytest.FixtureRequest) -> str:
    """Each of the kernels, one after the other."""
    return str(request.param)
