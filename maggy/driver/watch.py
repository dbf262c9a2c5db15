"""Follows a running experiment to its end, and tells those who want to know."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from maggy.core.events import Record
from maggy.core.state import ENDED, State
from maggy.core.summary import result
from maggy.driver.driver import Driver
from maggy.driver.feed import Feed
from maggy.exceptions import ExperimentFailed, MaggyError

log = logging.getLogger("maggy.driver")

# Seconds between looks at what happened; nobody is told more often than that.
REFRESH = 0.1
# Seconds that whoever gives up an experiment waits for it to be gone.
CUT_OFF = 5.0

Listener = Callable[[list[Record]], None]


class Screen(Protocol):
    """What shows an experiment; called from the watching thread."""

    def show(self, state: State, records: list[Record]) -> None: ...


class Watch:
    """One thread that folds what happens, shows it, and concludes the experiment, whoever else waits.

    Args:
        driver: of a running experiment; closed in the end.
        feed: one of the driver's.
        history: what happened before.
    """

    def __init__(self, driver: Driver, feed: Feed, history: Sequence[Record] = ()) -> None:
        self.over = threading.Event()
        self.trouble: BaseException | None = None  # what went wrong with the watching itself
        self._driver = driver
        self._feed = feed
        self._state = State(history)
        # A listener may look at the state, or end its subscription, while it is told.
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self._given_up = False
        self._trouble: str | None = None
        self._found: dict[str, Any] = {}
        self._thread: threading.Thread

    def start(self, screen: contextlib.AbstractContextManager[Screen]) -> None:
        """Starts the thread, in which the screen is entered and left, too."""
        # What is printed belongs to the notebook's cell, which is in the context.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run, screen), name="maggy-watch", daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def looking(self) -> Iterator[State]:
        """The state, which stays as it is meanwhile; only to be looked at, and not for long."""
        with self._lock:
            yield self._state

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """As in `bridge.source.Source`."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._unsubscribe(listener)

    @property
    def closed(self) -> str | None:
        """Why the experiment is gone without having ended, None where it is not."""
        if not self.over.is_set() or self._state.end is not None:
            return None
        return str(self._error() or "the search was cut off")

    def result(self) -> dict[str, Any]:
        """What the experiment came to, once it is over.

        Raises:
            ExperimentFailed: it failed.
            MaggyError: the driver failed, or the experiment was given up.
            OSError: the result could not be written.
        """
        error = self._error()
        if error is not None:
            raise error
        return dict(self._found)

    def give_up(self) -> None:
        """Ends the experiment as it is, at once; returns when it is gone."""
        self._given_up = True
        self._driver.hurry()
        self._thread.join(CUT_OFF)

    def _run(self, screen: contextlib.AbstractContextManager[Screen]) -> None:
        try:
            self._follow_and_close(screen)
            if self._state.end is not None:
                found = {**result(self._state), "path": str(self._driver.folder.path)}
                self._driver.folder.write_result(found)
                self._found = found
        except BaseException as error:
            self.trouble = error
        finally:
            self.over.set()
            self._tell([])

    def _follow_and_close(self, screen: contextlib.AbstractContextManager[Screen]) -> None:
        try:
            with screen as shown:
                self._follow(shown)
        except BaseException:
            self._driver.close(patient=False)
            raise
        self._driver.close(patient=self._driver.crash is None)

    def _follow(self, shown: Screen) -> None:
        resumed = self._state.phase == ENDED
        while (self._state.phase != ENDED or resumed) and self._driver.crash is None:
            if self._given_up:
                raise MaggyError("the search was cut off")
            self._driver.wait(REFRESH)
            self._warn()
            records = self._look()
            resumed = resumed and not records
            shown.show(self._state, records)

    def _warn(self) -> None:
        trouble = self._driver.trouble
        if trouble != self._trouble:
            name = self._driver.folder.path.name
            log.warning("%s: %s", name, f"the search rests: {trouble}" if trouble else "the search goes on")
        self._trouble = trouble

    def _look(self) -> list[Record]:
        # Under the lock: a snapshot has either all of these records or none, and so have listeners.
        with self._lock:
            records = self._feed.take()
            for record in records:
                self._state.apply(record)
            if records:
                self._tell(records)
        return records

    def _tell(self, records: list[Record]) -> None:
        with self._lock:
            for listener in list(self._listeners):
                try:
                    listener(records)
                except Exception as error:
                    log.warning("who watched the search failed, and is told no more: %r", error)
                    self._unsubscribe(listener)

    def _unsubscribe(self, listener: Listener) -> None:
        with self._lock, contextlib.suppress(ValueError):
            self._listeners.remove(listener)

    def _error(self) -> BaseException | None:
        """A new one each time, as each is raised once."""
        path = self._driver.folder.path
        if self._driver.crash is not None:
            failed = MaggyError(f"the driver failed ({self._driver.crash!r}); see {path}")
            failed.__cause__ = self._driver.crash
            return failed
        if isinstance(self.trouble, MaggyError):
            return MaggyError(f"{self.trouble}; see {path}")
        if self.trouble is not None:
            return self.trouble
        end = self._state.end
        if end is not None and end.status == "failed":
            return ExperimentFailed(_why_failed(self._found, end.reason), dict(self._found))
        return None


def _why_failed(found: dict[str, Any], reason: str) -> str:
    last = f"; the last one: {found['errors'][-1]['error']}" if found["errors"] else ""
    return f"{reason}{last}; see {found['path']}"
