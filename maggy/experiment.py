"""Runs an experiment: `lagom`, "just the right amount"."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

from maggy.searchspace import Searchspace

if TYPE_CHECKING:
    from maggy.driver.driver import Driver, Plan
    from maggy.earlystop import AbstractEarlyStop
    from maggy.optimizer import AbstractOptimizer

# What needs time to import is imported when an experiment starts, so that `import maggy` is instant.

_running = threading.Lock()

# Seconds between looks at what happened; a display redraws no more often than this.
_REFRESH = 0.1


def lagom(
    map_fun: Callable[..., Any],
    searchspace: Searchspace | None = None,
    optimizer: str | AbstractOptimizer | None = None,
    direction: str = "max",
    num_trials: int = 1,
    name: str = "no-name",
    hb_interval: float = 1,
    es_policy: str | AbstractEarlyStop = "median",
    es_interval: float = 300,
    es_min: int = 10,
    description: str = "",
    *,
    display: bool | None = None,
    directory: str | os.PathLike[str] | None = None,
    max_failures: int | None = None,
) -> dict[str, Any]:
    """Searches hyperparameters asynchronously on Spark and returns what it found.

    Runs on the active Spark session, else on one that it starts (local, unless spark-submit or Spark's
    defaults say otherwise). Workers, one per task slot, run trials until `num_trials` are done.

    Args:
        map_fun: the training function. Takes the hyperparameters as keyword arguments, and `reporter` if
            it wants to broadcast metrics; returns the metric to optimize, a finite number.
        searchspace: a `Searchspace`; None for none.
        optimizer: 'randomsearch' or an `AbstractOptimizer`. None is random search, or without a search
            space 'none', which runs `map_fun` `num_trials` times.
        direction: 'max' or 'min'.
        num_trials: how many trials to run.
        name: a name for people; part of the experiment's id.
        hb_interval: seconds between heartbeats, which carry the metrics from workers to the driver.
        es_policy: 'median', 'none' or an `AbstractEarlyStop`.
        es_interval: seconds between checks for early stopping; 0 checks at every heartbeat.
        es_min: how many trials must have ended with a metric before the first check.
        description: a longer description.
        display: False shows nothing; else progress is shown, live on a terminal, as lines elsewhere.
        directory: where the experiment's folder is made; default $MAGGY_DIR, else ./maggy-experiments.
        max_failures: give up when more trials than this failed; default a fifth of `num_trials`, but at
            least 3, and always when all failed.

    Returns:
        A dict: best_id, best_val, best_hp, worst_id, worst_val, worst_hp, avg, metric_list, num_trials,
        early_stopped; failed, errors (a dict with error and traceback for each failed trial),
        experiment_id, status, duration (seconds), path (the experiment's folder).
        Ctrl-C stops kindly: running trials are stopped and what there is is returned.

    Raises:
        RuntimeError: an experiment is running in this process already, or no Spark session can be had.
        TypeError, ValueError: an argument is wrong; no Spark job has started.
        ExperimentFailed: too many trials failed, the optimizer raised or no worker could start; its
            `result` holds what there is.
        KeyboardInterrupt: Ctrl-C was pressed twice.
    """
    from maggy.arguments import Arguments, make_plan

    arguments = Arguments(
        map_fun, searchspace, optimizer, direction, num_trials, name, hb_interval, es_policy, es_interval,
        es_min, description, display, directory, max_failures,
    )  # fmt: skip
    with _only_one(), _unhindered_by_garbage():
        return _run(make_plan(arguments), display)


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    if not _running.acquire(blocking=False):
        raise RuntimeError("an experiment is running in this process already; wait for its end or stop it")
    try:
        yield
    finally:
        _running.release()


@contextlib.contextmanager
def _unhindered_by_garbage() -> Iterator[None]:
    """Keeps what is there before the search out of garbage collection while it runs.

    A collection goes through all of it, pyspark and the user's data, and meanwhile nothing is dispatched.
    """
    if gc.get_freeze_count():  # somebody else's doing
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _run(plan: Plan, display: bool | None) -> dict[str, Any]:
    from maggy.driver.driver import Driver
    from maggy.driver.feed import Feed

    feed = Feed()
    driver = Driver(plan, [feed])
    try:
        with _interruptible(driver):
            state = _watch(driver, feed, display)
            driver.close(patient=driver.crash is None)
    except BaseException:
        driver.close(patient=False)
        raise
    return _conclude(driver, state)


def _watch(driver: Driver, feed: Any, display: bool | None) -> Any:
    """Shows what happens until the experiment is over; returns its last state."""
    from maggy.core.state import ENDED, State
    from maggy.progress import choose_display

    state = State()
    with choose_display(display, driver.folder.path) as screen:
        while state.phase != ENDED and driver.crash is None:
            driver.wait(_REFRESH)
            records = feed.take()
            for record in records:
                state.apply(record)
            screen.show(state, records)
    return state


def _conclude(driver: Driver, state: Any) -> dict[str, Any]:
    from maggy.core.summary import result
    from maggy.exceptions import ExperimentFailed, MaggyError

    if driver.crash is not None:
        raise MaggyError(f"the driver failed ({driver.crash!r}); see {driver.folder.path}") from driver.crash
    found = {**result(state), "path": str(driver.folder.path)}
    driver.folder.write_result(found)
    if state.end.status == "failed":
        raise ExperimentFailed(_why_failed(found, state.end.reason), found)
    return found


def _why_failed(found: dict[str, Any], reason: str) -> str:
    last = f"; the last one: {found['errors'][-1]['error']}" if found["errors"] else ""
    return f"{reason}{last}; see {found['path']}"


@contextlib.contextmanager
def _interruptible(driver: Driver) -> Iterator[None]:
    """The first Ctrl-C stops kindly, the second raises. Outside the main thread nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    from maggy.core.inputs import StopRequested

    def on_interrupt(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        driver.put(StopRequested("interrupted by Ctrl-C"))

    # Spark's own handler would cancel the workers' jobs at once.
    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
