"""The one thread that writes to the browser, as ipywidgets bears no more than one.

Everybody else only puts something on its queue: the watch thread records, the kernel's main thread what
the browser asked for. It sends at most ten frames a second for an experiment, and blocks when there is
nothing to do.
"""

from __future__ import annotations

import atexit
import contextlib
import contextvars
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maggy.bridge import contract as c
from maggy.bridge import frames
from maggy.core.events import Record
from maggy.exceptions import MaggyError

if TYPE_CHECKING:
    from maggy.bridge.source import Source

log = logging.getLogger("maggy.widgets")

# Seconds between two frames, and between two snapshots, of one experiment.
FRAME_INTERVAL = 0.1
SNAPSHOT_INTERVAL = 0.5

Act = Callable[[], None]
# Sends one message with its buffers to the browser; False where it is gone for good.
Send = Callable[[dict[str, Any], list[bytes]], bool]


def plain(text: str) -> str:
    """The text as Jupyter can send it: halves of surrogate pairs become question marks."""
    return text.encode(errors="replace").decode()


def _is_sync(content: Any) -> bool:
    return isinstance(content, dict) and content.get("type") == c.Sync.__name__


class _GoneError(Exception):
    """The browser's side was closed."""


class Line:
    """What goes between one experiment and the browser. The Writer's thread alone calls its methods.

    Nothing is sent before the browser has asked for the first snapshot.

    Args:
        source: the experiment.
        send: sends a message.
        now: seconds, monotonic.

    Attributes:
        far: whether the experiment is elsewhere, so that what it is asked takes a while.
    """

    def __init__(self, source: Source, send: Send, now: Callable[[], float] = time.monotonic) -> None:
        self.far = bool(getattr(source, "far", False))
        self._source = source
        self._send = send
        self._now = now
        self._records: list[Record] = []
        self._last = -1  # the number of the last event that the browser was told of; -1 before all
        self._wants_snapshot = self._told_closed = False
        self._frame_due = self._snapshot_due = 0.0

    def due(self) -> float | None:
        """When there is something to send, in seconds of `now`; None where there is nothing."""
        frame = [self._frame_due] if self._records else []
        return min(frame + ([self._snapshot_due] if self._wants_snapshot else []), default=None)

    def add(self, records: Sequence[Record]) -> None:
        """Takes on records to send; none where the source has closed."""
        self._records += [r for r in records if 0 <= self._last < r.number]

    def ask(self, content: Any) -> None:
        """Follows a request from the browser, or refuses it."""
        if _is_sync(content):
            self._wants_snapshot = True
        else:
            self.reply(self.answer(content))

    def answer(self, content: Any) -> c.Message | None:
        """What is to be said to a request that the experiment was asked. The one method for any thread."""
        try:
            request = c.REQUESTS.unpack(content)
            if isinstance(request, c.ReadLog):
                text, missing = self._source.log_tail(request.trial)
                return c.Log(request.trial, plain(text), missing)
            self._source.request(request)
        except (MaggyError, ValueError, TypeError, OSError) as error:
            kind = content.get("type") if isinstance(content, dict) else None
            return c.Refused(plain(str(kind)[:60]), plain(str(error)[:1000]))
        return None

    def reply(self, answer: c.Message | None) -> None:
        """Says it, if there is something to say."""
        if answer is not None:
            self._say(answer)

    def flush(self) -> None:
        """Sends what is due."""
        now = self._now()
        if self._wants_snapshot and self._snapshot_due <= now:
            self._send_snapshot()
            self._snapshot_due = now + SNAPSHOT_INTERVAL
        if self._records and self._frame_due <= now:
            self._send_frame()
            self._frame_due = now + FRAME_INTERVAL
        if not self._records and not self._told_closed and self._last >= 0:
            self._tell_closed()

    def _send_snapshot(self) -> None:
        self._wants_snapshot = self._told_closed = False
        self._last, records = self._source.snapshot()
        packed, numbers = frames.pack(records)
        self._say(c.Snapshot(self._last, self._source.clock(), tuple(packed)), numbers)
        # A frame holds only what is newer than the snapshot before it.
        self._records = [r for r in self._records if r.number > self._last]

    def _send_frame(self) -> None:
        records, self._records = self._records, []
        packed, numbers = frames.pack(records)
        first, self._last = records[0].number, records[-1].number
        self._say(c.Frame(first, self._last, self._source.clock(), tuple(packed)), numbers)

    def _tell_closed(self) -> None:
        closed = self._source.closed
        if closed is not None:
            self._told_closed = True
            self._say(c.Closed(plain(closed)))

    def _say(self, message: c.Message, *buffers: bytes) -> None:
        if not self._send(c.MESSAGES.pack(message), list(buffers)):
            raise _GoneError


@dataclass(slots=True, eq=False)
class _Open:
    """A line in use. What is sent on it belongs to the cell that opened it, which is in the context."""

    context: contextvars.Context
    unsubscribe: Act | None = None


class Writer:
    """Runs lines in a thread of its own, which starts with the first one."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Line | None, Act] | None] = queue.SimpleQueue()
        self._lines: dict[Line, _Open] = {}
        self._thread: threading.Thread | None = None
        self._off = False
        atexit.register(self.shut_down)
        os.register_at_fork(after_in_child=self._forget)

    def open(self, source: Source, send: Send) -> Line:
        """Connects a source with the browser."""
        line = Line(source, send)
        self._lines[line] = opened = _Open(contextvars.copy_context())
        self._start()
        opened.unsubscribe = source.subscribe(lambda records: self._put(line, lambda: line.add(records)))
        return line

    def ask(self, line: Line, content: Any) -> None:
        """Passes on what the browser asks for; never waits."""
        if line.far and not _is_sync(content):
            # Others must not wait while an answer comes over a network.
            threading.Thread(target=self._ask_afar, args=[line, content], daemon=True).start()
        else:
            self._put(line, lambda: line.ask(content))

    def _ask_afar(self, line: Line, content: Any) -> None:
        answer = line.answer(content)
        self._put(line, lambda: line.reply(answer))

    def put(self, act: Act) -> None:
        """Runs something else that writes to widgets."""
        self._start()
        self._put(None, act)

    def close(self, line: Line) -> None:
        """Sends nothing more on this line."""
        opened = self._lines.pop(line, None)
        if opened is not None and opened.unsubscribe is not None:
            opened.unsubscribe()

    def shut_down(self) -> None:
        """Ends the thread. Nothing is sent any more."""
        self._off = True
        self._queue.put(None)

    def _forget(self) -> None:
        """In a forked process there is no thread, and no browser listens to it."""
        self._off, self._thread, self._queue = True, None, queue.SimpleQueue()
        self._lines.clear()

    def _start(self) -> None:
        if self._thread is None and not self._off:
            # What is sent belongs to some cell; ipykernel 7.0 sends nothing that belongs to none.
            run = contextvars.copy_context().run
            self._thread = threading.Thread(target=run, args=[self._run], name="maggy-widgets", daemon=True)
            self._thread.start()

    def _put(self, line: Line | None, act: Act) -> None:
        if not self._off:
            self._queue.put((line, act))

    def _run(self) -> None:
        while not self._off:
            for line, act in self._take():
                self._guarded(line, act)
            for line in list(self._lines):
                self._guarded(line, line.flush)

    def _take(self) -> list[tuple[Line | None, Act]]:
        """All that is on the queue; waits for something, or until a line is due."""
        taken = []
        with contextlib.suppress(queue.Empty):
            item = self._queue.get(timeout=self._patience())
            while item is not None:
                taken.append(item)
                item = self._queue.get_nowait()
        return taken

    def _patience(self) -> float | None:
        due = [d for line in list(self._lines) if (d := line.due()) is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _guarded(self, line: Line | None, act: Act) -> None:
        """One view that fails must not take the others along."""
        try:
            if line is None:
                act()
            elif line in self._lines:
                self._lines[line].context.run(act)
        except Exception as error:
            if line is not None:
                self.close(line)
            if not isinstance(error, _GoneError) and not self._off:
                log.warning("a view of a search failed and is off: %r", error)


writer = Writer()
