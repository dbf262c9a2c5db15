"""A chart as SVG: axes, lines, marks and words. Pure.

It is made for an <img>: no script, no style sheet, no font or file from elsewhere. Coordinates are whole
numbers of half a pixel, and a line's are relative, as that is short.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from maggy.progress.format import clean
from maggy_widgets import look
from maggy_widgets.axis import Axis, label
from maggy_widgets.decimate import Point

# In half pixels. The right margin holds the names of lines.
WIDTH, HEIGHT = 1520, 640
LEFT, RIGHT, TOP, BOTTOM = 110, 250, 76, 84
FONT = 24


class Chart:
    """A chart in the making; `svg` is what it came to.

    Args:
        x, y: the axes; what lies outside is not seen.
        x_name, y_name: their names.
        note: a few words below.
    """

    def __init__(self, x: Axis, y: Axis, x_name: str, y_name: str, note: str) -> None:
        self.x, self.y = x, y
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'width="{WIDTH // 2}" height="{HEIGHT // 2}" font-family="system-ui,sans-serif" '
            f'font-size="{FONT}" fill="none" stroke-linejoin="round" stroke-linecap="round">'
            f"{_DEFINITIONS}"
        ]
        self._grid()
        self.text(LEFT - 90, 30, y_name)
        self.text(WIDTH - RIGHT, HEIGHT - 12, x_name, anchor="end")
        self.text(LEFT, HEIGHT - 12, note)

    def lines(self, curves: Iterable[Sequence[Point]], colour: str, width: float = 2, **style: str) -> None:
        """One line through each of the lists of points; a single point is a dot."""
        given = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in style.items())
        drawn = "".join(f'<path d="{d}"/>' for d in map(self._path, curves) if d)
        if drawn:
            self._parts.append(
                f'<g clip-path="url(#c)" stroke="{colour}" stroke-width="{width:g}"{given}>{drawn}</g>'
            )

    def text(self, x: float, y: float, words: str, colour: str = look.TEXT, **style: str) -> None:
        """Words at a place in half pixels; `anchor` and `weight` as in SVG's text-anchor and font-weight."""
        anchor, weight = style.get("anchor", "start"), style.get("weight", "normal")
        self._parts.append(
            f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{escape(clean(words, 60))}</text>"
        )

    def beside(self, point: Point, words: str, colour: str, weight: str = "normal") -> None:
        """Words to the right of a point, where it is drawn."""
        x, y = self._place(point)
        self.text(x + 14, min(max(y, TOP), HEIGHT - BOTTOM) + 8, words, colour, weight=weight)

    def legend(self, entries: Sequence[tuple[str, str, dict[str, str]]], dots: bool = False) -> None:
        """A sample of a line, or of a dot, and its meaning for each (words, colour, style), to the right."""
        x = WIDTH - RIGHT
        for words, colour, style in reversed(entries):
            x -= round(len(words) * FONT * 0.53)
            self.text(x, 30, words)
            given = {"stroke_width": "3", **style}
            drawn = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in given.items())
            sample = f"M{x - 24} 22h0" if dots else f"M{x - 62} 22h44"
            self._parts.append(f'<path d="{sample}" stroke="{colour}"{drawn}/>')
            x -= 96

    def svg(self) -> str:
        """The whole chart."""
        return "".join(self._parts) + "</svg>"

    def _grid(self) -> None:
        for tick in self.y.ticks(6):
            _, y = self._place((self.x.low, tick))
            self._parts.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="{look.GRID}"/>')
            self.text(LEFT - 14, y + 8, label(tick), anchor="end")
        for tick in self.x.ticks(8):
            x, _ = self._place((tick, self.y.low))
            self._parts.append(f'<path d="M{x} {HEIGHT - BOTTOM}v8" stroke="{look.TEXT}"/>')
            self.text(x, HEIGHT - BOTTOM + 34, label(tick), anchor="middle")

    def _place(self, point: Point) -> tuple[int, int]:
        x, y = self.x.at(point[0]), self.y.at(point[1])
        return (
            round(LEFT + _near(x) * (WIDTH - RIGHT - LEFT)),
            round(HEIGHT - BOTTOM - _near(y) * (HEIGHT - BOTTOM - TOP)),
        )

    def _path(self, points: Sequence[Point]) -> str:
        """The line as an SVG path: absolute, then relative places."""
        places = [self._place(p) for p in points]
        if not places:
            return ""
        (x, y), rest = places[0], places[1:]
        steps = []
        for next_x, next_y in rest:
            steps.append(f"{next_x - x} {next_y - y}".replace(" -", "-"))
            x, y = next_x, next_y
        return f"M{places[0][0]} {places[0][1]}" + ("l" + " ".join(steps) if steps else "h0")


def _near(at: float) -> float:
    """What is far outside need not be drawn far outside: a place needs few digits."""
    return min(max(at, -3.0), 4.0) if math.isfinite(at) else 0.0


def _marker(name: str, shape: str) -> str:
    return (
        f'<marker id="{name}" viewBox="-6 -6 12 12" markerWidth="13" markerHeight="13" '
        f'markerUnits="userSpaceOnUse">{shape}</marker>'
    )


# Ends of lines: a ring, a square, a cross and a disc.
_DEFINITIONS = (
    "<defs>"
    f'<clipPath id="c"><rect x="{LEFT}" y="{TOP - 12}" width="{WIDTH - LEFT - RIGHT + 12}" '
    f'height="{HEIGHT - TOP - BOTTOM + 12}"/></clipPath>'
    + _marker("ring", f'<circle r="4" stroke="{look.COLOURS[look.EARLY]}" stroke-width="2"/>')
    + _marker("square", f'<path d="M-4-4h8v8h-8z" fill="{look.COLOURS[look.HAND]}"/>')
    + _marker(
        "cross", f'<path d="M-4-4l8 8M-4 4l8-8" stroke="{look.COLOURS[look.FAILED]}" stroke-width="2.5"/>'
    )
    + _marker("disc", f'<circle r="5" fill="{look.COLOURS[look.RUNNING]}"/>')
    + "</defs>"
)
