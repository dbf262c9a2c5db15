"""What is measured with a real search on a local Spark: from broadcast to pixel, from click to stop."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.widget.desk import Desk, Place, desk
from benchmarks.widget.figures import Figure, spread
from benchmarks.widget.machine import cpu
from benchmarks.widget.madeup import LOOK, show
from tests.waiting import eventually

STOPS = 10
SETUP = """
import os, threading, time
from pathlib import Path
from maggy import Searchspace, experiment
from pyspark.sql import SparkSession
from benchmarks.widget.search import stamp

settings = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.log.level": "FATAL"}
spark = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
space = Searchspace(x=("DOUBLE", [0.0, 1.0]))
folder = str(Path.cwd())

def fast(x, reporter):  # 500 metrics a second
    import os, threading, time
    begin, step = time.monotonic(), 0
    while True:
        reporter.broadcast(stamp(0.5 + x / 3, time.time()))
        step += 1
        threading.Event().wait(max(0.0, begin + step / 500 - time.monotonic()))

def steady(x, reporter):
    import threading, time
    try:
        while True:
            reporter.broadcast(x)
            threading.Event().wait(0.02)
    except BaseException:
        with open(f"{folder}/stops", "a") as stops:
            stops.write(f"{time.time()}\\n")
        raise

def idle(x, reporter):
    import threading
    reporter.broadcast(x)
    for _ in range(10_000):
        threading.Event().wait(0.1)
        if Path(f"{folder}/enough").exists():
            return x

def search(train, **settings):
    settings = {"num_trials": 2, "hb_interval": 0.05, "es_policy": "none", "name": "bench", **settings}
    return experiment.lagom(train, space, **settings)
"""
FAST = "handle = search(fast, wait=False)\nhandle"
STEADY = f"search(steady, num_trials={STOPS + 2})['best_val']"
IDLE = "search(idle, hb_interval=1)"


def latency(place: Place) -> list[Figure]:
    """Two workers that broadcast 500 metrics a second each."""
    with desk(place, [SETUP, FAST]) as at:
        at.notebook.run(1)
        show(at, 2)
        at.wait_for("() => probe.points > 1000")
        at.probe("void (probe.timing = true)")
        at.look(2 * LOOK)
        figures = [
            Figure(
                "metric to pixel, 2 workers at 500/s",
                spread(at.probe("probe.latencies.received")),
                "p95 300 ms",
            ),
            Figure("broadcast to pixel, the same", spread(at.probe("probe.latencies.broadcast"))),
        ]
        at.execute("handle.stop()\nhandle.wait()")
        return figures


def stops(place: Place) -> list[Figure]:
    """Clicks on Stop while the cell blocks."""
    with desk(place, [SETUP, STEADY]) as at:
        at.notebook.run(1)
        show(at, 2)
        told = place.server.folder / "stops"
        took = [_stop(at, told, n) for n in range(1, STOPS + 1)]
        at.notebook.interrupt_kernel()
        at.notebook.wait_for_kernel()
        told.unlink()
        return [Figure(f"click to stop, blocking cell, {place.kernel}", spread(took, "max"), "300 ms")]


def _stop(at: Desk, told: Path, count: int) -> float:
    """Milliseconds from the click to the broadcast that raised."""
    running = at.page.get_by_role("button", name=re.compile("^Stop trial"))
    eventually(lambda: running.count() == 2, seconds=30)
    at.look(0.3)
    running.first.click()
    eventually(lambda: told.exists() and len(told.read_text().split()) == count, seconds=30)
    return 1000 * float(told.read_text().split()[-1]) - float(at.probe("probe.clickedAt"))


def rest(place: Place) -> list[Figure]:
    """The kernel while the trials take their time, and when all is over."""
    enough = place.server.folder / "enough"
    with desk(place, [SETUP, IDLE]) as at:
        at.notebook.run(1)
        process = int(at.execute("", "os.getpid()"))
        show(at, 2)
        at.wait_for("() => probe.points > 1")
        at.look(3)
        running = cpu(process, 10)
        enough.touch()
        at.notebook.wait_for_kernel()
        at.look(3)
        over = cpu(process, 10)
        enough.unlink()
        return [
            Figure("kernel's processor, blocking, nothing happens", f"{running:.1f} % of a core", "5 %"),
            Figure("kernel's processor after the search", f"{over:.1f} % of a core", "5 %"),
        ]
