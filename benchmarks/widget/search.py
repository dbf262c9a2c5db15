"""A made-up search of any size in a kernel: real feed, watch and handle, and no Spark.

Metrics say when they were reported: `stamp` hides the time behind the digits that a person can see.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from maggy.core import events as ev
from maggy.driver.clock import Clock
from maggy.driver.feed import Feed
from maggy.driver.watch import Watch
from maggy.handle import Handle
from maggy.progress import choose_display
from tests.widgets.synthetic import SPACE, curve, started

STEPS = 50


def stamp(value: float, now: float) -> float:
    """The value to three digits, and behind them the last two digits of the second, and its parts."""
    return round(value, 3) + (now % 100.0) * 1e-6


class _Driver:
    """All that a Watch asks of a driver."""

    crash = trouble = None
    folder = SimpleNamespace(path=Path("made-up"))

    def __init__(self, clock: Clock) -> None:
        self.clock = clock.now

    def wait(self, timeout: float) -> bool:
        return threading.Event().wait(timeout)

    def hurry(self) -> None:
        return

    def close(self, patient: bool = True) -> None:
        return


class MadeUp:
    """A search in which so many trials have finished, and so many run.

    Attributes:
        handle: what `lagom` would return.
    """

    def __init__(self, finished: int, running: int, length: int = STEPS) -> None:
        self._rng = random.Random(finished)
        self._clock = Clock()
        self._numbers, self._trials = itertools.count(1), itertools.count(1)
        self._length = length
        self._feed = Feed()
        self._running: deque[tuple[str, str, list[float]]] = deque()
        self._playing = threading.Event()
        settings = started(finished + 20 * running, experiment=f"bench-{finished}", name="bench")
        driver = _Driver(self._clock)
        watch = Watch(driver, self._feed)  # type: ignore[arg-type]
        plan = SimpleNamespace(settings=settings, fit=SPACE.fit)
        self.handle = Handle(plan, driver, watch)  # type: ignore[arg-type]
        self._put(settings, *(ev.WorkerJoined(f"w{n}", n, "host", n) for n in range(1, running + 1)))
        for _ in range(finished):
            self._finish(self._start("w1", STEPS))
        for n in range(1, running + 1):
            self._begin(f"w{n}", random.Random(n).randrange(1, length))
        watch.start(choose_display(False, _Driver.folder.path))

    def play(self, metrics: float, every: float) -> None:
        """From now on the running trials report so many metrics a second, at once `every` so many seconds."""
        self._playing.set()
        threading.Thread(target=self._play, args=(metrics, every), daemon=True).start()

    def rest(self) -> None:
        """Nothing happens any more."""
        self._playing.clear()

    def end(self) -> None:
        """All that runs finishes, and the search ends."""
        self.rest()
        for trial, _, _ in self._running:
            self._put(ev.TrialFinished(trial, 0.5))
        self._put(ev.ExperimentEnded("finished", ""))

    def _play(self, metrics: float, every: float) -> None:
        begin, told = time.monotonic(), 0
        while self._playing.is_set():
            threading.Event().wait(every)
            due = int((time.monotonic() - begin) * metrics)
            for _ in range(due - told):
                self._report()
            told = due

    def _report(self) -> None:
        """The next metric, of the trial that waited longest; the last one of a trial ends it."""
        trial, worker, values = self._running.popleft()
        step = self._length - len(values)
        self._put(ev.TrialProgressed(trial, (step,), (stamp(values.pop(), time.time()),)))
        if values:
            self._running.append((trial, worker, values))
        else:
            self._put(ev.TrialFinished(trial, 0.5))
            self._begin(worker, 0)

    def _begin(self, worker: str, done: int) -> None:
        trial, values = self._start(worker, self._length)
        if done:
            self._put(ev.TrialProgressed(trial, tuple(range(done)), tuple(values[:done])))
        self._running.append((trial, worker, values[done:][::-1]))

    def _start(self, worker: str, length: int) -> tuple[str, list[float]]:
        number = next(self._trials)
        trial, params = f"t{number}", SPACE.sample(self._rng)
        self._put(ev.TrialCreated(trial, number, params, "optimizer"), ev.TrialStarted(trial, 1, worker))
        return trial, curve(params, length, self._rng, "max")

    def _finish(self, started: tuple[str, list[float]]) -> None:
        """One in three was stopped early, just before its end."""
        trial, values = started
        self._put(ev.TrialProgressed(trial, tuple(range(len(values))), tuple(values)))
        if self._rng.random() < 1 / 3:
            self._put(ev.TrialStopDecided(trial, "rule", "below the median", 0.5), ev.TrialStopped(trial))
        else:
            self._put(ev.TrialFinished(trial, values[-1]))

    def _put(self, *events: Any) -> None:
        self._feed.put([ev.Record(next(self._numbers), self._clock.now(), event) for event in events])
