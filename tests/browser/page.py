"""A notebook open in a browser, as a person has it before them."""

import itertools
from pathlib import Path
from typing import Any, Literal

import nbformat
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.browser.server import ROOT, TOKEN, Server

App = Literal["lab", "notebook"]
# A workspace of its own, or JupyterLab opens what other pages have open, too.
PATHS = {"lab": "lab/workspaces/{workspace}/tree/{name}", "notebook": "notebooks/{name}"}
SCREENSHOTS = ROOT / "screenshots"
# JupyterLab shows its parts to scripts as `jupyterapp`. PANEL is the notebook before us.
PANEL = "jupyterapp.shell.currentWidget"
SECONDS = 1000

_numbers = itertools.count(1)


class NotebookPage:
    """A notebook in JupyterLab ('lab') or in Notebook 7 ('notebook').

    Attributes:
        page: Playwright's page.
        errors: of our scripts, as the browser's console had them. (Jupyter itself has some, too.)
    """

    def __init__(self, page: Page, server: Server, name: str, app: App, busy: bool = False) -> None:
        self.page = page
        self.server = server
        self.name = name
        self.app = app
        self.errors: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._note(error.stack or str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        self.open(busy)

    def open(self, busy: bool = False) -> None:
        path = PATHS[self.app].format(workspace=f"page{next(_numbers)}", name=self.name)
        self.page.goto(f"{self.server.url}/{path}?token={TOKEN}")
        self.wait_for_app() if busy else self.wait_for_kernel()

    def another(self) -> "NotebookPage":
        """The same notebook in another tab, perhaps while its kernel is busy."""
        return NotebookPage(self.page.context.new_page(), self.server, self.name, self.app, busy=True)

    def reload(self) -> None:
        self.page.reload()
        self.wait_for_app()

    def wait_for_app(self) -> None:
        """Until the notebook is there; its kernel may be busy."""
        self.page.wait_for_function(
            f"() => globalThis.jupyterapp && {PANEL}?.context?.isReady", timeout=60 * SECONDS
        )

    def wait_for_kernel(self) -> None:
        """Until the kernel has nothing to do."""
        self.wait_for_app()
        idle = f"() => {PANEL}.sessionContext.session?.kernel?.status === 'idle'"
        self.page.wait_for_function(idle, timeout=60 * SECONDS)

    def start(self, cell: int) -> Locator:
        """Runs the cell, counted from 0, and does not wait. Returns its output."""
        self.page.evaluate(
            f"index => {{ {PANEL}.content.activeCellIndex = index;"
            " void jupyterapp.commands.execute('notebook:run-cell'); }",
            cell,
        )
        return self.output(cell)

    def run(self, cell: int, timeout: float = 90) -> Locator:
        """Runs the cell, counted from 0, to its end. Returns its output."""
        output = self.start(cell)
        prompt = self.cell(cell).locator(".jp-InputPrompt")
        expect(prompt).not_to_have_text("[*]:", timeout=timeout * SECONDS)
        expect(prompt).not_to_have_text("[ ]:", timeout=timeout * SECONDS)
        return output

    def replace_cells(self, cells: list[str]) -> None:
        """Puts these code cells in place of all that are there."""
        self.page.evaluate(
            f"cells => {{ const model = {PANEL}.content.model.sharedModel;"
            " const made = cells.map(source => ({ cell_type: 'code', source }));"
            " model.insertCells(0, made); model.deleteCellRange(made.length, model.cells.length); }",
            cells,
        )
        expect(self.page.locator(".jp-Notebook .jp-Cell")).to_have_count(len(cells))

    def cell(self, cell: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell)

    def output(self, cell: int) -> Locator:
        return self.cell(cell).locator(".jp-Cell-outputArea")

    def save(self) -> nbformat.NotebookNode:
        """Saves the notebook; returns what stands in the file."""
        self.page.evaluate(f"() => {PANEL}.context.save()")
        return self.server.read(self.name)

    def touch(self, name: str) -> None:
        """Makes a file in the notebook's folder."""
        (self.server.folder / name).touch()

    def read(self, name: str) -> str:
        """What stands in a file in the notebook's folder; nothing where there is none."""
        file = self.server.folder / name
        return file.read_text() if file.exists() else ""

    def restart_kernel(self) -> None:
        self.page.evaluate(f"() => {PANEL}.sessionContext.session.kernel.restart()")
        self.wait_for_kernel()

    def shut_down_kernel(self) -> None:
        self.page.evaluate(f"() => {PANEL}.sessionContext.shutdown()")

    def interrupt_kernel(self) -> None:
        self.page.evaluate(f"() => {PANEL}.sessionContext.session.kernel.interrupt()")

    def stop_all(self) -> None:
        """Stops the searches that a test left behind, if any. For kernels that ran cells.SPARK."""
        # The kernel is idle for a moment, too, after each message of a widget.
        prompts = self.page.locator(".jp-InputPrompt").filter(has_text="[*]:")
        if prompts.count():
            self.interrupt_kernel()
        expect(prompts).to_have_count(0)
        self.replace_cells(["stop_all()"])
        self.run(0)
        self.errors.clear()

    def use_theme(self, theme: Literal["light", "dark"]) -> None:
        name = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[theme]
        self.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", name)
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", name)

    def make_wide(self, width: int) -> None:
        """Makes the outputs so many pixels wide."""
        size = self.page.viewport_size or {"width": 0, "height": 1000}
        output = self.output(0)
        for _ in range(2):
            now = output.bounding_box()
            size["width"] += round(width - (now["width"] if now else 0))
            self.page.set_viewport_size(size)

    def hide_code(self) -> None:
        """Leaves nothing on the page but the notebook's outputs."""
        self.evaluate("() => jupyterapp.commands.execute('notebook:hide-all-cell-code')")
        self.evaluate("() => jupyterapp.shell.collapseLeft?.()")

    def screenshot(self, name: str, of: Locator | None = None) -> Path:
        """Keeps a picture of the page, or of a part of it, where people look for it."""
        path = SCREENSHOTS / f"{name}.png"
        (of or self.page).screenshot(path=path)
        print(f"Screenshot: {path}")
        return path

    def evaluate(self, script: str, *args: Any) -> Any:
        return self.page.evaluate(script, *args)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"{message.text} ({message.location['url']})")

    def _note(self, error: str) -> None:
        if "maggy" in error.lower():
            self.errors.append(error)
