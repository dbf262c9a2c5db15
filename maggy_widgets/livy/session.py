"""A PySpark session of a Livy server: what it is asked beside the cells that people run in it."""

from __future__ import annotations

import base64
import functools
import io
import pickle
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from maggy import remote
from maggy.bridge import distant as d
from maggy.exceptions import MaggyError

# Seconds between looks at a job or a statement: at first, and at last.
QUICK, SLOW = 0.01, 0.1
# States of a session that will not come back.
GONE = ("shutting_down", "error", "dead", "killed", "success")
_OVER = {
    "shutting_down": "is shutting down",
    "error": "has failed: its Python or its driver has died",
    "success": "has ended",
}
# Seconds for a statement that does nothing, in a session that does nothing.
_WAKES_IN = 5.0
# What Livy says of a job by reference to a module that the session has not got.
_MISSING = ("ModuleNotFoundError", "ImportError", "AttributeError: Can't get attribute")
# What a job that is refused altogether is answered: there is no such thing, or it is not allowed.
_REFUSALS = (400, 403, 404, 405, 501)

_never = threading.Event()


class LivyError(MaggyError):
    """Livy cannot do what it was asked."""


class Unreachable(LivyError):
    """Livy did not answer, or not sensibly; it may another time."""


class SessionGone(LivyError):
    """The session is over for good."""


class NotShipped(LivyError):
    """The session has no Maggy, or another one."""


class Http(Protocol):
    """Sends requests to a Livy server, with deadlines. May be used from any thread."""

    def get(self, path: str) -> tuple[int, Any]:
        """The status and the JSON of the answer. Raises Unreachable, with words that hold no secret."""

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """As `get`."""


class Session:
    """A session by its number.

    Attributes:
        number: its number.
        name: the name that a person knows it by.
        parallel: whether it takes jobs beside statements; None before that was tried.
    """

    def __init__(self, http: Http, number: int, name: str = "") -> None:
        self.number = number
        self.name = name or str(number)
        self.parallel: bool | None = None
        self._http = http
        self._path = f"/sessions/{number}"

    def __repr__(self) -> str:
        return f"<Livy session {self.name}>"

    def ask(self, question: d.Question, deadline: float) -> tuple[d.Answer, bytes]:
        """What Maggy in the session answers.

        Args:
            deadline: seconds that this may take.

        Raises:
            Unreachable, SessionGone, NotShipped: there is no answer.
            WireError: the answer is none.
        """
        text = d.QUESTIONS.dumps(question)
        until = time.monotonic() + deadline
        if self.parallel is not False:
            answer = self._by_job(text, until)
            if answer is not None:
                return d.unpack_answer(answer)
        return d.unpack_answer(self._by_statement(text, until))

    def run(self, code: str, deadline: float) -> str:
        """What a statement prints.

        Raises:
            Unreachable, SessionGone: it did not come to its end.
            LivyError: it failed.
        """
        until = time.monotonic() + deadline
        number = self._posted("statements", {"code": code, "kind": "pyspark"})
        look = functools.partial(self._statement, number)
        output = self._await(look, until)
        if output["status"] != "ok":
            raise LivyError(f"{output.get('ename')}: {output.get('evalue')}"[:1000])
        return str(output["data"].get("text/plain", ""))

    def state(self) -> str:
        """As Livy has it. Raises Unreachable and SessionGone."""
        status, body = self._http.get(self._path)
        if status == 404:
            raise SessionGone(f"the Livy session {self.name} is gone: Livy does not know it any more")
        state = str(checked(status, body).get("state"))
        if state in GONE:
            raise SessionGone(f"the Livy session {self.name} {_OVER.get(state, 'is ' + state)}")
        return state

    def _wake(self) -> None:
        """Where the session's Python has died, Livy takes note of that at the next statement only."""
        if self.state() == "idle":
            try:
                self.run("None", _WAKES_IN)
            except (Unreachable, SessionGone):
                raise
            except LivyError:  # `state` knows now
                self.state()

    def _by_job(self, text: str, until: float) -> str | None:
        """None where the session takes no jobs."""
        job = base64.b64encode(pickle.dumps(functools.partial(remote.answer, text), protocol=2)).decode()
        status, body = self._http.post(f"{self._path}/submit-job", {"job": job, "jobType": "pyspark"})
        if status in _REFUSALS:
            self.state()
            self.parallel = False
            return None
        number = int(self._created(status, body)["id"])
        return self._await(functools.partial(self._job, number), until)

    def _job(self, number: int) -> str | None:
        status, body = self._http.get(f"{self._path}/jobs/{number}")
        if status != 200:
            self.state()
            raise Unreachable(f"Livy lost an answer (HTTP {status})")
        if body["state"] in ("FAILED", "CANCELLED"):
            error = str(body.get("error"))
            if any(words in error for words in _MISSING):
                raise NotShipped(f"the Livy session {self.name} has no Maggy of this version")
            self._wake()
            raise Unreachable(f"a job of Livy failed: {error.strip().splitlines()[0][:300]}")
        if body["state"] != "SUCCEEDED":
            return None
        self.parallel = True
        return _plain(base64.b64decode(base64.b64decode(body["result"])))

    def _by_statement(self, text: str, until: float) -> str:
        code = f"import maggy.remote; print(maggy.remote.answer({text!r}))"
        try:
            return self.run(code, max(1.0, until - time.monotonic()))
        except LivyError as error:
            if type(error) is LivyError and any(words in str(error) for words in _MISSING):
                raise NotShipped(f"the Livy session {self.name} has no Maggy of this version") from None
            raise

    def _statement(self, number: int) -> dict[str, Any] | None:
        status, body = self._http.get(f"{self._path}/statements/{number}")
        if status != 200:
            self.state()
            raise Unreachable(f"Livy lost an answer (HTTP {status})")
        if body["state"] in ("error", "cancelled", "cancelling"):
            raise LivyError(f"a statement was {body['state']}")
        output: dict[str, Any] | None = body.get("output")
        return output if body["state"] == "available" and output else None

    def _posted(self, what: str, body: dict[str, Any]) -> int:
        status, created = self._http.post(f"{self._path}/{what}", body)
        return int(self._created(status, created)["id"])

    def _created(self, status: int, body: Any) -> Any:
        if status not in (200, 201):
            self.state()
        return checked(status, body)

    def _await(self, look: Callable[[], Any], until: float) -> Any:
        pause = QUICK
        while (found := look()) is None:
            if time.monotonic() > until:
                raise Unreachable(f"the Livy session {self.name} is busy and did not answer in time")
            _never.wait(pause)
            pause = min(SLOW, pause * 1.3)
        return found


def checked(status: int, body: Any) -> Any:
    """The body of an answer that is one. Raises Unreachable, which says why where Livy did."""
    if status not in (200, 201) or not isinstance(body, dict):
        words = {401: "Livy wants other credentials", 403: "Livy does not allow that"}
        raise Unreachable(f"{words.get(status, 'Livy refused a request')} (HTTP {status})")
    return body


def _plain(pickled: bytes) -> str:
    """The text that a job returned. What would run code here is refused."""
    try:
        return str(_Plain(io.BytesIO(pickled)).load())
    except Exception as error:
        raise Unreachable(f"Livy answered something else: {error}"[:300]) from None


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")
