"""What answers for the experiments of this process where a notebook's kernel is elsewhere.

It runs in the interpreter of a Livy session, where a thread that prints brings the whole session down:
nothing here prints, logs or raises. Questions and answers are lines of text (`maggy.bridge.distant`).
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Any

from maggy import handle as handles
from maggy.bridge import contract as c
from maggy.bridge import distant as d
from maggy.core.events import Record
from maggy.exceptions import MaggyError
from maggy.handle import Handle
from maggy.wire import loads

# How many records of an experiment wait for a notebook that does not ask; then it gets a snapshot.
MOST_RECORDS = 20_000
# How many requests are remembered, so that none is followed twice, and how many cells.
REMEMBERED = 1000
# The most seconds that one question waits for events.
MOST_PATIENT = 20.0


class Feed:
    """The latest records of one experiment, for those who ask now and then."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._records: deque[Record] = deque(maxlen=MOST_RECORDS)
        self._news = threading.Condition()
        handle.subscribe(self._add)
        self._last = handle.snapshot()[0]

    def read(self, after: int, wait: float) -> str:
        """The answer to `distant.ReadEvents`."""
        with self._news:
            self._news.wait_for(lambda: self._last > after or self._handle.done, min(wait, MOST_PATIENT))
            records = [record for record in self._records if record.number > after]
            missed = (records[0].number if records else self._last + 1) > after + 1
        if after < 0 or missed:
            return d.pack_events(*self._handle.snapshot(), self._handle.clock(), whole=True)
        if not records and self._handle.closed is not None:
            return d.pack_answer(c.Closed(self._handle.closed))
        if not records and self._handle.notice:
            return d.pack_answer(d.Rests(self._handle.notice))
        last = records[-1].number if records else after
        return d.pack_events(last, records, self._handle.clock(), whole=False)

    def _add(self, records: Sequence[Record]) -> None:
        with self._news:
            self._records += records
            if records:
                self._last = records[-1].number
            self._news.notify_all()


class Agent:
    """All that can be asked of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._feeds: dict[str, Feed] = {}
        self._followed: OrderedDict[str, str] = OrderedDict()
        self._cells: OrderedDict[str, list[Handle]] = OrderedDict()
        self._background = contextlib.ExitStack()

    def begin(self, cell: str, scope: dict[str, Any], name: str) -> None:
        """From here to `end` searches go to the background, and are remembered as those of this cell."""
        self.end()
        started = self._cells[cell] = []
        while len(self._cells) > REMEMBERED:
            self._cells.popitem(last=False)

        def collect(handle: Handle) -> None:
            started.append(handle)
            if name:
                scope[name] = handle

        self._background.enter_context(handles.background(collect))

    def end(self) -> None:
        self._background.close()

    def answer(self, text: str) -> str:
        """The answer to a question; what cannot be answered is refused in words."""
        try:
            question = d.QUESTIONS.unpack(loads(text))
        except MaggyError as error:
            return _refuse("question", str(error))
        try:
            return self._answer(question)
        except (MaggyError, ValueError, TypeError, OSError) as error:
            return _refuse(type(question).__name__, str(error))
        except Exception as error:
            return _refuse(type(question).__name__, repr(error))

    def _answer(self, question: d.Question) -> str:
        if isinstance(question, d.ListExperiments):
            known = self._cells.get(question.cell, []) if question.cell else handles.experiments()
            return d.pack_answer(d.Experiments(tuple(map(_about, known))))
        handle = next((h for h in handles.experiments() if h.id == question.experiment), None)
        if handle is None:
            return d.pack_answer(
                c.Closed(f"the remote session knows no experiment {question.experiment!r:.80}")
            )
        if isinstance(question, d.ReadEvents):
            return self._feed(handle).read(question.after, question.wait)
        if isinstance(question, d.ReadLogTail):
            return d.pack_answer(c.Log(question.trial, *handle.log_tail(question.trial)))
        return self._follow(handle, question)

    def _feed(self, handle: Handle) -> Feed:
        with self._lock:
            if handle.id not in self._feeds:
                known = {known.id for known in handles.experiments()}
                self._feeds = {key: feed for key, feed in self._feeds.items() if key in known}
                self._feeds[handle.id] = Feed(handle)
            return self._feeds[handle.id]

    def _follow(self, handle: Handle, asked: d.Follow) -> str:
        with self._lock:
            if asked.token not in self._followed:
                self._followed[asked.token] = _followed(handle, c.REQUESTS.unpack(asked.request))
                if len(self._followed) > REMEMBERED:
                    self._followed.popitem(last=False)
            return self._followed[asked.token]


def _followed(handle: Handle, request: c.Request) -> str:
    """Has a request followed, and says so, or why not."""
    try:
        trial = ""
        if isinstance(request, c.EnqueueTrial):
            trial = handle.enqueue(request.params)
        else:
            handle.request(request)
        return d.pack_answer(d.Followed(trial))
    except (MaggyError, ValueError, TypeError, OSError) as error:
        return _refuse(type(request).__name__, str(error))


def _refuse(what: str, why: str) -> str:
    return d.pack_answer(c.Refused(what, why[:1000]))


def _about(handle: Handle) -> dict[str, Any]:
    with handle.looking() as state:
        started = state.started
    path = str(handle.path)
    return {"id": handle.id, "name": handle.name, "path": path, "over": handle.done, "started": started}


_agent = Agent()


def begin(cell: str, scope: dict[str, Any], name: str = "") -> None:
    """From here to `end`, `lagom` returns at once.

    Args:
        cell: a name for this cell's searches, for `distant.ListExperiments`.
        scope: the session's variables; in them the last search goes by `name`, if that is not ''.
    """
    # What we log would be printed, by the handler of last resort or by that of Livy's interpreter.
    logging.getLogger("maggy").addHandler(logging.NullHandler())
    logging.getLogger("maggy").propagate = False
    _agent.begin(cell, scope, name)


def end() -> None:
    """The end of what `begin` began."""
    _agent.end()


def answer(question: str, context: object = None) -> str:
    """The answer to a question, as text. For Livy's jobs, which hand over a context, which is not needed."""
    return _agent.answer(question)
