"""Training functions. They travel to executors by value (see conftest), so none may call another."""

from __future__ import annotations

import ctypes
import os
import resource
import threading
import time
from pathlib import Path


def square(x):
    return x * x


def tells_epochs(x, reporter):
    """Prints, logs, and broadcasts three epochs."""
    print(f"training with {x}")
    for epoch in range(3):
        reporter.broadcast(x + epoch, epoch)
    reporter.log("well trained")
    return x + 2


def good_or_hopeless(quality, reporter):
    """A good trial broadcasts 10,000 times at once; a hopeless one slowly, until it is stopped."""
    for _ in range(10_000):
        reporter.broadcast(float(quality))
        if not quality:
            threading.Event().wait(0.001)
    return float(quality)


def misbehaves(way):
    if way == "raises":
        raise ValueError("no such layer")
    return {"none": None, "text": "0.9", "nan": float("nan"), "good": 0.5}[way]


def always_raises(x):
    raise ValueError("no data")


def waits_for(x, path):
    """Returns when `path` is there."""
    until = time.monotonic() + 60
    while not Path(path).exists():
        if time.monotonic() > until:
            raise TimeoutError(path)
        threading.Event().wait(0.005)
    return x


def meets(x, folder, count):
    """Returns when so many processes have run this."""
    Path(folder, f"{os.getpid()}.met").touch()
    until = time.monotonic() + 60
    while len(list(Path(folder).glob("*.met"))) < count:
        if time.monotonic() > until:
            raise TimeoutError("the others did not come")
        threading.Event().wait(0.005)
    return x


def kills_its_worker_once(x, folder):
    """One trial kills the process that it runs in, at its first attempt."""
    try:
        Path(folder, "killed").touch(exist_ok=False)
    except FileExistsError:
        return x
    os.kill(os.getpid(), 9)


def kills_its_worker_if_odd(x):
    if x % 2:
        os.kill(os.getpid(), 9)
    return x


def tells_until_stopped(x, reporter):
    while True:
        reporter.broadcast(0.5)
        threading.Event().wait(0.005)


def hangs_in_c(x):
    """Odd trials never come back, and hold Python's lock."""
    if x % 2:
        ctypes.PyDLL(None).sleep(300)
    return x


def breaks(way):
    """Breaks its process, or tries to, in one of the ways that training functions have."""
    if way == "good":
        return 0.5
    if way == "exits":
        os._exit(3)
    if way == "raises SystemExit":
        raise SystemExit(3)
    if way == "comes back twice":
        child = os.fork()
        if child:
            os.waitpid(child, 0)
        return 0.25
    if way == "takes all memory":
        resource.setrlimit(resource.RLIMIT_AS, (2**32, resource.getrlimit(resource.RLIMIT_AS)[1]))
        return len([bytearray(2**28) for _ in range(64)])
    if way == "returns a bomb":

        class Bomb:
            def __float__(self):
                raise self.Fuse

            class Fuse(Exception):
                def __str__(self):
                    raise SystemExit("boom")

            def __reduce__(self):
                return os._exit, (3,)

        return Bomb()
    raise AssertionError(way)


def prints_a_gigabyte(x):
    line = "x" * (2**20 - 1)
    for _ in range(1024):
        print(line)
    return x


def tells_its_arguments(x, reporter):
    """Prints all that a training function can easily reach, and fails."""
    print(locals(), vars(reporter), os.environ)
    raise ValueError(f"{locals()}")
