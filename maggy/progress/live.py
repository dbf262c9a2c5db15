"""The live display on a terminal."""

from __future__ import annotations

import contextlib
import textwrap
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.rule import Rule
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from maggy.core.events import Record
from maggy.core.state import ENDED, State
from maggy.progress import GOES_ON, frame, summary
from maggy.progress import format as fm
from maggy.progress.notices import Notice, Notices
from maggy.progress.streams import held_output
from maggy.progress.tally import Tally

# Seconds between redraws: where something happened, and where only the clock goes on.
BUSY, CALM = 0.125, 1.0

# Okabe and Ito's colours, which people with any kind of colour vision can tell apart.
STYLES = {
    "": Style(),
    "strong": Style(bold=True),
    "quiet": Style(dim=True),
    "attention": Style(bold=True, color="#e69f00"),
    "best": Style(bold=True, color="#009e73"),
    "finished": Style(color="#009e73"),
    "stopped early": Style(color="#e69f00"),
    "stopped by hand": Style(color="#cc79a7"),
    "stopped with the search": Style(dim=True),
    "failed": Style(bold=True, color="#d55e00"),
    "running": Style(color="#56b4e9"),
    "to come": Style(dim=True),
    "more": Style(dim=True),
}


class LiveDisplay:
    """Draws the experiment at the bottom of the terminal; events scroll away above it.

    Args:
        path: the experiment's folder.
        console: the terminal.
    """

    def __init__(self, path: Path, console: Console) -> None:
        self._path = path
        self._console = console
        self._now = 0.0
        self._frame = _Frame()
        self._live = Live(
            self._frame,
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._state: State | None = None
        self._tally = Tally()
        self._notices = Notices(path, finished=False)
        self._above: list[Text] = []
        self._printed: deque[str] = deque()
        self._notice = ""
        self._drawn_at = float("-inf")
        self._news = False
        self._streams = contextlib.ExitStack()

    def open(self) -> None:
        """Takes over the terminal."""
        self._printed = self._streams.enter_context(held_output())
        self._live.start()

    def show(self, state: State, records: list[Record], now: float) -> None:
        """Takes in what happened, and redraws where that is due."""
        self._state, self._now = state, now
        self._tally.take(state, records)
        self._above += [self._line(n) for n in self._notices.take(state, records, now)]
        self._news = self._news or bool(records or self._above or self._printed)
        if now - self._drawn_at >= (BUSY if self._news else CALM):
            self._draw(state, now)

    def say(self, notice: str) -> None:
        """Writes it above, and keeps it in sight as long as it holds."""
        self._notice, self._news = fm.clean(notice, 1000), True
        self._above.append(self._line(Notice(self._now, "rests", self._notice or GOES_ON)))

    def close(self, finished: bool) -> None:
        """Gives the terminal back; ends with the summary where the search came to its end."""
        finished = finished and self._state is not None and self._state.phase == ENDED
        # After an error the last frame stays, to show how far the search had come.
        self._live.transient = finished
        try:
            self._streams.close()
            self._above += [self._line(n) for n in self._notices.rest(self._now)]
            self._print_above()
        finally:
            self._live.stop()
        if finished and self._state is not None:
            for part in _summary(self._state, self._path):
                self._console.print(part, soft_wrap=isinstance(part, Text), highlight=False)

    def _draw(self, state: State, now: float) -> None:
        view = frame.View(state, now, self._tally.seconds_left(state, now), self._notice)
        width, height = self._console.size
        self._frame.lines = frame.lines(view, width, height)
        if not self._print_above():
            self._live.refresh()
        self._drawn_at, self._news = now, False

    def _line(self, notice: Notice) -> Text:
        """The notice, wrapped at words; a path is left whole, for copying."""
        indent = " " * 10
        width = max(30, self._console.width - len(indent))
        words = textwrap.wrap(notice.text, width, break_on_hyphens=False)
        # What happened is in colour, the details after the colon are not.
        lead, colon, rest = f"\n{indent}".join(words).partition(":")
        return Text.assemble(
            (f"{fm.clock_time(notice.time)}  ", STYLES["quiet"]),
            (lead, STYLES.get(notice.kind, STYLES["attention"])),
            colon + rest,
            (f"\n{indent}{notice.detail}" if notice.detail else "", STYLES["quiet"]),
        )

    def _print_above(self) -> bool:
        """Writes lines above the live part, which is drawn anew with them; whether there were any."""
        printed = [Text.from_ansi(self._printed.popleft()) for _ in range(len(self._printed))]
        texts, self._above = [*printed, *self._above], []
        if texts:
            self._console.print(Text("\n").join(texts), soft_wrap=True, highlight=False)
        return bool(texts)


class _Frame:
    """Lines for rich, cut to the terminal's width. One for all redraws: rich asks it what it has."""

    def __init__(self) -> None:
        self.lines: list[frame.Line] = []

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for number, line in enumerate(self.lines):
            if number:
                yield Segment.line()
            yield from Segment.adjust_line_length(
                [Segment(text, STYLES[style]) for text, style in line], options.max_width, pad=False
            )


def _summary(state: State, path: Path) -> Iterator[RenderableType]:
    *rows, (last, folder) = summary.rows(state, path)
    wide = max(len(label) for label, _ in [*rows, (last, "")])
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=STYLES["quiet"], no_wrap=True, min_width=wide)
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(label, Text(text, STYLES["best"] if label == "best" else STYLES[""]))
    yield Rule(Text(summary.title(state), STYLES["strong"]), align="left", style=STYLES["quiet"])
    yield grid
    # Outside the grid, which would break a long path: it is there to be copied.
    yield Text.assemble((last.ljust(wide + 2), STYLES["quiet"]), folder)
