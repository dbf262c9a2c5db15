"""How fast trials are handed out, and what a report costs: `python -m benchmarks.dispatch`.

Prints slot use and the gaps between trials on local[2] beside those of a bare socket loop in the same
run, microseconds per broadcast, and the heartbeats a second that the driver takes in.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.heartbeats import heartbeats_a_second
from benchmarks.limit import bare_loop
from benchmarks.slots import Use, measured, use
from maggy import Searchspace, experiment
from maggy.executor.reporter import Reporter

SLOTS = 2


def train(seconds: float, reporter: Reporter) -> float:
    """Sleeps, and tells when."""
    reporter.broadcast(time.time())
    if seconds:
        time.sleep(seconds)
    reporter.broadcast(time.time())
    return 1.0


def on_spark(trials: int, seconds: float) -> Use:
    """Slot use of a random search on the active session."""
    with tempfile.TemporaryDirectory() as folder:
        space = Searchspace(seconds=("DISCRETE", [seconds]))
        found = experiment.lagom(
            train, space, num_trials=trials, es_policy="none", display=False, directory=folder
        )
        return use(measured(Path(found["path"])))


def microseconds_a_broadcast(calls: int = 200_000) -> float:
    """Of one `reporter.broadcast`, with what a heartbeat takes away in between."""
    reporter = Reporter()
    spent = 0.0
    for _round in range(10):
        start = time.perf_counter()
        for _ in range(calls // 10):
            reporter.broadcast(0.5)
        spent += time.perf_counter() - start
        reporter.take_metrics()
    return 1e6 * spent / calls


def _row(name: str, found: Use) -> str:
    return f"{name:<34}{100 * found.share:>9.2f} %{found.median_gap:>12.3f}{found.p99_gap:>12.3f}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=200)
    options.add_argument("--ms", type=float, default=50.0, help="length of a trial")
    given = options.parse_args()
    session = _session()
    seconds = given.ms / 1000
    on_spark(2 * SLOTS, 0.0)  # so that Spark's first start is not measured
    print(f"{given.trials} trials of {given.ms:g} ms on {SLOTS} slots")
    print(f"{'':<34}{'slot use':>11}{'median gap':>12}{'p99 gap, ms':>12}")
    for _ in range(3):
        print(_row("maggy on Spark local[2]", on_spark(given.trials, seconds)))
        print(_row("limit: a bare socket loop", use(bare_loop(given.trials, SLOTS, seconds))))
    print(_row("maggy, trials that return at once", on_spark(1000, 0.0)))
    print(f"{'a broadcast':<34}{microseconds_a_broadcast():>9.3f} us")
    for workers in (2, 50):
        print(f"{f'heartbeats from {workers} workers':<34}{heartbeats_a_second(workers):>9,.0f} a second")
    session.stop()


def _session() -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[{SLOTS}]").config("spark.ui.enabled", "false")
    return builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()


if __name__ == "__main__":
    main()
