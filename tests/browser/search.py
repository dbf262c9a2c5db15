"""A search's view, as a person finds their way in it: by roles and names."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.waiting import eventually

# Counts what was drawn, whatever it is.
INK = """canvases => canvases.map(canvas => {
    if (!canvas.width || !canvas.height) return 0;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4)
        sum = (sum * 31 + data[i] + 3 * data[i + 1] + 7 * data[i + 2] + 11 * data[i + 3]) % 1e9;
    return sum;
})"""


class SearchView:
    """The view of a search in an output.

    Attributes:
        status: how the search stands, in a word.
        grid: the table of trials.
    """

    def __init__(self, output: Locator) -> None:
        self.output = output
        self.header = output.locator(".maggy-header")
        self.status = self.header.locator(".maggy-chip")
        self.curves = output.locator(".maggy-curves")
        self.space = output.locator(".maggy-space")
        self.grid = output.get_by_role("grid", name="Trials")

    def button(self, name: str) -> Locator:
        return self.header.get_by_role("button", name=name, exact=True)

    def row(self, number: int) -> Locator:
        return self.grid.get_by_role("row").filter(has=self.caret(number))

    def caret(self, number: int) -> Locator:
        """What opens and closes a row."""
        return self.output.page.get_by_role("button", name=re.compile(f"^(Open|Close) trial {number}$"))

    def row_with(self, text: str) -> Locator:
        """The rows that contain the text."""
        return self.grid.get_by_role("row").filter(has_text=text)

    def kind(self, number: int) -> Locator:
        """The mark that says how a trial stands."""
        return self.row(number).get_by_role("img")

    def stop(self, number: int) -> Locator:
        return self.row(number).get_by_role("button", name=f"Stop trial {number}", exact=True)

    def step(self, number: int) -> int:
        """The last step of a trial; -1 before the first."""
        return int(self.row(number).locator(".maggy-steps").inner_text() or -1)

    def metric(self, number: int) -> float:
        """The metric of a trial that has one."""
        return float(self.row(number).locator(".maggy-c-metric").inner_text())

    def open(self, number: int) -> Locator:
        """Opens a trial's row; returns what it tells."""
        self.row(number).get_by_role("button", name=f"Open trial {number}", exact=True).click()
        return self.grid.locator(".maggy-detail").last

    def counts(self) -> dict[str, int]:
        """How many trials there are of each kind, as the bar says."""
        bar = self.header.get_by_role("img", name=re.compile("^Trials: "))
        words = (bar.get_attribute("aria-label") or "").removeprefix("Trials: ").split(", ")
        return {kind: int(count) for count, kind in (word.split(" ", 1) for word in words)}

    def ink(self, part: Locator) -> list[int]:
        """A number for each canvas of the part, which tells pictures apart."""
        found: list[int] = part.locator("canvas").evaluate_all(INK)
        return found

    def expect_live(self, *numbers: int) -> None:
        """Waits until these trials run and their curves have grown by a step before our eyes."""
        expect(self.status).to_have_text("Running")
        for number in numbers:
            expect(self.stop(number)).to_be_enabled()
            self.expect_growth(number)

    def expect_growth(self, number: int) -> None:
        before = self.step(number)
        eventually(lambda: self.step(number) > before, 30)
