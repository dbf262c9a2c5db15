"""Training functions that workers import."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path

_never = threading.Event()


def instant(x):
    return x


def three_broadcasts(x, reporter):
    for step in range(3):
        reporter.broadcast(x + step / 10)
    return x


def many_broadcasts(count, reporter):
    for step in range(count):
        reporter.broadcast(float(step))
    return count


def until_stopped(reporter):
    while True:
        reporter.broadcast(0.5)
        _never.wait(0.001)


def stubborn_until_stopped(reporter):
    """Swallows every ordinary exception, as many a training loop does."""
    while True:
        with contextlib.suppress(Exception):
            reporter.broadcast(0.5)
        _never.wait(0.001)


def prints_much(reporter):
    print("to stdout")
    print("to stderr", file=sys.stderr)
    reporter.log("to the log")
    return 1.0


def raises_for_odd(x):
    if x % 2:
        raise ValueError(f"odd {x}")
    return x


def leaves_a_child(path):
    """Forks a child that outlives this process, tells its own and the child's pid, and goes on."""
    child = os.fork()
    if not child:
        while True:
            _never.wait(60)
    partial = Path(path).with_suffix(".partial")
    partial.write_text(f"{os.getpid()} {child}")
    partial.rename(path)
    while True:
        _never.wait(60)


def forks(how):
    """Forks a child that leaves this function like this; returns how the child ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if how == "raises":
        raise ValueError("in the child")
    if how != "returns":
        sys.exit(how)
    return 0.5


_heard: list[str] = []


def counts_what_is_unpickled(x):
    """What its process has looked up for pickles since the first trial, counted."""
    if not _heard:
        _heard.append("the first trial")
        sys.addaudithook(lambda event, args: _heard.append(event) if event == "pickle.find_class" else None)
    return len(_heard) - 1
