"""As little of a Livy client as the tests need; each request has a deadline."""

from __future__ import annotations

import base64
import io
import json
import pickle
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from typing import Any

from tests.waiting import eventually

# Seconds: an answer on the loopback interface; a session, on a busy machine; a statement or a job.
ANSWERS_IN = 20.0
STARTS_IN = 300.0
RUNS_IN = 30.0


class Session:
    """A PySpark session, started by `Session.start`."""

    def __init__(self, livy: str, number: int) -> None:
        self.url = f"{livy}/sessions/{number}"

    @classmethod
    def start(cls, livy: str, conf: Mapping[str, str] | None = None) -> Session:
        started = request("POST", f"{livy}/sessions", {"kind": "pyspark", "conf": conf or {}})
        session = cls(livy, started["id"])
        eventually(lambda: session.state() != "starting", STARTS_IN)
        assert session.state() == "idle", "\n".join(request("GET", f"{session.url}/log?size=100")["log"])
        return session

    def state(self) -> str:
        return str(request("GET", self.url)["state"])

    def submit(self, code: str) -> int:
        """Queues a statement; returns its number."""
        return int(request("POST", f"{self.url}/statements", {"code": code})["id"])

    def statement(self, number: int) -> Any:
        return request("GET", f"{self.url}/statements/{number}")

    def output(self, number: int) -> Any:
        """The output of a statement, when it has ended."""
        ended = eventually(lambda: ended_or_none(self.statement(number)), RUNS_IN)
        return ended["output"]

    def run(self, code: str) -> str:
        """The text that these statements print."""
        output = self.output(self.submit(code))
        assert output["status"] == "ok", output
        return str(output["data"]["text/plain"])

    def submit_job(self, job: bytes) -> int:
        """Starts a pickled callable beside the statements; returns the job's number."""
        body = {"job": base64.b64encode(job).decode(), "jobType": "pyspark"}
        return int(request("POST", f"{self.url}/submit-job", body)["id"])

    def job(self, number: int) -> Any:
        return request("GET", f"{self.url}/jobs/{number}")

    def call(self, job: bytes) -> Any:
        """What the pickled callable returns."""
        number = self.submit_job(job)
        answer = eventually(lambda: finished_or_none(self.job(number)), RUNS_IN)
        assert answer["state"] == "SUCCEEDED", answer
        return result_of(answer)

    def upload(self, name: str, content: bytes) -> None:
        """Adds a file to the Python path of the session."""
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        send("POST", f"{self.url}/upload-pyfile", body, f"multipart/form-data; boundary={boundary}")


class Source:
    """Pickles as the value of an expression, which is worked out where it is unpickled.

    So the other side needs nothing installed and may be another version of Python.
    """

    def __init__(self, expression: str) -> None:
        self.expression = expression

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, (self.expression,)


def pickled(expression: str) -> bytes:
    """The callable that this expression is, pickled; it is called with Livy's job context."""
    return pickle.dumps(Source(expression), protocol=2)


def result_of(answer: Any) -> Any:
    """What a job returned, a plain value: Livy hands it on as base64 of base64 of a pickle."""
    return Plain(io.BytesIO(base64.b64decode(base64.b64decode(answer["result"])))).load()


class Plain(pickle.Unpickler):
    """Strings, numbers, lists and the like; what would run code here is refused."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def ended_or_none(statement: Any) -> Any:
    return statement if statement["state"] in ("available", "error", "cancelled") else None


def finished_or_none(job: Any) -> Any:
    return job if job["state"] in ("SUCCEEDED", "FAILED", "CANCELLED") else None


def request(method: str, url: str, body: Any = None, deadline: float = ANSWERS_IN) -> Any:
    sent = json.dumps(body).encode() if body is not None else None
    return json.loads(send(method, url, sent, "application/json", deadline) or "null")


def send(method: str, url: str, body: bytes | None, kind: str, deadline: float = ANSWERS_IN) -> bytes:
    """The body of the answer.

    Raises:
        AssertionError: the server refused.
        ConnectionError: nobody is listening there.
        TimeoutError: no answer in time.
    """
    asked = urllib.request.Request(url, body, {"Content-Type": kind}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=deadline) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{method} {url}: {error.code} {error.read()[:1000]!r}") from None
    except urllib.error.URLError as error:
        raise error.reason if isinstance(error.reason, OSError) else error from None
