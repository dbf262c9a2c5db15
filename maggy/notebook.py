"""The one place that knows of notebooks and of `maggy_widgets`, which is imported only when it is used."""

from __future__ import annotations

import contextlib
import importlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from maggy.progress import in_kernel

log = logging.getLogger("maggy")

MISSING = (
    "a live view needs ipywidgets and bqplot in the notebook's environment: pip install ipywidgets bqplot"
)
# Seconds between looks while clicks are heard.
_ATTENTIVE = 0.02

Wait = Callable[[float], object]


def in_notebook() -> bool:
    """Whether this runs in a Jupyter kernel."""
    return in_kernel()


def module(name: str) -> Any:
    """A module of `maggy_widgets`. Raises ImportError, with one line that says what to install."""
    try:
        return importlib.import_module(f"maggy_widgets.{name}")
    except ImportError as error:
        raise ImportError(f"{MISSING} ({error})") from error


def can_show() -> bool:
    """Whether a view can be shown here; says what is missing in a notebook that could show one."""
    if not in_notebook():
        return False
    try:
        module("display")
    except ImportError as error:
        print(error)
        return False
    return True


def show(handle: Any) -> Any | None:
    """Shows an experiment in the output of the cell; None where that cannot be done.

    Returns:
        What has `pump(seconds)`, to be called by a cell that waits, and `close(patient)`.
    """
    if not can_show():
        return None
    try:
        return module("display").show(handle)
    except Exception as error:  # a view must never end a search
        log.warning("the view cannot be shown: %r", error)
        return None


@contextlib.contextmanager
def waiting(shown: Any | None = None) -> Iterator[Wait | None]:
    """How a thread is to wait: in a kernel's main thread so that clicks are heard; None for any way."""
    if not in_notebook() or threading.current_thread() is not threading.main_thread():
        yield None
    elif shown is not None:
        yield _careful(shown.pump)
    else:
        with contextlib.ExitStack() as stack:
            pump = None
            with contextlib.suppress(Exception):  # then nothing is heard, as in any other cell
                pump = _careful(stack.enter_context(module("pump").Pump()))
            yield pump


def _careful(pump: Wait) -> Wait:
    """Pumps as long as that goes well, and then only waits: a click must never end a search."""
    broken = threading.Event()

    def wait(seconds: float) -> None:
        if broken.is_set():
            threading.Event().wait(min(seconds, _ATTENTIVE))
            return
        try:
            pump(min(seconds, _ATTENTIVE))
        except Exception as error:
            broken.set()
            log.warning("clicks are not heard until the cell ends: %r", error)

    return wait
