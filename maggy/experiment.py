"""Runs an experiment: `lagom`, "just the right amount"."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

from maggy.searchspace import Searchspace

if TYPE_CHECKING:
    from maggy.ablation import AblationStudy
    from maggy.ablation.ablator import AbstractAblator
    from maggy.driver.driver import Plan
    from maggy.earlystop import AbstractEarlyStop
    from maggy.experiment_config import LagomConfig
    from maggy.handle import Handle
    from maggy.optimizer import AbstractOptimizer

# Seconds to wait for a search's first event.
PATIENCE = 5.0

# What needs time to import is imported when an experiment starts, so that `import maggy` is instant.


def lagom(
    map_fun: Callable[..., Any] | None = None,
    searchspace: Searchspace | LagomConfig | None = None,
    optimizer: str | AbstractOptimizer | None = None,
    direction: str | Sequence[str] | Mapping[str, str] = "max",
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
    wait: bool = True,
    train_fn: Callable[..., Any] | None = None,
    config: LagomConfig | None = None,
    experiment_type: str = "optimization",
    ablation_study: AblationStudy | None = None,
    ablator: str | AbstractAblator = "loco",
    repeats: int = 1,
    resume: bool | str | os.PathLike[str] = False,
    trial_timeout: float | None = None,
    worker_timeout: float | None = None,
    optimization_key: str | Sequence[str] = "metric",
) -> dict[str, Any] | Handle:
    """Searches hyperparameters asynchronously on Spark and returns what it found.

    Runs on the active Spark session, else on one that it starts (local, unless spark-submit or Spark's
    defaults say otherwise). Workers, one per task slot, run trials until `num_trials` are done.

    Args:
        map_fun: the training function. Takes the hyperparameters as keyword arguments, or as one dict
            `hparams`, and `reporter` if it wants to broadcast metrics; returns the metric to optimize, a
            finite number, or a dict that has it as `optimization_key`.
        searchspace: a `Searchspace`; None for none.
        optimizer: 'randomsearch', 'gridsearch', 'asha', 'hyperband' (these two give `map_fun` a `budget`),
            Optuna's 'tpe', 'gp', 'cmaes', 'qmc', 'nsgaii' or a sampler of Optuna's, or an
            `AbstractOptimizer`. None is random search, or without a search space 'none', which runs
            `map_fun` `num_trials` times. docs/algorithms.md compares them.
        direction: 'max' or 'min'; for several objectives a list of these, or a dict by their names,
            `{"accuracy": "max", "latency": "min"}`. Then `map_fun` returns a dict of them all, and broadcasts
            the first, by which trials are stopped early; the result has the `pareto_front`.
        num_trials: how many trials to run.
        name: a name for people; part of the experiment's id.
        hb_interval: seconds between heartbeats, which carry the metrics from workers to the driver.
        es_policy: 'median', 'percentile', 'patience', 'asha', Optuna's 'hyperband', 'wilcoxon' or a pruner
            of Optuna's, 'none' or an `AbstractEarlyStop`. With 'asha' and 'hyperband' as optimizer, which
            stop trials themselves, 'median' is none.
        es_interval: seconds between checks for early stopping; 0 checks at every heartbeat.
        es_min: how many trials must have ended with a metric before the first check.
        description: a longer description.
        display: False shows nothing; else progress is shown: in a notebook as a view on which trials can be
            stopped, live on a terminal, as lines elsewhere.
        directory: where the experiment's folder is made; default $MAGGY_DIR, else ./maggy-experiments.
        max_failures: give up when more trials than this failed; default a fifth of `num_trials`, but at
            least 3, and always when all failed.
        wait: False returns a `maggy.handle.Handle` at once, with which the search can be watched, stopped
            and added to; it shows itself in a notebook. `display=True` shows progress here, too.
        train_fn: another name of `map_fun`.
        config: all settings in one object of `maggy.experiment_config`, in place of the keywords; it may
            stand in `searchspace`'s place, too: `lagom(train, config)`.
        experiment_type: 'ablation' leaves out one component after the other, see `maggy.ablation`. Then
            `map_fun` takes `dataset_function`, `model_function` or both.
        ablation_study: what to leave out.
        ablator: 'loco' or an `AbstractAblator`.
        repeats: how often each trial of an ablation runs.
        resume: take up an experiment again whose driver died, or that was stopped: an experiment's id, the
            path of its folder, or True for the latest one of this `name` in `directory`, where there is one.
            What is done stays; what ran runs again; `num_trials` counts the whole. One that is finished
            gives its result, unless `num_trials` is larger.
        trial_timeout: seconds that a trial may take; one that takes longer has failed, and where it does not
            heed that, a few seconds later its worker's process is ended and replaced. None for no limit.
        worker_timeout: seconds after which a worker that runs a trial and sends no heartbeat counts as lost:
            its trial runs again elsewhere, and what it says later is not heard. None for never: workers whose
            process or machine died are noticed without it, those that are paused or hang are not. Give more
            than any call in C takes that holds Python's lock, as no heartbeat is sent meanwhile.
        optimization_key: which entry to optimize of a dict that `map_fun` returns; a list of entries where
            `direction` is a list. Without it, a dict of several objectives has them in the order of
            `direction`, and no other entries.

    Returns:
        A dict: best_id, best_val, best_hp, worst_id, worst_val, worst_hp, avg, metric_list, num_trials,
        early_stopped; failed, errors (a dict with error and traceback for each failed trial),
        experiment_id, status, duration (seconds), path (the experiment's folder). An ablation has
        best_config and worst_config in place of *_hp, and base and effects, see `maggy.core.summary`.
        Ctrl-C stops kindly: running trials are stopped and what there is is returned.

    Raises:
        RuntimeError: no Spark session can be had.
        ExperimentLocked: the experiment to take up again is being run.
        TypeError, ValueError: an argument is wrong; no Spark job has started.
        ExperimentFailed: too many trials failed, the optimizer raised or no worker could start; its
            `result` holds what there is.
        KeyboardInterrupt: Ctrl-C was pressed twice.
    """
    from maggy import handle as handles
    from maggy.arguments import make_plan
    from maggy.forms import Arguments
    from maggy.notebook import can_show

    arguments = Arguments(
        map_fun, searchspace, optimizer, direction, num_trials, name, hb_interval, es_policy, es_interval,
        es_min, description, display, directory, max_failures, wait, train_fn, config, experiment_type,
        ablation_study, ablator, repeats, resume, trial_timeout, worker_timeout,
        optimization_key,
    )  # fmt: skip
    plan = make_plan(arguments)
    collected = handles.collecting()
    if collected is not None or not wait:
        return _in_background(plan, display is True and collected is None, collected)
    return _in_foreground(plan, display, display is not False and can_show())


def _in_background(plan: Plan, display: bool, collected: Callable[[Handle], None] | None) -> Handle:
    from maggy import notebook
    from maggy.handle import launch
    from maggy.progress import choose_display

    in_view = display and notebook.can_show()
    path = plan.directory / plan.settings.experiment
    handle = launch(plan, choose_display(display and not in_view, path, live=False))
    handle.started(PATIENCE)  # so that whoever asks the handle at once finds a search, and no blank
    if in_view:
        notebook.show(handle)
    if collected is not None:
        collected(handle)
    return handle


def _in_foreground(plan: Plan, display: bool | None, in_view: bool) -> dict[str, Any]:
    from maggy import notebook
    from maggy.handle import launch
    from maggy.progress import choose_display

    path = plan.directory / plan.settings.experiment
    handle = launch(plan, choose_display(False if in_view else display, path))
    try:
        with _interruptible(handle):
            shown = notebook.show(handle) if in_view else None
            with contextlib.ExitStack() as stack:
                if shown is not None:
                    stack.push(lambda kind, *_: shown.close(patient=kind is None))
                handle.wait(stack.enter_context(notebook.waiting(shown)))
    except BaseException:
        handle.give_up()
        raise
    return handle.result()


@contextlib.contextmanager
def _interruptible(handle: Handle) -> Iterator[None]:
    """The first Ctrl-C stops kindly, the second raises. Outside the main thread nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_interrupt(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        handle.interrupt("interrupted by Ctrl-C")

    # Spark's own handler would cancel the workers' jobs at once.
    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
