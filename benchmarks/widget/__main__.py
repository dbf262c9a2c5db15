"""See the package's words."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import benchmarks.widget
from benchmarks.widget import madeup, real
from benchmarks.widget.figures import load, show
from tests.browser.server import kernels, serving

PARTS = ("latency", "stops", "rest", "sizes")


def main() -> None:
    asked = _arguments()
    print(f"{os.cpu_count()} cores, {load()} before; worth little where others load the machine")
    with (
        tempfile.TemporaryDirectory() as home,
        serving(Path(home)) as server,
        sync_playwright() as playwright,
    ):
        where = (playwright, server, asked.kernel)
        if "latency" in asked.parts:
            show("Latency, a made-up search", madeup.latency(*where))
            show("Latency, a real search", real.latency(*where))
        if "stops" in asked.parts:
            show("Stop", real.stops(*where))
        if "rest" in asked.parts:
            show("At rest", real.rest(*where))
        if "sizes" in asked.parts:
            figures, page = madeup.empty(*where)
            show("An empty notebook", figures)
            for finished in asked.sizes:
                title = f"{finished:,} trials of {madeup.STEPS} steps, {madeup.RUNNING} running"
                show(title, madeup.size(*where, finished, page))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.widget", description=benchmarks.widget.__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("parts", nargs="*", default=[*PARTS], help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--kernel", default="python3", choices=sorted(kernels()))
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000], metavar="TRIALS")
    return parser.parse_args()


if __name__ == "__main__":
    main()
