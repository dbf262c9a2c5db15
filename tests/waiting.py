"""Waiting for what other threads and processes do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_never = threading.Event()


def eventually(condition: Callable[[], T], seconds: float = 10.0) -> T:
    """Waits until the condition holds and returns its value; fails the test where it does not in time."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, f"not within {seconds} seconds"
        _never.wait(0.002)
    return value
