"""What is known of an experiment that goes on, and those who want to be told."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from maggy.bridge.source import Listener
from maggy.core.events import Record
from maggy.core.state import State

log = logging.getLogger("maggy")


class Audience:
    """Folds what one thread tells it, and passes it on. All else may be called from any thread.

    Args:
        history: what is known from before.

    Attributes:
        begun: set when there is something to be known, or nothing will come.
        over: set when nothing more will come.
        notice: what keeps the experiment from going on, for people; '' where nothing does.
    """

    def __init__(self, history: Iterable[Record] = ()) -> None:
        self.begun = threading.Event()
        self.over = threading.Event()
        self._state = State(history)
        if self._state.number:
            self.begun.set()
        # A listener may look at the state, or end its subscription, while it is told.
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self.notice = ""
        self._noticed: list[Callable[[str], None]] = []

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

    def heed(self, tell: Callable[[str], None]) -> Callable[[], None]:
        """Has the notice told now and whenever it changes; returns what ends that. `tell` must not wait."""
        with self._lock:
            self._noticed.append(tell)
            tell(self.notice)
        return lambda: self._heed_no_more(tell)

    def say(self, notice: str) -> None:
        """What keeps the experiment from going on; '' where nothing does any more."""
        with self._lock:
            told = list(self._noticed) if notice != self.notice else []
            self.notice = notice
            if notice:
                self.begun.set()
            for tell in told:
                tell(notice)

    def take(self, records: Sequence[Record]) -> None:
        """Takes in records. A snapshot has all of a batch or none, and so have listeners."""
        with self._lock:
            for record in records:
                self._state.apply(record)
            if records:
                self._tell(records)

    def replace(self, last: int, records: Sequence[Record]) -> None:
        """Takes a snapshot in place of events that were missed.

        Listeners are told its last record alone, with a number that does not follow the ones they know,
        and so ask for a snapshot themselves.
        """
        with self._lock:
            known = self._state.number
            self._state = State(records)
            self._state.number = last
            if last > known and records:
                self._tell([Record(last, records[-1].time, records[-1].event)])

    def conclude(self) -> None:
        """Nothing more will come."""
        self.over.set()
        self._tell([])

    def _tell(self, records: Sequence[Record]) -> None:
        self.begun.set()
        with self._lock:
            for listener in list(self._listeners):
                try:
                    listener(records)
                except Exception as error:
                    log.warning("who watched the search failed, and is told no more: %r", error)
                    self._unsubscribe(listener)

    def _heed_no_more(self, tell: Callable[[str], None]) -> None:
        with self._lock, contextlib.suppress(ValueError):
            self._noticed.remove(tell)

    def _unsubscribe(self, listener: Listener) -> None:
        with self._lock, contextlib.suppress(ValueError):
            self._listeners.remove(listener)
