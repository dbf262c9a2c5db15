"""One trial inside a worker: calls the training function and turns what comes of it into a message."""

from __future__ import annotations

import math
import os
import traceback
from collections.abc import Callable
from typing import Any

from maggy.exceptions import TrialStopped
from maggy.executor.output import captured
from maggy.executor.reporter import Reporter, as_metric
from maggy.rpc.messages import Halted, Raised, Returned, Run

# Characters of a traceback and of an error line that travel; the ends are what tells.
LONGEST_TRACEBACK = 64 * 1024
LONGEST_ERROR = 500


def run_trial(
    train: Callable[..., Any], run: Run, reporter: Reporter, wants_reporter: bool
) -> Returned | Raised | Halted:
    """Runs the training function to its end, whatever that is; never raises."""
    kwargs = {**run.params, "reporter": reporter} if wants_reporter else run.params
    process = os.getpid()
    word = _outcome(train, run, reporter, kwargs)
    if os.getpid() != process:
        os._exit(0)  # a child that the function forked and let return: it may not speak for the worker
    return word


def _outcome(
    train: Callable[..., Any], run: Run, reporter: Reporter, kwargs: dict[str, Any]
) -> Returned | Raised | Halted:
    with captured(reporter.output()):
        try:
            return _returned(run, train(**kwargs))
        except TrialStopped:
            return Halted(run.trial, run.attempt)
        except BaseException as error:  # SystemExit and KeyboardInterrupt end the trial, not the worker
            return _raised(run, error)


def _returned(run: Run, value: Any) -> Returned | Raised:
    expected = "the training function must return its metric, a finite number"
    try:
        metric = as_metric(value, expected)
    except TypeError as error:
        return Raised(run.trial, run.attempt, str(error), "")
    if not math.isfinite(metric):
        return Raised(run.trial, run.attempt, f"{expected}, not {metric}", "")
    return Returned(run.trial, run.attempt, metric)


def _raised(run: Run, error: BaseException) -> Raised:
    try:
        line, text = _describe(error)
    except Exception:  # raised by the error's own methods
        line, text = type(error).__name__, ""
    return Raised(run.trial, run.attempt, line[:LONGEST_ERROR], _shorten(text))


def _describe(error: BaseException) -> tuple[str, str]:
    """The error in one line, and its traceback."""
    # The first frame is this file's; a person wants their own.
    frames = error.__traceback__.tb_next if error.__traceback__ else None
    text = "".join(traceback.format_exception(type(error), error, frames))
    # A syntax error's source comes first, indented; notes come last.
    lines = "".join(traceback.format_exception_only(type(error), error)).splitlines()
    return next(line.strip() for line in lines if not line.startswith(" ")), text


def _shorten(text: str) -> str:
    half = LONGEST_TRACEBACK // 2
    return text if len(text) <= 2 * half else f"{text[:half]}\n[...]\n{text[-half:]}"
