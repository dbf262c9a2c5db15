"""Follows a running experiment to its end, and tells those who want to know."""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Sequence
from typing import Any, Protocol

from maggy.bridge.audience import Audience
from maggy.core.events import Record
from maggy.core.state import ENDED, State
from maggy.core.summary import failure, result
from maggy.driver.driver import Driver
from maggy.driver.feed import Feed
from maggy.exceptions import MaggyError

# Seconds between looks at what happened; nobody is told more often than that.
REFRESH = 0.1
# Seconds that whoever gives up an experiment waits for it to be gone.
CUT_OFF = 5.0


class Screen(Protocol):
    """What shows an experiment; called from the watching thread. `now` is by the clock of the events."""

    def show(self, state: State, records: list[Record], now: float) -> None: ...
    def say(self, notice: str) -> None: ...


class Watch:
    """One thread that folds what happens, shows it, and concludes the experiment, whoever else waits.

    Args:
        driver: of a running experiment; closed in the end.
        feed: one of the driver's.
        history: what happened before.
    """

    def __init__(self, driver: Driver, feed: Feed, history: Sequence[Record] = ()) -> None:
        self.audience = Audience(history)
        self.trouble: BaseException | None = None  # what went wrong with the watching itself
        self._driver = driver
        self._feed = feed
        self._given_up = False
        self._found: dict[str, Any] = {}
        self._thread: threading.Thread

    def start(self, screen: contextlib.AbstractContextManager[Screen]) -> None:
        """Starts the thread, in which the screen is entered and left, too."""
        # What is printed belongs to the notebook's cell, which is in the context.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run, screen), name="maggy-watch", daemon=True)
        self._thread.start()

    @property
    def closed(self) -> str | None:
        """Why the experiment is gone without having ended, None where it is not."""
        with self.audience.looking() as state:
            if not self.audience.over.is_set() or state.end is not None:
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
        except BaseException as error:
            self.trouble = error
        finally:
            self.audience.conclude()

    def _follow_and_close(self, screen: contextlib.AbstractContextManager[Screen]) -> None:
        try:
            with screen as shown:
                self._follow(shown)
            self._write_result()
        except BaseException:
            self._driver.close(patient=False)
            raise
        self._driver.close(patient=self._driver.crash is None)

    def _write_result(self) -> None:
        with self.audience.looking() as state:
            if state.end is None:
                return
            found = {**result(state), "path": str(self._driver.folder.path)}
        self._driver.folder.write_result(found)
        self._found = found

    def _follow(self, shown: Screen) -> None:
        phase, wait = "", self._feed.await_first
        while phase != ENDED and self._driver.crash is None:
            if self._given_up:
                raise MaggyError("the search was cut off")
            wait(REFRESH)
            wait = self._driver.wait
            self._look_for_trouble(shown)
            self.audience.take(records := self._feed.take())
            with self.audience.looking() as state:
                # One that is taken up again may have been over before.
                phase = state.phase if records else phase
            shown.show(state, records, self._driver.clock())  # no other thread changes it

    def _look_for_trouble(self, shown: Screen) -> None:
        trouble = self._driver.trouble
        notice = f"the search rests: {trouble}" if trouble else ""
        if notice != self.audience.notice:
            shown.say(notice)
            self.audience.say(notice)

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
        with self.audience.looking() as state:
            end = state.end
        if end is not None and end.status == "failed":
            return failure(self._found, end.reason)
        return None
