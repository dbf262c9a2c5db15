"""A search that runs in a Livy session, in the hands of the user."""

from __future__ import annotations

import contextlib
import contextvars
import secrets
import threading
import time
from pathlib import Path
from typing import Any

from maggy.bridge import contract as c
from maggy.bridge import distant as d
from maggy.bridge import frames
from maggy.bridge.audience import Audience
from maggy.core.state import ENDED
from maggy.core.summary import failure, result
from maggy.exceptions import IllegalTransition, MaggyError, WireError
from maggy.running import Running
from maggy_widgets.livy.session import LivyError, Session, Unreachable
from maggy_widgets.past import Past

# Seconds that a question waits for events at Livy's side, and that its answer may then take.
WAIT, ANSWER = 2.0, 30.0
# Seconds between questions where each is a statement of the session.
STATEMENT_INTERVAL = 0.5
# Seconds within which a request is answered, or said to have failed.
DEADLINE = 8.0
# Seconds between tries while Livy does not answer: at first, and at most.
RETRY, MOST_RETRY = 0.3, 3.0


class RemoteHandle(Running):
    """A search in a Livy session; made by `%%maggy -s` and `%maggy attach`.

    One thread follows it. It runs on, whatever becomes of this kernel.

    Args:
        session: where it runs.
        about: what `distant.Experiments` says of it.
        path: on the machine of the session.

    Attributes:
        session: where it runs.
        far: for views: what is asked of it goes over a network, and takes a while.
    """

    far = True

    def __init__(self, session: Session, about: dict[str, Any]) -> None:
        super().__init__(str(about["id"]), str(about["name"]), Path(str(about["path"])), Audience())
        self.session = session
        self._closed: str | None = None
        self._ahead = time.time() - time.monotonic()  # of this process's monotonic clock
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=[self._run], name="maggy-livy", daemon=True)
        self._thread.start()

    @property
    def closed(self) -> str | None:
        return self._closed if self.done else None

    def clock(self) -> float:
        return self._ahead + time.monotonic()

    def enqueue(self, params: dict[str, Any]) -> str:
        return self._follow(c.EnqueueTrial(dict(params)))

    def request(self, request: c.Request) -> None:
        self._follow(request)

    def log_tail(self, trial: str) -> tuple[str, int]:
        if self.closed is not None:
            with contextlib.suppress(OSError, WireError):
                return Past(self.path).log_tail(trial)
        answer = self._ask(d.ReadLogTail(self.id, trial))
        if not isinstance(answer, c.Log):
            raise MaggyError(_why(answer))
        return answer.text, answer.missing

    def _follow(self, request: c.Request) -> str:
        answer = self._ask(d.Follow(self.id, secrets.token_hex(8), c.REQUESTS.pack(request)))
        if isinstance(answer, c.Refused):
            raise ValueError(answer.reason)
        if not isinstance(answer, d.Followed):
            raise MaggyError(_why(answer))
        return answer.trial

    def _ask(self, question: d.Question) -> d.Answer:
        """Asks until there is an answer, or the deadline has passed; Maggy's questions bear repeating."""
        until = time.monotonic() + DEADLINE
        while True:
            try:
                return self.session.ask(question, max(0.5, until - time.monotonic()))[0]
            except Unreachable as error:
                if time.monotonic() + RETRY > until:
                    raise MaggyError(f"that could not be done within {DEADLINE:g} seconds: {error}") from None
                threading.Event().wait(RETRY)

    def _conclusion(self) -> dict[str, Any]:
        if self._closed is not None:
            raise MaggyError(f"{self._closed}; see {self.path} on the driver's machine")
        with self.looking() as state:
            found = {**result(state), "path": str(self.path)}
            if state.end is not None and state.end.status == "failed":
                raise failure(found, state.end.reason)
            return found

    # The following thread.

    def _run(self) -> None:
        try:
            while not self._ended():
                self._look()
        except Exception as error:
            self._close(str(error) if isinstance(error, MaggyError) else f"following it failed: {error!r}")
        finally:
            self._audience.say("")
            self._audience.conclude()

    def _look(self) -> None:
        """Asks for events once, and bears with a Livy that does not answer."""
        pause, since = RETRY, time.strftime("%H:%M:%S")
        while True:
            try:
                wait = 0.0 if self.session.parallel is False else WAIT
                answer, buffer = self.session.ask(d.ReadEvents(self.id, self._number(), wait), wait + ANSWER)
                break
            except Unreachable as error:
                self._audience.say(f"{error}; trying again since {since}. The search goes on.")
            threading.Event().wait(pause)
            pause = min(MOST_RETRY, pause * 1.5)
        self._audience.say(answer.reason if isinstance(answer, d.Rests) else "")
        if not isinstance(answer, d.Rests):
            self._take(answer, buffer)
        if self.session.parallel is False:
            threading.Event().wait(STATEMENT_INTERVAL)

    def _take(self, answer: d.Answer, buffer: bytes) -> None:
        if isinstance(answer, c.Closed | c.Refused):
            raise MaggyError(answer.reason)
        if not isinstance(answer, c.Snapshot | c.Frame):
            raise WireError("not the answer to what was asked")
        self._ahead = answer.time - time.monotonic()
        records = frames.unpack(answer.records, buffer)
        if isinstance(answer, c.Snapshot):
            self._audience.replace(answer.last, records)
        else:
            self._audience.take(records)

    def _number(self) -> int:
        """The number of the last event that is known; -1 before the first."""
        with self.looking() as state:
            return state.number or -1

    def _ended(self) -> bool:
        with self.looking() as state:
            return state.phase == ENDED

    def _close(self, why: str) -> None:
        """The session is gone; what it had not told stands in the search's folder, if we can read that."""
        with contextlib.suppress(OSError, WireError, IllegalTransition):
            journal = Past(self.path).records
            self._audience.take([record for record in journal if record.number > self._number()])
        if not self._ended():
            self._closed = why


def _why(answer: d.Answer) -> str:
    reason = getattr(answer, "reason", None)
    return str(reason) if reason else "the remote session gave another answer than expected"


def experiments(session: Session, cell: str = "", deadline: float = 10.0) -> list[dict[str, Any]]:
    """What is known of the experiments of a session; of those of one cell where `cell` is not ''.

    Raises:
        LivyError: the session does not answer.
    """
    answer, _ = session.ask(d.ListExperiments(cell), deadline)
    if not isinstance(answer, d.Experiments):
        raise LivyError(_why(answer))
    return [dict(known) for known in answer.known]
