"""Puts the parts of a running experiment together, and takes them apart again."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maggy.core import inputs as inp
from maggy.core.events import ExperimentStarted, Record
from maggy.core.machine import Machine
from maggy.core.state import State
from maggy.driver.algorithms import Algorithms, AlgorithmsThread
from maggy.driver.certificate import make_tls
from maggy.driver.clock import Clock
from maggy.driver.feed import Feed
from maggy.driver.folder import Folder
from maggy.driver.loop import Loop
from maggy.driver.session import addresses, find_session, is_local, quiet, ship_maggy, wants_tls
from maggy.driver.shared import Shared, unhindered_by_garbage
from maggy.driver.spark import SparkPool
from maggy.executor.task import WorkerTask
from maggy.objectives import ONE, Objectives
from maggy.rpc.handshake import new_secret

# Seconds that Spark's jobs, and an optimizer, have to come to their end.
JOBS_DEADLINE = 3.0
OPTIMIZER_DEADLINE = 30.0
# How long Spark logs the end of tasks that were cancelled, in seconds; its own limit for them is 2.
LAST_WORDS = 3.0

_quiet = Shared(quiet)


@dataclass(frozen=True)
class Plan:
    """What an experiment is to do, all of it checked.

    `train` is the pickled training function; `fit` makes a trial's hyperparameters of what a person gives,
    or raises ValueError; `again` is what a new driver needs, None where that cannot be pickled; `history` is
    what has happened already of an experiment that is taken up again.
    """

    settings: ExperimentStarted
    algorithms: Algorithms
    fit: Callable[[Any], dict[str, Any]]
    train: bytes
    wants_reporter: bool
    hb_interval: float
    directory: Path
    again: bytes | None = None
    history: Sequence[Record] = ()
    worker_timeout: float | None = None
    objectives: Objectives = ONE

    @property
    def since(self) -> float:
        """The time of the last event so far, in seconds since the epoch; 0.0 before the first."""
        return self.history[-1].time if self.history else 0.0

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do."""
        state = State(self.history)
        return (
            state.end is not None
            and state.end.status == "finished"
            and state.num_trials >= self.settings.num_trials
        )


class Driver:
    """A running experiment on Spark.

    Args:
        plan: what to do.
        feeds: those who watch.

    Raises:
        RuntimeError: there is no Spark session to run on.
        ImportError: TLS is wanted, and cryptography is missing.
        ExperimentLocked: another driver runs the experiment that is to be taken up again.
        OSError: the folder or the port cannot be had.
    """

    def __init__(self, plan: Plan, feeds: list[Feed]) -> None:
        context = find_session().sparkContext
        experiment = plan.settings.experiment
        secret = new_secret()
        self.folder = Folder(plan.directory, experiment, again=bool(plan.history))
        self._pool = SparkPool(context, experiment)
        self._algorithms = AlgorithmsThread(plan.algorithms)
        self._algorithms.put(plan.history, ())
        machine = Machine(plan.settings, plan.history)
        self._clock = Clock(plan.since)
        self._loop = Loop(
            machine,
            self.folder,
            feeds,
            secret,
            self._algorithms,
            self._pool,
            plan.worker_timeout,
            self._clock,
        )
        self._ends = contextlib.ExitStack()  # what else is to be done at the end
        self._ends.callback(unhindered_by_garbage.hold())
        try:
            self._start(plan, context, secret)
        except BaseException:
            self.close(patient=False)
            if not plan.history:
                self.folder.discard()  # nothing has happened
            raise

    def _start(self, plan: Plan, context: Any, secret: bytes) -> None:
        if plan.again is not None:
            self.folder.keep(plan.again)
        bind, host, port = addresses(context)
        tls = make_tls() if wants_tls(context) else None
        port = self._loop.start(bind, port, tls.context if tls else None)
        self._algorithms.start(self._loop.put)
        self._loop.put(inp.ExperimentLaunched())
        ship_maggy(context)
        self._ends.callback(_quiet.hold(context))
        # Where executors share the driver's files, what it can import they can, too.
        path = tuple(map(os.path.abspath, sys.path)) if is_local(context) else ()
        limit = plan.settings.trial_timeout
        task = WorkerTask(
            host, port, secret, plan.hb_interval, plan.train, plan.wants_reporter, path, limit,
            tls.certificate if tls else None, plan.objectives,
        )  # fmt: skip
        self._pool.start(task, lambda error: self._loop.put(inp.WorkersFailed(error)))

    @property
    def crash(self) -> BaseException | None:
        """What ended the driver's loop against its will, if anything did."""
        return self._loop.crash

    @property
    def trouble(self) -> str | None:
        """Why the search rests, for a person to mend; None where it does not."""
        return self._loop.trouble

    def clock(self) -> float:
        """Seconds since the epoch, by the clock that times the events."""
        return self._clock.now()

    def wait(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds for the end of the experiment; whether it has come."""
        return self._loop.wait(timeout)

    def put(self, happened: inp.Input) -> None:
        """Tells the experiment something, from any thread."""
        self._loop.put(happened)

    def hurry(self) -> None:
        """From any thread: a `close` that waits, or is yet to come, waits no longer."""
        self._pool.hurry()
        self._algorithms.hurry()

    def close(self, patient: bool = True) -> None:
        """Ends everything that this experiment started; Spark's session stays. May be called again.

        Unless it is `patient`, nobody is waited for: jobs are cancelled, an optimizer is left behind.
        """
        if self._pool.close(JOBS_DEADLINE if patient else 0.0):
            # Spark's stack traces of what is cancelled come until its Python processes are gone.
            last = threading.Timer(LAST_WORDS, self._ends.close)
            last.daemon = True
            last.start()
        else:
            self._ends.close()
        self._loop.close()
        self._algorithms.close(OPTIMIZER_DEADLINE if patient else 0.0)
        self.folder.close(patient)
