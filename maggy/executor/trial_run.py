"""One trial inside a worker: calls the training function and turns what comes of it into a message."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from maggy.exceptions import TrialStopped
from maggy.executor.output import captured
from maggy.executor.reporter import Reporter
from maggy.objectives import ONE, Objectives
from maggy.rpc.messages import Halted, Raised, Returned, Run

# Characters of a traceback and of an error line that travel; the ends are what tells.
LONGEST_TRACEBACK = 64 * 1024
LONGEST_ERROR = 500


def run_trial(
    train: Callable[..., Any],
    run: Run,
    reporter: Reporter,
    wants_reporter: bool,
    objectives: Objectives = ONE,
) -> Returned | Raised | Halted:
    """Runs the training function to its end, whatever that is; never raises."""
    kwargs = {**run.params, "reporter": reporter} if wants_reporter else run.params
    worker = os.getpid()
    with captured(reporter.output()):
        try:
            return _returned(run, train(**kwargs), objectives)
        except TrialStopped:
            return Halted(run.trial, run.attempt)
        except BaseException as error:  # SystemExit and KeyboardInterrupt end the trial, not the worker
            if os.getpid() != worker:
                os._exit(_exit_code(error))
            return _raised(run, error)
        finally:
            if os.getpid() != worker:  # a child that the function forked: it may not speak for the worker
                os._exit(0)


def _exit_code(error: BaseException) -> int:
    """With which a Python process ends that does not catch this."""
    code = error.code if isinstance(error, SystemExit) else 1
    return code & 0xFF if isinstance(code, int) else int(code is not None)


def _returned(run: Run, value: Any, objectives: Objectives) -> Returned | Raised:
    try:
        found = objectives.read(value)
    except (TypeError, ValueError) as error:
        return Raised(run.trial, run.attempt, str(error)[:LONGEST_ERROR], "")
    if isinstance(value, Mapping) and len(value) > len(found):
        with contextlib.suppress(Exception):  # of what people put into a dict
            print(f"returned {dict(value)!r:.10000}")  # into the trial's log
    first = next(iter(found.values()))
    return Returned(run.trial, run.attempt, first, objectives=found if objectives.several else None)


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
