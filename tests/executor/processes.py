"""Workers in processes of their own, as Spark starts them."""

from __future__ import annotations

import contextlib
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from maggy.executor.task import WorkerTask
from tests.rpc.served import SECRET

ROOT = Path(__file__).parents[2]
_WORK = "import pickle, sys; task = pickle.load(sys.stdin.buffer); task.work()"
# What must not outlive the work, as Spark keeps the process: threads, and streams that were exchanged.
_CHECK = "; import threading; print([t.name for t in threading.enumerate()], sys.stdout is sys.__stdout__)"
CLEAN = "['MainThread'] True"


def task_for(
    port: int, train: Callable[..., Any], hb_interval: float = 0.01, secret: bytes = SECRET
) -> WorkerTask:
    wants_reporter = "reporter" in train.__code__.co_varnames[: train.__code__.co_argcount]
    return WorkerTask("127.0.0.1", port, secret, hb_interval, pickle.dumps(train), wants_reporter)


def start_worker(task: WorkerTask, prefix: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """A process that does the task's work, then prints `CLEAN` where it left nothing behind.

    `prefix` is a command that runs another.
    """
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", _WORK + _CHECK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    process.stdin.write(pickle.dumps(task))
    process.stdin.close()
    process.stdin = None
    return process


@contextlib.contextmanager
def working(task: WorkerTask) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that is gone afterwards, whatever happens."""
    process = start_worker(task)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ends_clean(process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    """The worker ends by itself, without an error, and leaves nothing behind."""
    out, err = process.communicate(timeout=seconds)
    assert (out.decode().strip(), err.decode()) == (CLEAN, "")
    assert process.returncode == 0


def last_line(process: subprocess.Popen[bytes], seconds: float = 10) -> str:
    """The worker ends by itself with an error; its last line."""
    _, err = process.communicate(timeout=seconds)
    assert process.returncode != 0
    return err.decode().splitlines()[-1]
