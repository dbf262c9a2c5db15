"""Training functions that workers import."""

from __future__ import annotations

import ctypes
import os
import threading
from pathlib import Path

_never = threading.Event()


def square(x):
    return x * x


def waits_for(path):
    """Returns once there is such a file."""
    while not Path(path).exists():
        _never.wait(0.01)
    return 1.0


def rate_of_a_model(model, rate, depth=0):
    return rate - depth / 100


def slow_square(x, reporter):
    for step in range(10):
        reporter.broadcast(x, step)
        _never.wait(0.03)
    return x * x


def five_epochs(x, reporter):
    for epoch in range(5):
        reporter.broadcast(x * (epoch + 1))
    print(f"trained with {x}")
    return x * 5


def good_or_hopeless(good, reporter):
    """A good trial broadcasts 10,000 times at once; a hopeless one slowly, until it is stopped."""
    for _ in range(10_000):
        reporter.broadcast(1.0 if good else 0.0)
        if not good:
            _never.wait(0.001)
    return 1.0


def until_stopped(reporter, x=0):
    while True:
        reporter.broadcast(0.5)
        _never.wait(0.001)


def saves_and_waits(reporter, x=0):
    """The first attempt saves something and waits; the next one returns 1.0 if it got that."""
    if reporter.saved is not None:
        return float(reporter.saved == b"half way")
    reporter.save(b"half way")
    while True:
        reporter.broadcast(0.5)
        _never.wait(0.01)


def hangs_in_c(x):
    """Odd trials never come back, and hold Python's lock."""
    if x % 2:
        ctypes.PyDLL(None).sleep(300)
    return x


def dawdles(x, reporter):
    """Odd trials take for ever, and hear that they are to stop."""
    while x % 2:
        reporter.broadcast(0.5)
        _never.wait(0.01)
    return x


def deaf(reporter, x=0):
    """Never broadcasts again after the first time."""
    reporter.broadcast(0.5)
    while True:
        _never.wait(60)


def raises_if_odd(x):
    print(f"about to divide {x}")
    if x % 2:
        raise ValueError(f"{x} is odd")
    return x


def hangs_the_first_time(path):
    """The first attempt tells its pid and hangs; the next one returns."""
    told = Path(path)
    if told.exists():
        return 1.0
    partial = told.with_suffix(".partial")
    partial.write_text(str(os.getpid()))
    partial.rename(told)
    while True:
        _never.wait(60)


def hangs_every_time(path):
    """Each attempt adds its pid to the file, and hangs."""
    with Path(path).open("a") as told:
        told.write(f"{os.getpid()}\n")
    while True:
        _never.wait(60)


def continues(x, budget, reporter):
    """Trains up to the budget, from where it was left."""
    begun = int(reporter.saved or b"0")
    print(f"epochs {begun} to {budget}")
    for epoch in range(begun, budget):
        reporter.save(str(epoch + 1).encode())
        reporter.broadcast(x * (epoch + 1), step=epoch)
    return x * budget


def saves_and_hangs(path, reporter):
    """The first attempt saves its pid and hangs; the next one returns what was saved."""
    if reporter.saved:
        return float(reporter.saved)
    reporter.save(str(os.getpid()).encode())
    while True:
        _never.wait(60)


def long_square(x, reporter):
    for step in range(100):
        reporter.broadcast(x, step)
        _never.wait(0.01)
    return x * x


def ten_seconds(x, reporter):
    for step in range(100):
        reporter.broadcast(x, step)
        _never.wait(0.1)
    return x
