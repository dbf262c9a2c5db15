"""Starts driver programs (see `program`), asks them for searches, and watches."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from maggy.core import events as ev
from tests.spark import program
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
# What a test run's own environment may hold; programs get it only on purpose.
SETTINGS = (
    "PYTHONPATH",
    "PYTHONHOME",
    "SPARK_HOME",
    "SPARK_CONF_DIR",
    "PYSPARK_PYTHON",
    "MASTER",
    "JAVA_HOME",
)
# A quicker start, which is all that counts here.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def environment(*settings: str, **more: str) -> dict[str, str]:
    """A clean environment, with these Spark settings ("name=value") beside others that save time."""
    settings = ("spark.ui.enabled=false", f"spark.executor.extraJavaOptions='{QUICK}'", *settings)
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    if "JAVA_HOME" in os.environ:
        clean["JAVA_HOME"] = os.environ["JAVA_HOME"]
    submit = " ".join(f"--conf {setting}" for setting in settings)
    return {
        **clean,
        "PYTHONPATH": str(ROOT),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_SUBMIT_OPTS": QUICK,
        "PYSPARK_SUBMIT_ARGS": f"{submit} pyspark-shell",
        **more,
    }


class Program:
    """A driver program that runs; `folder` is its working directory, and gets all that it writes."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self._asked = 0
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, program.__file__],
                stdin=subprocess.PIPE, stdout=out, stderr=err, cwd=folder, env=env, start_new_session=True,
            )  # fmt: skip

    def ask(self, train: str, **kwargs: Any) -> Search:
        """Has it run a search of one of `program`'s functions; does not wait."""
        assert self.process.stdin is not None
        self._asked += 1
        folder = self.folder / f"search{self._asked}"
        request = {"train": train, "directory": str(folder), **kwargs}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        return Search(self, self._asked, folder)

    def run(self, train: str, **kwargs: Any) -> dict[str, Any]:
        """Has it run a search, and waits for the answer."""
        return self.ask(train, **kwargs).result()

    def answers(self) -> list[dict[str, Any]]:
        lines = (self.folder / "stdout").read_text().split("\n")[:-1]
        return [json.loads(x.removeprefix(program.ANSWER)) for x in lines if x.startswith(program.ANSWER)]

    def errors(self) -> str:
        return (self.folder / "stderr").read_text()

    def finish(self, seconds: float = 20) -> int:
        """Tells it that there are no more searches; its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(seconds)

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()


class Search:
    """A search that a program was asked for."""

    def __init__(self, asked: Program, number: int, folder: Path) -> None:
        self.program = asked
        self.folder = folder
        self._number = number

    def result(self, seconds: float = 60) -> dict[str, Any]:
        """What `lagom` returned, or what it raised."""

        def answered() -> list[dict[str, Any]]:
            answers = self.program.answers()
            assert answers or self.program.process.poll() is None, self.program.errors()[-5000:]
            return answers[self._number - 1 :]

        return eventually(answered, seconds)[0]

    def seen(self, kind: type) -> list[Any]:
        """The events of a kind so far."""
        lines = [x for path in self.folder.glob("*/events.jsonl") for x in path.read_text().split("\n")[:-1]]
        return [e for line in lines if isinstance(e := ev.Record.from_json(line).event, kind)]

    def await_events(self, kind: type, count: int = 1) -> list[Any]:
        """Waits for so many events of a kind; returns the first of them."""

        def reached() -> list[Any]:
            assert self.program.process.poll() is None, self.program.errors()[-5000:]
            found = self.seen(kind)
            return found[:count] if len(found) >= count else []

        return eventually(reached, 60)

    def logs(self) -> list[str]:
        """What each trial printed."""
        return [path.read_text() for path in sorted(self.folder.glob("*/trials/*.log"))]


def parent(pid: int) -> int:
    """The process that started this one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def requeues(search: Search) -> list[str]:
    return [event.reason for event in search.seen(ev.TrialRequeued)]


@contextlib.contextmanager
def running(folder: Path, env: dict[str, str]) -> Iterator[Program]:
    """A driver program that is gone afterwards."""
    folder.mkdir(exist_ok=True)
    started = Program(folder, env)
    try:
        yield started
    finally:
        started.close()
