"""A worker: one long-running Spark task that runs trials until it is dismissed.

Two threads: the main one trains, the other hears stops and sends heartbeats meanwhile.
"""

from __future__ import annotations

import base64
import contextlib
import faulthandler
import os
import pickle
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from maggy.exceptions import MaggyError
from maggy.executor.reporter import Reporter
from maggy.executor.trial_run import run_trial
from maggy.objectives import ONE, Objectives
from maggy.rpc.client import Client
from maggy.rpc.messages import Heartbeat, Output, Run, Saved, Stop

# Metrics and characters of output in one frame, well below the frame limit.
METRICS_A_FRAME = 10_000
CHARS_A_FRAME = 256 * 1024
# Seconds that a trial has to heed its end, when it took too long.
LEAVING = 5.0


@dataclass(frozen=True)
class WorkerTask:
    """What a worker needs; Spark ships it. Called with the partition's iterator, it is the task.

    Attributes:
        host, port, secret: where the driver is, and how to prove oneself.
        hb_interval: seconds between heartbeats.
        train: the training function, pickled.
        wants_reporter: whether it takes `reporter`.
        path: where to look for modules, after the worker's own `sys.path`.
        trial_timeout: seconds that a trial may take; None for no limit.
        certificate: the driver's, where it speaks TLS.
        objectives: what is optimized of what `train` returns.
    """

    host: str
    port: int
    secret: bytes = field(repr=False)
    hb_interval: float
    train: bytes = field(repr=False)
    wants_reporter: bool
    path: tuple[str, ...] = ()
    trial_timeout: float | None = None
    certificate: str | None = field(default=None, repr=False)
    objectives: Objectives = ONE

    def __call__(self, partition: Iterable[Any]) -> Iterator[Any]:
        for _ in partition:
            pass  # a partition read to its end lets Spark keep this Python process for the next task
        self.work()
        return iter(())

    def work(self) -> None:
        """Runs trials until the driver dismisses this worker or is gone.

        Raises:
            MaggyError: the training function cannot be loaded here, or the driver cannot be reached.
        """
        train = self._load()
        try:
            client = Client(self.host, self.port, self.secret, self.certificate)
        except OSError as error:
            raise MaggyError(
                f"this executor cannot reach the Maggy driver at {self.host}:{self.port} ({error}); "
                "set spark.driver.host to an address of the driver that executors can reach"
            ) from None
        with contextlib.closing(client), Link(client, self.hb_interval) as link:
            while (trial := link.next_trial()) is not None:
                with time_limit(self.trial_timeout):
                    last_word = run_trial(train, *trial, self.wants_reporter, self.objectives)
                link.end(last_word)

    def _load(self) -> Any:
        sys.path += [folder for folder in self.path if folder not in sys.path]
        try:
            # Not off the network: Spark shipped it with this task.
            return pickle.loads(self.train)
        except Exception as error:
            raise MaggyError(
                f"the training function cannot be loaded on the executor: {type(error).__name__}: {error}; "
                "make its modules available there, e.g. with SparkContext.addPyFile"
            ) from error


@contextlib.contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Ends this process where a trial does not come back long after its time.

    The driver has given it up by then and cut off this worker. What hangs in C hears nothing, and may hold
    Python's lock; faulthandler's watchdog needs none.
    """
    if seconds is None:
        yield
        return
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds + LEAVING, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


class Running(NamedTuple):
    """The trial that this worker runs, and what its training function reports to."""

    run: Run
    reporter: Reporter


class Link:
    """Connects the trial that runs with the driver, while it is entered.

    While a trial runs, a second thread hears stops and sends heartbeats. Between trials the training thread
    waits for the driver's word itself, so that the next one starts without a change of threads. It takes
    `_reading` before a trial's last word goes out, so nobody else can read the answer.
    """

    def __init__(self, client: Client, hb_interval: float) -> None:
        self._client = client
        self._hb_interval = hb_interval
        self._current: Running | None = None
        self._spare = Reporter()  # made before the next trial comes, which then need not wait for it
        self._gone = False
        self._reading = threading.Lock()
        self._sending = threading.Lock()  # so that a heartbeat cannot fall behind the trial's last word
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._accompany, name="maggy-heartbeat", daemon=True)

    def __enter__(self) -> Link:
        self._reading.acquire()
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        if self._reading.locked():  # not where a trial was left by an error of ours
            self._hand_over()
        self._client.hang_up()
        self._thread.join()  # Spark reuses this process: no thread may stay behind

    def next_trial(self) -> Running | None:
        """Waits for the next trial; None when this worker is dismissed or the driver is gone."""
        while not self._gone:
            self._hear(self._client.receive())
            if (current := self._current) is not None:
                for message in self._client.buffered():
                    self._hear(message)
                self._hand_over()
                return current
        return None

    def end(self, last_word: Any) -> None:
        """Sends the rest of the trial's metrics and output, then how it ended."""
        self._reading.acquire()
        self._client.watch(False)  # else the answer would wake the other thread, too
        with self._sending:
            current, self._current = self._current, None
            if current is not None:
                self._send(*_output(*current), *_saved(*current), *_metrics(*current, last_word))
        self._spare = Reporter()

    def _hand_over(self) -> None:
        """From here on the other thread reads."""
        self._client.watch(True)
        self._reading.release()

    def _hear(self, message: Any) -> None:
        """Needs `_reading`."""
        if isinstance(message, Run):
            if message.state is not None:
                self._spare.resume(base64.b64decode(message.state))
            self._current = Running(message, self._spare)
        elif isinstance(message, Stop):
            self._stop(message)
        else:  # dismissed, or the driver is gone
            self._leave()

    def _stop(self, stop: Stop) -> None:
        current = self._current
        if current and (stop.trial, stop.attempt) == _key(current.run):
            current.reporter.stop(stop.reason)

    def _leave(self) -> None:
        self._gone = True
        if (current := self._current) is not None:
            current.reporter.stop("the driver is gone")

    def _accompany(self) -> None:
        beat_at = time.monotonic() + self._hb_interval
        while not (self._closing.is_set() or self._gone):
            if self._client.wait(beat_at - time.monotonic()):
                with self._reading:
                    for message in self._client.receive_ready():
                        self._hear(message)
            if time.monotonic() >= beat_at:
                beat_at = time.monotonic() + self._hb_interval
                self._beat()

    def _beat(self) -> None:
        with self._sending:
            if (current := self._current) is not None:
                heartbeat = Heartbeat(*_key(current.run), (), ())
                self._send(*_output(*current), *_saved(*current), *_metrics(*current, heartbeat))

    def _send(self, *messages: Any) -> None:
        """Needs `_sending`. That the driver is gone is noticed by reading."""
        with contextlib.suppress(OSError):
            self._client.send(*messages)


def _key(run: Run) -> tuple[str, int]:
    return run.trial, run.attempt


def _metrics(run: Run, reporter: Reporter, last: Any) -> Iterator[Any]:
    """The metrics since the last time: in heartbeats as far as they fill frames, the rest in `last`."""
    metrics = reporter.take_metrics()
    while len(metrics) > METRICS_A_FRAME:
        yield _carrying(Heartbeat(*_key(run), (), ()), metrics[:METRICS_A_FRAME])
        metrics = metrics[METRICS_A_FRAME:]
    yield _carrying(last, metrics)


def _carrying(message: Any, metrics: list[tuple[int, float]]) -> Any:
    if not metrics:
        return message
    steps, values = zip(*metrics, strict=True)
    return replace(message, steps=steps, values=values)


def _saved(run: Run, reporter: Reporter) -> Iterator[Saved]:
    if (state := reporter.take_saved()) is not None:
        yield Saved(*_key(run), base64.b64encode(state).decode())


def _output(run: Run, reporter: Reporter) -> Iterator[Output]:
    text = reporter.output().take()
    for start in range(0, len(text), CHARS_A_FRAME):
        yield Output(*_key(run), text[start : start + CHARS_A_FRAME])
