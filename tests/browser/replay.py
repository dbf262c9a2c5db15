"""A made-up search, as large as wanted, for the models and the writer of a real kernel."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from maggy.bridge.contract import Request
from maggy.bridge.source import Listener
from maggy.core import events as ev
from maggy.core.compact import compact
from maggy.core.state import State
from tests.widgets import synthetic


class Replay:
    """A `maggy.bridge.source.Source` that has happened, or happens as the test says.

    Args:
        num_trials: that ended; four more run.
        steps: of a trial that finished.
        planned: trials in all.
        settings: of the search, where they are to be others.
    """

    def __init__(self, num_trials: int, steps: int = 30, planned: int | None = None, **settings: Any) -> None:
        self.name = self.experiment = f"digits-{num_trials}"
        self.path = Path("maggy-experiments") / self.experiment
        self.closed: str | None = None
        self._listeners: dict[Listener, None] = {}
        happened = list(synthetic.events(num_trials, steps, **settings))
        happened[0] = synthetic.started(planned or num_trials + 20, **settings)
        rng = random.Random(3)
        for n in range(1, 5):
            happened += synthetic.running(num_trials + n, steps * n // 5, rng)
        happened.append(_median(steps))
        now = time.time()
        self.state = State(
            ev.Record(n, now - 0.5 * (len(happened) - n), event) for n, event in enumerate(happened, 1)
        )

    def happen(self, *events: ev.Event) -> None:
        """Lets more happen, now."""
        first = self.state.number + 1
        records = [ev.Record(n, time.time(), event) for n, event in enumerate(events, first)]
        for record in records:
            self.state.apply(record)
        for listener in list(self._listeners):
            listener(records)

    def end(self) -> None:
        """Ends it, with the trials that run."""
        running = [t.trial_id for t in self.state.trials.values() if not t.ended]
        self.happen(*(ev.TrialFinished(name, 0.5) for name in running), ev.ExperimentEnded("finished", ""))

    def clock(self) -> float:
        return time.time()

    def snapshot(self) -> tuple[int, list[ev.Record]]:
        return self.state.number, compact(self.state)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener, None)

    def request(self, request: Request) -> None:
        raise ValueError("this is only a replay")

    def log_tail(self, trial: str) -> tuple[str, int]:
        return f"epoch 1: loss 0.71\nepoch 2: loss 0.55\n{trial} learns\n", 0


def _median(steps: int) -> ev.ThresholdsChanged:
    values: Sequence[Any] = synthetic.curve(
        {"lr": 3e-3, "dropout": 0.3, "units": 90}, steps, random.Random(1), "max"
    )
    return ev.ThresholdsChanged(tuple(range(steps)), tuple(values))
