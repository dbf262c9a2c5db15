"""Fewer points that look the same. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
Point = tuple[float, float]


def finite(steps: Sequence[float], values: Sequence[float]) -> list[Point]:
    """The points (step, value) that can be drawn: those of a finite value."""
    return [(s, v) for s, v in zip(steps, values, strict=True) if math.isfinite(v)]


def thin(points: Sequence[Point], most: int) -> list[Point]:
    """At most `most` (>= 4) of the points: the ends, and of each stretch between the lowest and the highest.

    A line through them covers what the line through all of them covers, at a width of `most` / 2 pixels.
    """
    if len(points) <= most:
        return list(points)
    inner = range(1, len(points) - 1)
    stretches = (most - 2) // 2
    kept = {0, len(points) - 1}
    for n in range(stretches):
        stretch = inner[n * len(inner) // stretches : (n + 1) * len(inner) // stretches]
        kept |= {min(stretch, key=lambda i: points[i][1]), max(stretch, key=lambda i: points[i][1])}
    return [points[i] for i in sorted(kept)]


def spread(things: Sequence[T], most: int) -> list[T]:
    """At most `most` (>= 1) of the things, evenly spread over them, the last among them."""
    if len(things) <= most:
        return list(things)
    return [things[(n + 1) * len(things) // most - 1] for n in range(most)]
