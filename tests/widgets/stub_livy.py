"""Livy's sessions, statements and jobs in this process, for what a real server does not do when asked to."""

from __future__ import annotations

import base64
import contextlib
import io
import pickle
import threading
from collections.abc import Callable
from typing import Any

from maggy_widgets.livy.session import Unreachable


class StubLivy:
    """An `Http` with one session, number 0, whose code runs here.

    Attributes:
        away: nobody answers.
        refuses_jobs: the status with which jobs are refused, as by a gateway; None takes them.
        state: of the session; None where it is not known any more.
        lose: how many of the next answers of jobs are lost on their way.
        jobs: how many were taken.
    """

    def __init__(self) -> None:
        self.away = False
        self.refuses_jobs: int | None = None
        self.state: str | None = "idle"
        self.lose = 0
        self.jobs = 0
        self._scope: dict[str, Any] = {}
        self._done: dict[str, dict[str, Any]] = {}

    def get(self, path: str) -> tuple[int, Any]:
        self._reach()
        if self.state is None:
            return 404, None
        if path == "/sessions/0":
            return 200, {"state": self.state}
        found = self._done.get(path, {"state": "STARTED"})
        if "/jobs/" in path and found["state"] == "SUCCEEDED":
            self._done[path] = {"state": "FAILED", "error": "the result was fetched before"}
            if self.lose:
                self.lose -= 1
                raise Unreachable("Livy cannot be reached (no answer)")
        return 200, found

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        self._reach()
        if self.state != "idle":
            return 404, None
        if path.endswith("/submit-job"):
            if self.refuses_jobs is not None:
                return self.refuses_jobs, None
            self.jobs += 1
            return 201, {
                "id": self._start(f"/sessions/0/jobs/{self.jobs}", lambda: _job(body["job"]), self.jobs)
            }
        number = len(self._done)
        self._done[f"/sessions/0/statements/{number}"] = self._statement(body["code"])
        return 201, {"id": number}

    def _reach(self) -> None:
        if self.away:
            raise Unreachable("Livy cannot be reached (no answer)")

    def _start(self, path: str, job: Callable[[], dict[str, Any]], number: int) -> int:
        threading.Thread(target=lambda: self._done.__setitem__(path, job()), daemon=True).start()
        return number

    def _statement(self, code: str) -> dict[str, Any]:
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                exec(code, self._scope)
        except Exception as error:
            return {"state": "available", "output": _failed(error)}
        return {"state": "available", "output": {"status": "ok", "data": {"text/plain": printed.getvalue()}}}


def _failed(error: Exception) -> dict[str, Any]:
    return {"status": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": []}


def _job(encoded: str) -> dict[str, Any]:
    try:
        result = pickle.loads(base64.b64decode(encoded))(None)
    except Exception as error:
        return {"state": "FAILED", "error": f"Client job error:\n{type(error).__name__}: {error}"}
    return {"state": "SUCCEEDED", "result": base64.b64encode(base64.b64encode(pickle.dumps(result))).decode()}
