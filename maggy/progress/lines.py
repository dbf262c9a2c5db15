"""Progress as plain lines, for pipes, log files and notebook cells. No escape codes."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from maggy.core.events import Record
from maggy.core.objectives import goal
from maggy.core.state import ENDED, State
from maggy.progress import GOES_ON, summary, tally
from maggy.progress import format as fm
from maggy.progress.notices import Notice, Notices
from maggy.progress.told import told

# Seconds between lines on the progress as a whole: the first, the longest of a long search (they grow
# apart with it), and the longest where nothing happens. CI systems end jobs that say nothing for long.
FIRST, LONGEST, QUIET = 10.0, 60.0, 300.0
# Workers mostly come at once; only a wait of so many seconds is worth a line.
PATIENCE = 2.0


class LinesDisplay:
    """Writes lines to a stream.

    Args:
        path: the experiment's folder.
        stream: where the lines go.
    """

    def __init__(self, path: Path, stream: TextIO) -> None:
        self._path = path
        self._stream = stream
        self._state: State | None = None
        self._tally = tally.Tally()
        self._notices = Notices(path, finished=True)
        self._status: str | None = None
        self._opened = self._told_at = self._now = 0.0
        self._told = 0

    def open(self) -> None:
        """Nothing to prepare."""

    def show(self, state: State, records: list[Record], now: float) -> None:
        """Writes what is worth a line."""
        self._now = now
        if not self._opened:
            self._opened = self._told_at = now
        self._tally.take(state, records)
        if self._state is None and state.settings is not None:
            self._state = state
            self._write(now, self._beginning(state))
        self._show_notices(self._notices.take(state, records, now))
        self._show_status(state, now)
        self._show_progress(state, now)

    def say(self, notice: str) -> None:
        """Writes it, as nothing else may be written for long."""
        self._write(self._now, fm.clean(notice, 1000) or GOES_ON)

    def close(self, finished: bool) -> None:
        """The summary, where the search came to its end."""
        self._show_notices(self._notices.rest(self._now))
        if finished and self._state is not None and self._state.phase == ENDED:
            self._print(summary.plain(self._state, self._path))

    def _beginning(self, state: State) -> str:
        assert state.settings is not None
        settings = state.settings
        return (
            f"{fm.clean(settings.name, 60)}: {fm.clean(settings.optimizer, 60)} ({fm.clean(goal(state))}), "
            f"{fm.counted(settings.num_trials, 'trial')}; results in {fm.short_path(self._path)}"
        )

    def _show_notices(self, notices: list[Notice]) -> None:
        for notice in notices:
            detail = f"; {notice.detail}" if notice.detail else ""
            self._write(notice.time, notice.text + detail)

    def _show_status(self, state: State, now: float) -> None:
        status = tally.status(state)
        if status == self._status or (now - self._opened < PATIENCE and not state.trials):
            return
        if status is None and self._status is not None:
            self._write(now, f"running on {fm.counted(len(state.workers), 'worker')}")
        elif status is not None:
            self._write(now, status)
        self._status = status

    def _show_progress(self, state: State, now: float) -> None:
        waited, changed = now - self._told_at, tally.done(state) != self._told
        usual = min(LONGEST, max(FIRST, (now - self._opened) / 20))
        if state.settings is None or state.phase == ENDED or waited < (usual if changed else QUIET):
            return
        self._told_at, self._told = now, tally.done(state)
        self._write(now, progress(state, self._tally.seconds_left(state, now)))

    def _write(self, when: float, text: str) -> None:
        self._print(f"{fm.clock_time(when)} {text}")

    def _print(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        text = text.encode(encoding, "replace").decode(encoding)
        self._stream.write(text + "\n")
        self._stream.flush()


def progress(state: State, left: float | None) -> str:
    """ "12 of 30 done, 2 running, 4 stopped early, 1 failed; best 0.91 (lr=0.003); about 40s left"."""
    words = [f"{tally.done(state):,} of {state.total():,} done"]
    parts = tally.parts(state)
    words += [f"{parts[p]:,} {p}" for p in ("running", "stopped early", *tally.RARE, "failed") if parts[p]]
    line = ", ".join(words)
    if state.best is not None:
        line += f"; best {told(state.best, state)} ({fm.params(state.best.params)})"
    return line if left is None else f"{line}; {fm.about(left)}"
