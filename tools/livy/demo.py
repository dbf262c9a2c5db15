"""`python -m tools.livy.demo`: a search over a real Livy from PySparkKernel, and how long things take.

The clock starts when the remote driver notes an event and stops when the notebook's client, which stands for
the browser, has it from the widget's model; both are on this machine, so their clocks agree.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.livy.kernels import PYSPARK, View, running
from tools.livy.server import livy_server

SECONDS = 10.0
STOPS = 10
CELL = """%%maggy -o found
import time
from maggy import Searchspace, experiment

def train(x, reporter):
    while True:
        reporter.broadcast(x)
        time.sleep(0.05)

experiment.lagom(train, Searchspace(x=("DOUBLE", [0.0, 1.0])), num_trials=100, hb_interval=0.1,
                 es_policy="none", name="livy-demo")
"""
STOP = """%%local
import time
def stop():
    with found.looking() as state:
        trial = next(t for t in state.trials.values() if t.status == "RUNNING")
    begun = time.perf_counter()
    found.stop_trial(trial.trial_id)
    return time.perf_counter() - begun
took = []
"""


def main() -> None:
    try:
        with tempfile.TemporaryDirectory() as home, livy_server() as livy:
            print(f"Livy 0.9 at {livy.url}; PySparkKernel starts a session ...", flush=True)
            with running(PYSPARK, livy.url, Path(home)) as kernel:
                kernel.run(CELL, 300)
                measure(View(kernel))
                kernel.run("%%local\nfound.stop(); found.result(30)")
    except (FileNotFoundError, RuntimeError) as error:
        sys.exit(str(error))


def measure(view: View) -> None:
    kernel, latencies, counted = view.kernel, list[float](), 0
    until = time.monotonic() + SECONDS

    def count() -> bool:
        nonlocal counted
        frames = view.messages("Frame")
        now = time.time()
        latencies.extend(now - record["time"] for frame in frames[counted:] for record in frame["records"])
        counted = len(frames)
        return time.monotonic() > until

    kernel.until(count, SECONDS + 10)
    show("event, driver to the widget's model", latencies)
    kernel.run(STOP)
    for stopped in range(STOPS):
        kernel.until(lambda n=stopped: len(view.events("TrialStopped")) >= n)
        kernel.run("%%local\ntook.append(stop())")
    show("Stop until it is acknowledged", list(map(float, kernel.run("%%local\nprint(*took)").split())))


def show(what: str, seconds: list[float]) -> None:
    ordered = sorted(1000 * s for s in seconds)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{what}: median {statistics.median(ordered):.0f} ms, p95 {p95:.0f} ms ({len(ordered)} of them)")


if __name__ == "__main__":
    main()
