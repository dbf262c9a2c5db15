"""Builds an experiment's state event by event, and shows it to a display."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maggy.core import events as ev
from maggy.core.state import State


class Played:
    """A made-up experiment whose clock only moves when told.

    Attributes:
        state: what happened so far.
        now: seconds since the epoch, which `clock` says, too.
    """

    def __init__(self, num_trials: int = 30, workers: int = 2, **settings: Any) -> None:
        self.state = State()
        self.now = 1_000_000.0
        self._records: list[ev.Record] = []
        self._watcher: Any = None
        given = {"experiment": "digits-1", "name": "digits", "description": "", "searchspace": {}}
        given |= {"optimizer": "randomsearch", "direction": "max", "num_trials": num_trials}
        given |= {"es_policy": "median", "es_interval": 1.0, "es_min": 3, "max_failures": 5}
        given |= {"max_attempts": 3, "lookahead": 0, "grace": 5.0}
        self.happen(ev.ExperimentStarted(**{**given, **settings}))
        self.join(workers)

    def clock(self) -> float:
        return self.now

    def happen(self, event: ev.Event) -> None:
        record = ev.Record(self.state.number + 1, self.now, event)
        self.state.apply(record)
        self._records.append(record)
        if self._watcher is not None:
            self.show(self._watcher)

    def watched_by(self, screen: Any) -> None:
        """From here on every event is shown as it happens."""
        self._watcher = screen
        self.show(screen)

    def show(self, screen: Any, after: float = 0.0) -> None:
        """Shows what happened since the last call, `after` seconds later."""
        self.now += after
        records, self._records = self._records, []
        screen.show(self.state, records, self.now)

    def join(self, workers: int) -> None:
        for number in range(1, workers + 1):
            self.happen(ev.WorkerJoined(f"w{number}", number, "host", number))

    def start(self, worker: str = "w1", **params: Any) -> str:
        number = len(self.state.trials) + 1
        self.happen(ev.TrialCreated(f"t{number}", number, params or {"lr": 0.003, "units": 64}, "optimizer"))
        self.happen(ev.TrialStarted(f"t{number}", 1, worker))
        return f"t{number}"

    def progress(self, trial: str, step: int, value: float) -> None:
        self.happen(ev.TrialProgressed(trial, (step,), (value,)))

    def finish(
        self,
        value: float = 0.5,
        took: float = 10.0,
        objectives: dict[str, float] | None = None,
        **params: Any,
    ) -> str:
        """A whole trial on the first worker."""
        trial = self.start(**params)
        self.now += took
        self.happen(ev.TrialFinished(trial, value, objectives))
        return trial

    def fail(self, error: str = "ValueError: bad", took: float = 10.0, **params: Any) -> str:
        trial = self.start(**params)
        self.now += took
        self.happen(ev.TrialFailed(trial, error, f"Traceback\n{error}\n"))
        return trial

    def stop_early(self, reason: str = "step 7: best 0.61 below median 0.74", by: str = "rule") -> str:
        trial = self.start()
        self.progress(trial, 7, 0.61)
        self.happen(ev.TrialStopDecided(trial, by, reason, None))
        self.happen(ev.TrialStopped(trial))
        return trial

    def end(self, status: str = "finished", reason: str = "") -> None:
        self.happen(ev.ExperimentEnded(status, reason))


FOLDER = Path("/results/digits-1")

# Each of these would do harm if it reached a terminal, or rich's markup, as it is.
HOSTILE = (
    "[red]a[/red]",
    "[/nothing]",
    "\x1b[2J\x1b[31mred",
    "\x1b]0;title\x07x",
    "a\nb\rc\td",
    "\x9b2Jx",
    "a\u202eb\u2028c",
    "bell\x07\x00\x7f",
    "lone \ud800 half",
    "x" * 1_000_000,
    "\x1b" * 100_000,
    "宽" * 500,
)
