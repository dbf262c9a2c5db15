"""What is measured with a made-up search: latency of a crowd, frames a second, bytes, memory, reload."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable

from benchmarks.widget.desk import CURVES, TABLE, Desk, Place, desk
from benchmarks.widget.figures import Figure, spread
from benchmarks.widget.machine import cpu

RUNNING, STEPS = 50, 50
LOOK = 6.0  # seconds
SCROLL = 1500  # pixels a second
SEARCH = """
import os, time
from benchmarks.widget.search import MadeUp
made = MadeUp({finished}, {running}, {length})
made.handle
"""
FULL = "() => probe.snapshotAt !== null"


def latency(place: Place) -> list[Figure]:
    """From the feed to the picture, with 50 running trials and 1,000 metrics a second."""
    with desk(place, [SEARCH.format(finished=100, running=RUNNING, length=1000)]) as at:
        show(at)
        at.execute("made.play(1000, 0.002)")
        at.look(3)
        at.probe("void (probe.timing = true)")
        at.look(2 * LOOK)
        return [
            Figure("clocks of browser and kernel differ by", f"{clocks(at):.1f} ms"),
            Figure(
                "metric to pixel, 1,000/s, 50 running",
                spread(at.probe("probe.latencies.received")),
                "p95 300 ms",
            ),
        ]


def memory(place: Place) -> tuple[float, float]:
    """Of a page without a view: JavaScript's heap and the private memory of its process, in MB."""
    with desk(place, []) as at:
        at.look(3)
        return at.memory()


def size(place: Place, finished: int, empty: tuple[float, float]) -> list[Figure]:
    """Everything at one size, with 50 running trials that report together ten times a second."""
    with desk(place, [SEARCH.format(finished=finished, running=RUNNING, length=STEPS)]) as at:
        show(at)
        process = int(at.execute("", "os.getpid()"))
        at.look(2)
        quiet = cpu(process, LOOK)
        at.execute("made.play(500, 0.1)")
        at.look(1)
        figures = [*_wire(at), *_smoothness(at), *_used(at, empty)]
        at.execute("made.rest()")
        figures.append(Figure("kernel's processor, nothing happens", f"{quiet:.1f} % of a core", "5 %"))
        return [*figures, _reload(at)]


def show(at: Desk, cell: int = 1) -> None:
    """Starts the cell; returns when its search has been painted, and is before us."""
    at.notebook.run(0)
    at.notebook.start(cell)
    at.page.locator(CURVES).scroll_into_view_if_needed()  # out of sight it is not painted
    at.wait_for(FULL)


def clocks(at: Desk) -> float:
    """By how many milliseconds the browser's clock is ahead; a thousandth of a second is as fine as it is."""
    found = []
    for _ in range(20):
        before = time.time()
        theirs = at.probe("Date.now()")
        found.append((time.time() - before, theirs - 1000 * (before + time.time()) / 2))
    return float(min(found)[1] + 0.5)


def _wire(at: Desk) -> list[Figure]:
    names = ("messages", "bytes", "frames", "events", "points")
    count = f"({{{', '.join(f'{name}: probe.{name}' for name in names)}}})"
    before = at.probe(count)
    at.look(LOOK)
    got = {name: value - before[name] for name, value in at.probe(count).items()}
    return [
        Figure("frames of the search", f"{got['frames'] / LOOK:.1f} a second", "10"),
        Figure("all messages to the browser", f"{got['messages'] / LOOK:.1f} a second", "1,000"),
        Figure(
            "bytes on the wire",
            f"{got['bytes'] / got['events']:.0f} an event, {got['bytes'] / got['points']:.0f} a metric, "
            f"{got['bytes'] / LOOK / 1000:.0f} kB a second",
        ),
    ]


def _smoothness(at: Desk) -> list[Figure]:
    return [
        _counted(at, "nobody does anything", "live", lambda n: at.look(0.1)),
        _counted(at, "hovering the curves", "top", _hover(at)),
        _counted(at, "scrolling the table", "rows", _scroll(at)),
    ]


def _counted(at: Desk, what: str, watched: str, act: Callable[[int], None]) -> Figure:
    at.page.evaluate(f"probe.count({LOOK}, '{watched}')")
    for n in itertools.count():
        if n % 10 == 0 and at.probe("probe.counted !== null"):
            break
        act(n)
    got = at.probe("probe.counted")
    frames = got["frames"] / got["seconds"]
    drawn = got["drawn"] / got["seconds"]
    value = f"{frames:.1f} frames a second, {drawn:.1f} drawn anew; longest {got['longest']:.0f} ms"
    return Figure(what, value, "50")


def _hover(at: Desk) -> Callable[[int], None]:
    """Round and round over the plot."""
    at.page.locator(CURVES).scroll_into_view_if_needed()
    box = at.page.locator(CURVES).bounding_box()
    assert box is not None

    def act(n: int) -> None:
        x = box["x"] + box["width"] * (0.5 + 0.4 * math.cos(n / 23))
        at.page.mouse.move(x, box["y"] + box["height"] * (0.5 + 0.35 * math.sin(n / 17)))

    return act


def _scroll(at: Desk) -> Callable[[int], None]:
    """Down and up again, a little in every frame, as by a touchpad."""
    table = at.page.locator(TABLE)
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    room = table.evaluate("table => table.scrollHeight - table.clientHeight")
    distance = min(SCROLL, room)
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    return lambda n: at.gesture(**middle, yDistance=distance if n % 2 else -distance, speed=SCROLL)


def _used(at: Desk, empty: tuple[float, float]) -> list[Figure]:
    heap, private = at.memory()
    return [
        Figure("memory of an empty notebook's page", _memory(*empty)),
        Figure("memory of this page", _memory(heap, private)),
        Figure("memory of the view", _memory(heap - empty[0], private - empty[1]), "200 MB"),
    ]


def _memory(heap: float, private: float) -> str:
    return f"heap {heap:.0f} MB, process {private:.0f} MB"


def _reload(at: Desk) -> Figure:
    at.notebook.save()
    at.notebook.reload()
    at.wait_for(FULL)
    shown = at.probe("probe.snapshotAt / 1000")
    size = at.probe("probe.largest") / 1e6
    took = at.probe("(probe.snapshotAt - probe.askedAt) / 1000")
    return Figure(
        "reloaded page", f"shows it all after {shown:.1f} s; snapshot of {size:.1f} MB took {took:.2f} s"
    )
