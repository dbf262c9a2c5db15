"""A running experiment in the hands of the user: what `lagom(..., wait=False)` returns."""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maggy.bridge.contract import Request
    from maggy.core.events import Record
    from maggy.core.state import State
    from maggy.driver.driver import Driver, Plan
    from maggy.driver.watch import Screen, Watch
    from maggy.trial import Trial

# How much of a trial's log is shown, in bytes.
LOG_TAIL = 64 * 1024
# The most trials that can be added in one go.
MOST_ADDED = 100_000
# How many experiments that are over are remembered.
REMEMBERED = 16
# Seconds that experiments have to stop kindly when the program ends.
AT_EXIT = 2.0
# Seconds between looks for whoever waits; a notebook hears clicks meanwhile.
_PATIENCE = 0.5

_known: list[Handle] = []
_known_lock = threading.Lock()
_collected: ContextVar[Callable[[Handle], None] | None] = ContextVar("maggy-background", default=None)


class Handle:
    """An experiment that runs, or has run. In a notebook it shows itself.

    `handle["best_val"]` waits for the end and gives one entry of the result. Handles are made by `lagom`.
    All methods may be called from any thread.

    Attributes:
        id: the experiment's id.
        name: its name.
        path: its folder.
    """

    def __init__(self, plan: Plan, driver: Driver, watch: Watch) -> None:
        self.id = plan.settings.experiment
        self.name = plan.settings.name
        self.path: Path = driver.folder.path
        self._fit = plan.fit
        self._driver = driver
        self._watch = watch
        self._figures: Any = None

    @property
    def done(self) -> bool:
        """Whether the experiment is over, and `result` answers at once."""
        return self._watch.over.is_set()

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
        return self._watch.result()

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

    def enqueue(self, params: dict[str, Any]) -> str:
        """Runs a trial with these hyperparameters next, in addition to those planned; returns its id.

        Raises:
            ValueError: they do not fit the search space, or the experiment takes no more.
        """
        from maggy.trial import Trial

        fitting = self._fit(params)
        self._check_open("no more trials")
        trial = Trial(fitting)
        self._driver.put(_inputs().TrialEnqueued(trial.trial_id, fitting))
        return trial.trial_id

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
        with self._watch.looking() as state:
            return f"<maggy.Handle {self.id}: {_in_short(state, self.closed)}>"

    def _ipython_display_(self) -> None:
        from maggy.notebook import show

        if show(self) is None:
            print(repr(self))

    # For views: this is a `bridge.source.Source`, see there.

    @property
    def experiment(self) -> str:
        return self.id

    @property
    def closed(self) -> str | None:
        return self._watch.closed

    def snapshot(self) -> tuple[int, list[Record]]:
        from maggy.core.compact import compact

        with self._watch.looking() as state:
            return state.number, compact(state)

    def subscribe(self, listener: Callable[[Any], None]) -> Callable[[], None]:
        return self._watch.subscribe(listener)

    def request(self, request: Request) -> None:
        from maggy.bridge import contract

        follow: dict[type, Callable[[Any], object]] = {
            contract.StopTrial: self._request_stop,
            contract.StopExperiment: self._request_end,
            contract.AddTrials: self._request_trials,
            contract.EnqueueTrial: lambda asked: self.enqueue(asked.params),
        }
        if type(request) not in follow:
            raise ValueError(f"{type(request).__name__} is answered by the view's own kernel")
        follow[type(request)](request)

    def log_tail(self, trial: str) -> tuple[str, int]:
        from maggy.exceptions import MaggyError

        number = self._find(trial).number
        try:
            return self._driver.folder.log_tail(number, LOG_TAIL)
        except OSError as error:
            raise MaggyError(f"the log of trial {number} cannot be read: {error}") from error

    def _request_stop(self, asked: Any) -> None:
        trial = self._find(asked.trial)
        self._check_open("no more stops")
        if trial.ended:
            raise ValueError(f"trial {trial.number} is over already ({trial.status.lower()})")
        self._driver.put(_inputs().TrialStopRequested(trial.trial_id, asked.reason))

    def _request_end(self, asked: Any) -> None:
        if self._phase() == "ENDED":
            raise ValueError(f"experiment {self.id} is over already")
        self._driver.put(_inputs().StopRequested(asked.reason))

    def _request_trials(self, asked: Any) -> None:
        count = asked.count
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_ADDED:
            raise ValueError(f"1 to {MOST_ADDED:,} trials can be added at once, not {count!r:.60}")
        self._check_open("no more trials")
        with self._watch.looking() as state:
            if state.dry_reason is not None:
                raise ValueError(f"the optimizer failed and gives no more trials: {state.dry_reason}")
        self._driver.put(_inputs().MoreTrialsRequested(count))

    def _check_open(self, refused: str) -> None:
        phase = self._phase()
        if phase in ("STOPPING", "ENDED"):
            word = "over" if phase == "ENDED" else "being stopped"
            raise ValueError(f"experiment {self.id} is {word} and takes {refused}")

    def _phase(self) -> str:
        with self._watch.looking() as state:
            return "ENDED" if self.done else state.phase

    def _find(self, trial: str | int) -> Trial:
        with self._watch.looking() as state:
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
            (wait or self._watch.over.wait)(left)

    def interrupt(self, reason: str) -> None:
        """Stops the experiment as `stop` does. For signal handlers: takes no lock."""
        self._driver.put(_inputs().StopRequested(reason))

    def give_up(self) -> None:
        """Ends the experiment as it is, at once."""
        self._watch.give_up()


def launch(plan: Plan, screen: contextlib.AbstractContextManager[Screen]) -> Handle:
    """Starts an experiment, which goes on by itself from here.

    Raises:
        RuntimeError, OSError: as `Driver` does.
    """
    from maggy.driver.driver import Driver
    from maggy.driver.feed import Feed
    from maggy.driver.watch import Watch

    feed = Feed()
    driver = Driver(plan, [feed])
    handle = Handle(plan, driver, watch := Watch(driver, feed))
    watch.start(screen)
    _remember(handle)
    return handle


def experiments() -> list[Handle]:
    """The experiments of this process that run, and the last ones that did, in the order of their start."""
    with _known_lock:
        return list(_known)


def folders() -> list[Path]:
    """The folders of experiments, the latest first: where they go by default, and beside `experiments()`."""
    from maggy.driver.folder import base_directory

    bases = {base_directory(None), *(known.path.parent for known in experiments())}
    journals = [journal for base in bases for journal in base.glob("*/events.jsonl")]
    return [j.parent for j in sorted(journals, key=lambda j: j.stat().st_mtime, reverse=True)]


@contextlib.contextmanager
def background(started: Callable[[Handle], object] | None = None) -> Iterator[list[Handle]]:
    """Within this, and in this context, `lagom` neither waits nor shows anything.

    Yields the list of the handles that `lagom` makes meanwhile; `started` is called with each, too.
    """
    handles: list[Handle] = []

    def collect(handle: Handle) -> None:
        handles.append(handle)
        if started is not None:
            started(handle)

    token = _collected.set(collect)
    try:
        yield handles
    finally:
        _collected.reset(token)


def collecting() -> Callable[[Handle], None] | None:
    """What `lagom` is to give its handle to instead of waiting; None outside `background`."""
    return _collected.get()


def _remember(handle: Handle) -> None:
    with _known_lock:
        if not _known:
            atexit.register(_stop_all)
        over = [known for known in _known if known.done]
        for forgotten in over[: len(over) + 1 - REMEMBERED]:
            _known.remove(forgotten)
        _known.append(handle)


def _stop_all() -> None:
    """At the end of the program: stops what runs, kindly where that is quick."""
    running = [handle for handle in experiments() if not handle.done]
    for handle in running:
        with contextlib.suppress(ValueError):  # it has just ended
            handle.stop("the program ended")
    until = time.monotonic() + AT_EXIT
    for handle in running:
        handle.wait(timeout=max(0.0, until - time.monotonic()))
        if not handle.done:
            handle.give_up()


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


def _inputs() -> Any:
    from maggy.core import inputs

    return inputs
