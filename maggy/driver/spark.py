"""Keeps the wanted number of workers on Spark: one-task jobs, one a worker.

One job per worker, because a job is Spark's unit of failure: a lost worker then never takes the others
along, and executors may come and go.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from maggy.driver.session import count_slots, is_local
from maggy.exceptions import MaggyError
from maggy.executor.task import WorkerTask

log = logging.getLogger("maggy.spark")

POLL = 0.25  # seconds between looks at the jobs
CLOSING_POLL = 0.01
SLOTS_POLL = 2.0  # seconds between looks at the size of the cluster
MOST_FAILURES = 3  # jobs that fail in a row, without a worker ever connecting
WAITING_WARNING = 30.0  # seconds without a worker before a word about it


class Job(NamedTuple):
    """One worker's Spark job."""

    group: str
    future: Any


class SparkPool:
    """Submits worker jobs, and submits again those that end while workers are wanted.

    Args:
        context: the SparkContext.
        experiment: its id, for job groups.
    """

    def __init__(self, context: Any, experiment: str) -> None:
        self._context = context
        self._experiment = experiment
        self._rdd: Any = None
        self._on_failed: Callable[[str], None]
        self._jobs: list[Job] = []
        self._submitted = 0
        self._failures = 0  # in a row, since a worker last connected
        self._not_before = 0.0
        self._connected = 0
        self._arrived = 0  # workers that ever connected, and those of them whose job has ended
        self._served = 0
        self._wanted = 0
        self._slots = 0
        self._slots_at = 0.0
        self._warn_at = 0.0
        self._wake = threading.Event()
        self._closing_until: float | None = None
        self._hurried = False
        self._thread = _spark_thread(self._run)

    def start(self, task: WorkerTask, on_failed: Callable[[str], None]) -> None:
        """Starts to keep workers; `on_failed` is called with a line of words when none can be had."""
        self._rdd, self._on_failed = _worker_rdd(self._context, task), on_failed
        self._warn_at = time.monotonic() + WAITING_WARNING
        self._thread.start()

    def want(self, count: int) -> None:
        """At most so many workers, from now on; fewer where the cluster has fewer slots."""
        if count > self._wanted:
            self._wake.set()
        self._wanted = count

    def worker_connected(self) -> None:
        """A worker is there: Spark can do it."""
        self._connected += 1
        self._arrived += 1
        self._failures = 0

    def worker_lost(self) -> None:
        """A worker's connection ended."""
        self._connected -= 1

    def hurry(self) -> None:
        """Closing waits no longer for jobs to end."""
        self._hurried = True

    def close(self, deadline: float) -> bool:
        """Waits for the jobs to end, and cancels what is left after `deadline` seconds; whether any was."""
        self._closing_until = time.monotonic() + deadline
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        return bool(self._jobs)

    def _run(self) -> None:
        while self._closing_until is None:
            try:
                self._reap()
                self._submit_missing()
            except Exception as error:
                self._on_failed(f"Spark refused: {_first_line(str(error))}")
                return self._finish()
            self._wake.wait(POLL)
            self._wake.clear()
        self._finish()

    def _finish(self) -> None:
        try:
            while self._jobs and not self._hurried and time.monotonic() < (self._closing_until or 0.0):
                time.sleep(CLOSING_POLL)
                self._jobs = [job for job in self._jobs if not job.future.isDone()]
            for job in self._jobs:
                log.info("cancelling %s", job.group)
                self._context.cancelJobGroup(job.group)
        except Exception as error:  # Spark is gone, and its jobs with it
            log.info("cannot cancel jobs: %s", _first_line(str(error)))

    def _reap(self) -> None:
        done = [job for job in self._jobs if job.future.isDone()]
        self._jobs = [job for job in self._jobs if job not in done]
        errors = [error for job in done if (error := _error_of(job)) is not None]
        # A job whose worker had come up says nothing about Spark.
        served = min(len(done), self._arrived - self._served)
        self._served += served
        if errors:
            self._jobs_failed(max(0, len(errors) - served), errors[-1])

    def _jobs_failed(self, fruitless: int, error: str) -> None:
        self._failures += fruitless
        # A worker that was killed in mid-trial is replaced at once; a job that never gets going, slower.
        self._not_before = time.monotonic() + POLL * min(2**self._failures, 120) - 2 * POLL
        # Where the worker had come up, the event of its loss tells it already.
        log.log(logging.WARNING if fruitless else logging.INFO, "a worker's Spark job failed: %s", error)
        if self._failures >= MOST_FAILURES and self._connected <= 0:
            self._on_failed(f"no worker could start: {error}")

    def _submit_missing(self) -> None:
        now = time.monotonic()
        if now >= self._slots_at:
            self._slots, self._slots_at = count_slots(self._context), now + SLOTS_POLL
        if now < self._not_before:
            return
        for _ in range(min(self._wanted, self._slots) - len(self._jobs)):
            self._submit()
        if self._connected <= 0 and self._wanted and now >= self._warn_at:
            self._warn_at = now + WAITING_WARNING
            log.warning("no worker yet: Spark has %d task slots, none of them free for a worker", self._slots)

    def _submit(self) -> None:
        self._submitted += 1
        group = f"{self._experiment}-worker-{self._submitted}"
        # In a group of its own, so that cancelling one leaves the others alone.
        self._context.setJobGroup(group, f"Maggy worker of {self._experiment}")
        self._jobs.append(Job(group, self._rdd.collectAsync()))


def _worker_rdd(context: Any, task: WorkerTask) -> Any:
    """The Java RDD whose one partition is a worker's life. One for all jobs: the task is the same."""
    before = context.pythonExec
    if is_local(context):
        # Spark starts `python3` from the PATH, which need not be the Python that runs here.
        context.pythonExec = sys.executable
    try:
        return context.parallelize([0], 1).mapPartitions(task)._jrdd
    finally:
        context.pythonExec = before


def _spark_thread(run: Callable[[], None]) -> threading.Thread:
    """A thread with local properties of its own (job group), inheriting the caller's (scheduler pool)."""
    from pyspark import InheritableThread

    thread: threading.Thread = InheritableThread(target=run)
    thread.daemon = True
    thread.name = "maggy-spark"
    return thread


def _error_of(job: Job) -> str | None:
    """Why the job failed, in a line; None where it did not."""
    try:
        job.future.get()
        return None
    except Exception as error:
        return _first_line(str(error))


# The package of a Java class of errors.
_PACKAGE = re.compile(r"(?:\w+\.)+(?=[A-Z]\w*(?:Exception|Error)\b)")


def _first_line(text: str) -> str:
    """The line that says what is the matter: the Python exception where there is one."""
    lines = [line for line in text.splitlines() if line.strip()]
    tracebacks = [n for n, line in enumerate(lines) if "Traceback (most recent call last)" in line]
    if tracebacks:  # the last one is the exception itself, those before it are its causes
        lines = [x for x in lines[tracebacks[-1] + 1 :] if not x.startswith((" ", "\t"))]
        return lines[0].removeprefix(f"{MaggyError.__module__}.MaggyError: ")[:500] if lines else text[:500]
    # The first line says only that a call failed, or a job.
    causes = [line for line in lines if line.startswith("Caused by: ")] or lines or ["unknown error"]
    return _PACKAGE.split(causes[0])[-1][:500]
