"""The one thread that owns the machine.

It runs an asyncio loop with the server in it, so a worker's word becomes the next trial on the same
thread that read it. Every other thread only puts inputs on its queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.machine import Machine
from maggy.driver.algorithms import AlgorithmsThread
from maggy.driver.clock import Clock
from maggy.driver.feed import Feed
from maggy.driver.folder import Folder
from maggy.rpc import messages as msg
from maggy.rpc.server import Server

log = logging.getLogger("maggy.driver")

# Seconds between attempts to write a journal that could not be written.
RETRY = 1.0


class Pool(Protocol):
    """What keeps workers running; `driver.spark` for real."""

    def want(self, count: int) -> None: ...
    def worker_connected(self) -> None: ...
    def worker_lost(self) -> None: ...


class Loop:
    """Feeds the machine and carries out its commands.

    Args:
        machine: the experiment's, not yet launched.
        folder: keeps the records, before anything acts on them.
        feeds: those who watch.
        secret: what workers must know.
        algorithms: answers the machine's questions.
        pool: keeps the workers.
        worker_timeout: seconds after which a worker that has a trial and says nothing is given up; None for
            never.
        clock: times the events.
    """

    def __init__(
        self,
        machine: Machine,
        folder: Folder,
        feeds: list[Feed],
        secret: bytes,
        algorithms: AlgorithmsThread,
        pool: Pool,
        worker_timeout: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.crash: BaseException | None = None
        self.trouble: str | None = None  # why the search rests, for a person to mend
        self._machine = machine
        self._folder = folder
        self._feeds = feeds
        self._algorithms = algorithms
        self._pool = pool
        self._worker_timeout = worker_timeout
        self._clock = clock or Clock()
        self._server = Server(secret, self._on_connected, self._on_message, self._on_lost)
        self._aio = _new_event_loop()
        # What is not yet in the journal, what watchers and algorithms do not know yet, what to ask them.
        self._unwritten: list[ev.Record] = []
        self._untold: list[ev.Record] = []
        self._questions: list[cmd.Command] = []
        self._unsent: list[cmd.Command] = []  # what workers will be told once the journal can be written
        # Trials that saved something, also before the search was taken up again.
        self._saved = {t.trial_id for t in machine.state.trials.values() if folder.has_state(t.number)}
        self._telling = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maggy-loop", daemon=True)

    def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Starts the thread and listens; returns the port. Raises OSError where that fails."""
        self._thread.start()
        listening = self._server.listen(host, port, tls)
        try:
            return asyncio.run_coroutine_threadsafe(listening, self._aio).result(30)
        except BaseException:
            self.close()
            raise

    def put(self, happened: inp.Input) -> None:
        """Tells the machine what happened. Any thread; after the end nothing listens any more."""
        with contextlib.suppress(RuntimeError):  # it is closed
            self._aio.call_soon_threadsafe(self._handle, happened)

    def wait(self, timeout: float) -> bool:
        """Waits until the experiment has ended or crashed; whether it has."""
        return self._ended.wait(timeout)

    def close(self) -> None:
        """Ends the thread and all connections."""
        if self._thread.is_alive():
            self._aio.call_soon_threadsafe(self._aio.stop)
            self._thread.join()
        self._aio.close()

    def _run(self) -> None:
        if self._worker_timeout is not None:
            self._look_again(self._worker_timeout)
        self._aio.run_forever()
        self._server.close()
        self._aio.run_until_complete(asyncio.sleep(0))  # lets closed connections say so

    # What happens.

    def _on_connected(self, worker: str, hello: msg.Hello) -> None:
        self._pool.worker_connected()
        self._handle(inp.WorkerConnected(worker, hello.host, hello.pid))

    def _on_lost(self, worker: str, reason: str) -> None:
        self._pool.worker_lost()
        self._handle(inp.WorkerLost(worker, reason))

    def _look_again(self, timeout: float) -> None:
        pause = timeout / 4
        self._aio.call_later(pause, self._guarded, self._drop_silent, timeout, time.monotonic() + pause)

    def _drop_silent(self, timeout: float, due: float) -> None:
        """Gives up workers whose trials have fallen silent, unless it was we who slept meanwhile."""
        if time.monotonic() - due < timeout / 4:
            workers = self._machine.state.workers
            for worker in self._server.silent(timeout):
                if worker in workers and workers[worker].trial is not None:
                    self._server.drop(worker, f"it was silent for worker_timeout={timeout:g} seconds")
        self._look_again(timeout)

    def _on_message(self, worker: str, message: Any) -> None:
        if isinstance(message, msg.Output):
            self._keep_output(message)
        elif isinstance(message, msg.Saved):
            self._keep_state(worker, message)
        else:
            self._handle(_AS_INPUT[type(message)](worker, message))

    def _keep_output(self, message: msg.Output) -> None:
        trial = self._machine.state.trials.get(message.trial)
        if trial is not None:
            self._folder.log(trial.number, message.text)

    def _keep_state(self, worker: str, message: msg.Saved) -> None:
        trial = self._machine.state.trials.get(message.trial)
        if trial is not None and (trial.worker, trial.attempt) == (worker, message.attempt):
            self._saved.add(trial.trial_id)
            self._folder.keep_state(trial.number, message.state)

    def _state_for(self, command: cmd.RunTrial) -> str | None:
        """What the trial saved in an earlier attempt, else what the one saved that it continues."""
        trials = self._machine.state.trials
        for trial_id in (command.trial, command.parent):
            if trial_id is not None and trial_id in self._saved:
                return self._folder.read_state(trials[trial_id].number)
        return None

    def _handle(self, happened: inp.Input) -> None:
        self._guarded(self._decide, happened)

    def _decide(self, happened: inp.Input) -> None:
        outcome = self._machine.handle(happened, self._clock.now())
        self._unwritten += outcome.records
        self._carry_out(outcome.commands)
        if not self._telling:
            self._telling = True
            self._aio.call_soon(self._guarded, self._tell)

    def _guarded(self, step: Callable[..., None], *args: Any) -> None:
        """An error here is a bug: the experiment ends with it, and nothing more is done."""
        if self.crash is not None:
            return
        try:
            step(*args)
        except BaseException as error:
            log.exception("the driver's loop failed at %s %r", step.__name__, args)
            self.crash = error
            self._ended.set()

    # What follows.

    def _write(self) -> bool:
        """Puts what happened into the journal, before anything acts on it; whether all of it is there.

        While it is not, the search rests: workers go on with what they have, and nobody is told anything.
        """
        if self.trouble is None:
            self._append(self._unwritten)
        return self.trouble is None

    def _append(self, records: list[ev.Record]) -> None:
        self._untold += records
        self._unwritten = []
        try:
            self._folder.append(records)
            if self._machine.ended:
                self._folder.settle()
            self.trouble = None
        except OSError as error:
            self.trouble = f"{error.strerror or error}; no trials start until its journal can be written"
            self._aio.call_later(RETRY, self._guarded, self._try_again)

    def _try_again(self) -> None:
        self._append(self._unwritten)
        if self.trouble is None:
            unsent, self._unsent = self._unsent, []
            self._carry_out(unsent)
            self._tell()

    def _carry_out(self, commands: list[cmd.Command]) -> None:
        for command in commands:
            if isinstance(command, (cmd.Suggest, cmd.CheckEarlyStop)):
                self._questions.append(command)
            elif isinstance(command, cmd.WantWorkers):
                self._pool.want(command.count)
            elif isinstance(command, cmd.DropWorker):
                self._server.drop(command.worker)
            elif self._write():
                message = _AS_MESSAGE[type(command)](command)
                if isinstance(command, cmd.RunTrial) and self._saved:
                    message = replace(message, state=self._state_for(command))
                self._server.send(command.worker, message)
            else:
                self._unsent.append(command)

    def _tell(self) -> None:
        """Passes on what happened, once all that came in together is answered: workers go first."""
        self._telling = False
        self._set_timer()
        if not self._write():
            return
        records, self._untold = self._untold, []
        questions, self._questions = self._questions, []
        self._algorithms.put(records, questions)
        for feed in self._feeds:
            feed.put(records)
        self._log_failures(records)
        if self._machine.ended:
            self._ended.set()

    def _log_failures(self, records: list[ev.Record]) -> None:
        for record in records:
            if isinstance(record.event, ev.TrialFailed):
                trial = self._machine.state.trials[record.event.trial]
                self._folder.log(trial.number, record.event.traceback or f"{record.event.error}\n")

    def _set_timer(self) -> None:
        deadline = self._machine.deadline()
        if deadline == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = deadline
        if deadline < math.inf:
            delay = max(0.0, deadline - self._clock.now())
            self._timer = self._aio.call_later(delay, self._time_passed)

    def _time_passed(self) -> None:
        self._timer, self._timer_at = None, math.inf
        self._handle(inp.TimePassed())


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed: about a tenth of a millisecond less between two trials."""
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


_AS_INPUT: Mapping[type, Callable[[str, Any], inp.Input]] = {
    msg.Heartbeat: lambda w, m: inp.MetricsArrived(w, m.trial, m.attempt, m.steps, m.values),
    msg.Returned: lambda w, m: inp.TrialReturned(
        w, m.trial, m.attempt, m.value, m.steps, m.values, m.objectives
    ),
    msg.Raised: lambda w, m: inp.TrialRaised(w, m.trial, m.attempt, m.error, m.traceback, m.steps, m.values),
    msg.Halted: lambda w, m: inp.TrialHalted(w, m.trial, m.attempt, m.steps, m.values),
}

_AS_MESSAGE: Mapping[type, Callable[[Any], Any]] = {
    cmd.RunTrial: lambda c: msg.Run(c.trial, c.number, c.attempt, c.params),
    cmd.StopTrial: lambda c: msg.Stop(c.trial, c.attempt, c.reason),
    cmd.DismissWorker: lambda c: msg.Dismiss(),
}
