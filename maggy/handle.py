"""A running experiment in the hands of the user: what `lagom(..., wait=False)` returns."""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maggy.running import Running

if TYPE_CHECKING:
    from maggy.bridge.contract import Request
    from maggy.driver.driver import Driver, Plan
    from maggy.driver.over import Over
    from maggy.driver.watch import Screen, Watch

# How much of a trial's log is shown, in bytes.
LOG_TAIL = 64 * 1024
# The most trials that can be added in one go.
MOST_ADDED = 100_000
# How many experiments that are over are remembered.
REMEMBERED = 16
# Seconds that experiments have to stop kindly when the program ends.
AT_EXIT = 2.0

_known: list[Handle] = []
_known_lock = threading.Lock()
_collected: ContextVar[Callable[[Handle], None] | None] = ContextVar("maggy-background", default=None)


class Handle(Running):
    """An experiment that this process runs, or has run. Handles are made by `lagom`."""

    def __init__(self, plan: Plan, driver: Driver | Over, watch: Watch | Over) -> None:
        settings = plan.settings
        super().__init__(settings.experiment, settings.name, driver.folder.path, watch.audience)
        self._fit = plan.fit
        self._driver = driver
        self._watch = watch

    @property
    def closed(self) -> str | None:
        return self._watch.closed

    def clock(self) -> float:
        return self._driver.clock()

    def enqueue(self, params: dict[str, Any]) -> str:
        from maggy.trial import Trial

        fitting = self._fit(params)
        self._check_open("no more trials")
        trial = Trial(fitting)
        self._driver.put(_inputs().TrialEnqueued(trial.trial_id, fitting))
        return trial.trial_id

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
        with self.looking() as state:
            if state.dry_reason is not None:
                raise ValueError(f"the optimizer failed and gives no more trials: {state.dry_reason}")
        self._driver.put(_inputs().MoreTrialsRequested(count))

    def _check_open(self, refused: str) -> None:
        phase = self._phase()
        if phase in ("STOPPING", "ENDED"):
            word = "over" if phase == "ENDED" else "being stopped"
            raise ValueError(f"experiment {self.id} is {word} and takes {refused}")

    def _phase(self) -> str:
        with self.looking() as state:
            return "ENDED" if self.done else state.phase

    def _conclusion(self) -> dict[str, Any]:
        return self._watch.result()

    # For `lagom`.

    def interrupt(self, reason: str) -> None:
        """Stops the experiment as `stop` does. For signal handlers: takes no lock."""
        self._driver.put(_inputs().StopRequested(reason))

    def give_up(self) -> None:
        """Ends the experiment as it is, at once."""
        self._watch.give_up()


def launch(plan: Plan, screen: contextlib.AbstractContextManager[Screen]) -> Handle:
    """Starts an experiment, which goes on by itself from here; or shows one that is over already.

    Raises:
        RuntimeError, ExperimentLocked, OSError: as `Driver` does.
    """
    from maggy.driver.driver import Driver
    from maggy.driver.feed import Feed
    from maggy.driver.over import Over
    from maggy.driver.watch import Watch

    if plan.over:
        over = Over(plan)
        over.start(screen)
        return Handle(plan, over, over)
    feed = Feed()
    driver = Driver(plan, [feed])
    handle = Handle(plan, driver, watch := Watch(driver, feed, plan.history))
    watch.start(screen)
    _remember(handle)
    return handle


def experiments() -> list[Handle]:
    """The experiments of this process that run, and the last ones that did, in the order of their start."""
    with _known_lock:
        return list(_known)


def folders() -> list[Path]:
    """The folders of experiments, the latest first: where they go by default, and beside `experiments()`.

    Raises:
        OSError, ImportError, ValueError: a store cannot be read.
    """
    from maggy.past import journals
    from maggy.places import base_directory

    bases = {base_directory(None), *(known.path.parent for known in experiments())}
    found = {path: changed for base in bases for path, changed in journals(base).items()}
    return sorted(found, key=lambda path: found[path], reverse=True)


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


def _inputs() -> Any:
    from maggy.core import inputs

    return inputs
