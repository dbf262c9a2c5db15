"""An experiment in the hands of the user, wherever it runs."""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from maggy.bridge.audience import Audience
    from maggy.bridge.contract import Request
    from maggy.core.events import Record
    from maggy.core.state import State
    from maggy.trial import Trial

# Seconds between looks for whoever waits; a notebook hears clicks meanwhile.
_PATIENCE = 0.5


class Running(ABC):
    """An experiment that runs, or has run, here or elsewhere. In a notebook it shows itself.

    `handle["best_val"]` waits for the end and gives one entry of the result.
    All methods may be called from any thread.

    Attributes:
        id: the experiment's id.
        name: its name.
        path: its folder.
    """

    def __init__(self, experiment: str, name: str, path: Path, audience: Audience) -> None:
        self.id = experiment
        self.name = name
        self.path = path
        self._audience = audience
        self._figures: Any = None

    @property
    def done(self) -> bool:
        """Whether the experiment is over, and `result` answers at once."""
        return self._audience.over.is_set()

    def started(self, seconds: float) -> bool:
        """Waits until something is known of it, at most so long; whether there is."""
        return self._audience.begun.wait(seconds)

    def result(self, timeout: float | None = None) -> dict[str, Any]:
        """Waits for the end; returns what `lagom` returns. Interrupting this leaves the experiment running.

        Args:
            timeout: seconds to wait at most; None waits as long as it takes.

        Raises:
            TimeoutError: it is still running.
            ExperimentFailed, MaggyError: as `lagom` does, at every call.
        """
        from maggy.notebook import waiting

        if not self.done:
            with waiting() as wait:
                self.wait(wait, timeout)
        if not self.done:
            raise TimeoutError(f"experiment {self.id} is still running after {timeout:g} seconds")
        return self._conclusion()

    def stop(self, reason: str = "stopped by hand") -> None:
        """Stops the experiment kindly: running trials are stopped, results are kept.

        Raises:
            ValueError: it is over.
        """
        from maggy.bridge.contract import StopExperiment

        self.request(StopExperiment(reason))

    def stop_trial(self, trial: str | int, reason: str = "stopped by hand") -> None:
        """Stops one trial, which keeps the metrics it has; one that waits will not run.

        Args:
            trial: its id or its number.
            reason: for people.

        Raises:
            ValueError: there is no such trial, or it is over.
        """
        from maggy.bridge.contract import StopTrial

        self.request(StopTrial(self._find(trial).trial_id, reason))

    def add_trials(self, count: int) -> None:
        """Runs `count` more trials than planned so far.

        Raises:
            ValueError: not 1 to 100,000 of them, or the experiment takes no more.
        """
        from maggy.bridge.contract import AddTrials

        self.request(AddTrials(count))

    @abstractmethod
    def enqueue(self, params: dict[str, Any]) -> str:
        """Runs a trial with these hyperparameters next, in addition to those planned; returns its id.

        Raises:
            ValueError: they do not fit the search space, or the experiment takes no more.
        """

    def view(self, parts: Sequence[str] | str | None = None) -> Any:
        """A live view of the experiment, a widget for any cell.

        Args:
            parts: one or several of 'header', 'space', 'curves' and 'trials'; all of it where None.

        Raises:
            ImportError: there is no ipywidgets.
            ValueError: there is no such part.
        """
        from maggy.notebook import module

        return module("view").view(self, parts)

    @property
    def figures(self) -> Any:
        """Live bqplot figures of the experiment. Raises ImportError without bqplot."""
        from maggy.notebook import module

        if self._figures is None:
            self._figures = module("figures").Figures(self)
        return self._figures

    def __getitem__(self, key: str) -> Any:
        return self.result()[key]

    def __repr__(self) -> str:
        with self.looking() as state:
            return f"<maggy.{type(self).__name__} {self.id}: {_in_short(state, self.closed)}>"

    def _ipython_display_(self) -> None:
        from maggy.notebook import show

        if show(self) is None:
            print(repr(self))

    @property
    def notice(self) -> str:
        """What keeps the experiment from going on, or from being live here, for people; else ''."""
        return self._audience.notice

    # For views: this is a `bridge.source.Source`, see there.

    def heed(self, tell: Callable[[str], None]) -> Callable[[], None]:
        """Has `notice` told now and whenever it changes, from any thread; returns what ends that."""
        return self._audience.heed(tell)

    @property
    def experiment(self) -> str:
        return self.id

    @property
    @abstractmethod
    def closed(self) -> str | None: ...

    @abstractmethod
    def clock(self) -> float: ...

    @abstractmethod
    def request(self, request: Request) -> None: ...

    @abstractmethod
    def log_tail(self, trial: str) -> tuple[str, int]: ...

    def snapshot(self) -> tuple[int, list[Record]]:
        from maggy.core.compact import compact

        with self.looking() as state:
            return state.number, compact(state)

    def subscribe(self, listener: Callable[[Any], None]) -> Callable[[], None]:
        return self._audience.subscribe(listener)

    def looking(self) -> contextlib.AbstractContextManager[State]:
        """The state, which stays as it is meanwhile; only to be looked at, and not for long."""
        return self._audience.looking()

    @abstractmethod
    def _conclusion(self) -> dict[str, Any]:
        """The result of an experiment that is over, or what is raised in its place."""

    def _find(self, trial: str | int) -> Trial:
        with self.looking() as state:
            found = state.trials.get(trial) if isinstance(trial, str) else _numbered(state, trial)
        if found is None:
            raise ValueError(f"experiment {self.id} has no trial {trial!r:.60}")
        return found

    # For `lagom`.

    def wait(self, wait: Callable[[float], object] | None = None, timeout: float | None = None) -> None:
        """Waits until the experiment is over, or `timeout` seconds have passed.

        Args:
            wait: waits so many seconds or less, and may do something useful meanwhile.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while not self.done:
            left = _PATIENCE if until is None else min(_PATIENCE, until - time.monotonic())
            if left <= 0:
                return
            (wait or self._audience.over.wait)(left)


def _in_short(state: State, closed: str | None) -> str:
    from maggy.progress.tally import done

    if closed is not None:
        return closed
    words = [state.end.status if state.end else state.phase.lower().replace("new", "starting")]
    words.append(f"{done(state)} of {state.total()} trials done")
    if state.best is not None:
        words.append(f"best {state.best.final_metric:.6g}")
    return ", ".join(words)


def _numbered(state: State, number: int) -> Trial | None:
    return next((t for t in state.trials.values() if t.number == number), None)
