"""A driver program: runs the searches that its standard input asks for, one JSON line each.

Answers with one line each: the result, or what was raised. Makes no Spark session itself: `lagom` does,
as the environment says. Run as a script, so that its functions travel by value.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from functools import partial
from pathlib import Path

from maggy import Searchspace, arguments, experiment

ANSWER = "answer: "


def square(x):
    return x * x


def broadcasts_for_ever(x, reporter):
    while True:
        reporter.broadcast(0.5)
        threading.Event().wait(0.005)


def deaf(x):
    threading.Event().wait(120)


def where_it_runs(x):
    import maggy

    print(json.dumps({"python": sys.prefix, "maggy": maggy.__file__, "cwd": os.getcwd()}))
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


def waits_for(x, path):
    until = time.monotonic() + 60
    while not Path(path).exists():
        if time.monotonic() > until:
            raise TimeoutError(path)
        threading.Event().wait(0.005)
    return x


def kills_its_worker_once(x, folder):
    try:
        Path(folder, "killed").touch(exist_ok=False)
    except FileExistsError:
        return x
    os.kill(os.getpid(), 9)


def kills_its_worker_with_others(x, folder, count):
    """The first so many processes that run this wait for each other, and die together."""
    number = 0
    while True:
        with contextlib.suppress(FileExistsError):
            Path(folder, str(number)).touch(exist_ok=False)
            break
        number += 1
    if number >= count:
        return x
    waits_for(x, Path(folder, str(count - 1)))
    os.kill(os.getpid(), 9)


def kills_its_worker_if_one(x):
    if x == 1:
        os.kill(os.getpid(), 9)
    return x


def run(train, given=(), values=(0, 1), grace=None, **kwargs):
    """One search over the integers between two values; `given` are further arguments of `train`."""
    if grace is not None:
        arguments.GRACE = grace
    try:
        function = partial(globals()[train], **dict(given))
        space = Searchspace(x=("DISCRETE", list(values)))
        return experiment.lagom(function, space, **{"display": False, **kwargs})
    except Exception as error:
        return {"raised": type(error).__name__, "message": str(error)}


if __name__ == "__main__":
    for line in sys.stdin:
        print(ANSWER + json.dumps(run(**json.loads(line))), flush=True)
