"""A notebook open in a browser with the probe in its page, and what can be asked of both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright

from benchmarks.widget.machine import private_memory
from tests.browser.conftest import FLAGS
from tests.browser.page import PANEL, SECONDS, NotebookPage
from tests.browser.server import ROOT, Server, chromium

PROBE = Path(__file__).with_name("probe.js").read_text()
CURVES = '[aria-label="Learning curves"] .maggy-plot'
TABLE = ".maggy-grid"
# Runs code in the kernel without a cell, and returns what an expression comes to afterwards.
_EXECUTE = f"""async ([code, expression]) => {{
  const asked = {{ code, silent: true, user_expressions: {{ value: expression }} }};
  const kernel = {PANEL}.sessionContext.session.kernel;
  const {{ content }} = await kernel.requestExecute(asked).done;
  if (content.status !== 'ok') throw new Error(`${{content.ename}}: ${{content.evalue}}`);
  return content.user_expressions.value.data['text/plain'];
}}"""
_MB = 2**20


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is measured."""

    playwright: Playwright
    server: Server
    kernel: str


class Desk:
    """A notebook before us, in a browser of its own.

    Attributes:
        notebook: the notebook.
        page: Playwright's page.
    """

    def __init__(self, browser: Browser, place: Place, cells: list[str]) -> None:
        self._browser = browser
        self.page = browser.new_context(viewport={"width": 1200, "height": 1000}).new_page()
        self.page.add_init_script(PROBE)
        self.notebook = NotebookPage(self.page, place.server, place.server.write(cells, place.kernel), "lab")

    def execute(self, code: str, expression: str = "None") -> str:
        """Runs code in the kernel, which must be idle; returns the expression's value as text."""
        return str(self.page.evaluate(_EXECUTE, [code, expression]))

    def probe(self, expression: str) -> Any:
        """The value of an expression of the probe, such as `probe.frames`."""
        return self.page.evaluate(expression)

    def wait_for(self, condition: str, seconds: float = 60) -> None:
        self.page.wait_for_function(condition, timeout=seconds * SECONDS)

    def look(self, seconds: float) -> None:
        """Lets time pass, in which the page lives on."""
        self.page.wait_for_timeout(seconds * SECONDS)

    def gesture(self, **scroll: float) -> None:
        """Scrolls as Chromium's `Input.synthesizeScrollGesture` says; returns when it has come to rest."""
        tools = self.page.context.new_cdp_session(self.page)
        tools.send("Input.synthesizeScrollGesture", {**scroll, "gestureSourceType": "mouse"})
        tools.detach()

    def memory(self) -> tuple[float, float]:
        """Of the page: JavaScript's heap after a collection, and the private memory of its process, in MB."""
        tools = self.page.context.new_cdp_session(self.page)
        tools.send("Performance.enable")
        tools.send("HeapProfiler.collectGarbage")
        metrics = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
        tools.detach()
        return metrics["JSHeapUsedSize"] / _MB, max(map(private_memory, self._renderers()))

    def _renderers(self) -> list[int]:
        """Processes that hold pages; the spare one that Chromium keeps is small."""
        tools = self._browser.new_browser_cdp_session()
        found = tools.send("SystemInfo.getProcessInfo")["processInfo"]
        tools.detach()
        return [process["id"] for process in found if process["type"] == "renderer"]


@contextmanager
def desk(place: Place, cells: list[str]) -> Iterator[Desk]:
    """A desk whose kernel and browser end with it."""
    browser = place.playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    try:
        yield Desk(browser, place, [f"import sys; sys.path.insert(0, {str(ROOT)!r})", *cells])
    finally:
        browser.close()
        place.server.shut_down_kernels()
