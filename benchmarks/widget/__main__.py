"""See the package's words."""

from __future__ import annotations

import argparse
import os
import tempfile
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

import benchmarks.widget
from benchmarks.widget import madeup, real
from benchmarks.widget.desk import Place
from benchmarks.widget.figures import show
from tests.browser.server import kernels, serving

PARTS = ("latency", "stops", "rest", "sizes")


def main() -> None:
    asked = _arguments()
    print(f"load {os.getloadavg()[0]:.1f} before; figures are worth little where others use the machine, too")
    home = tempfile.TemporaryDirectory()
    with home as folder, serving(Path(folder)) as server, sync_playwright() as playwright:
        run(asked, Place(playwright, server, asked.kernel))


def run(asked: argparse.Namespace, place: Place) -> None:
    if "latency" in asked.parts:
        show("Latency, a made-up search", lambda: madeup.latency(place))
        show("Latency, a real search", lambda: real.latency(place))
    if "stops" in asked.parts:
        show("Stop", lambda: real.stops(place))
    if "rest" in asked.parts:
        show("At rest", lambda: real.rest(place))
    if "sizes" in asked.parts:
        empty = madeup.memory(place)
        for finished in asked.sizes:
            title = f"{finished:,} trials of {madeup.STEPS} steps, {madeup.RUNNING} running"
            show(title, partial(madeup.size, place, finished, empty))


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
