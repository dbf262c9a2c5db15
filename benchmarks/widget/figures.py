"""Figures and the table that they are printed in."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.widget.machine import watching


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured; `limit` is what it should keep to, '' where there is none."""

    what: str
    value: str
    limit: str = ""


def spread(milliseconds: Sequence[float], named: str = "p95") -> str:
    """Median and 95th percentile, or the maximum."""
    ordered = sorted(milliseconds)
    if not ordered:
        return "nothing seen"
    high = ordered[-1] if named == "max" else ordered[int(0.95 * (len(ordered) - 1))]
    return f"median {ordered[len(ordered) // 2]:.0f} ms, {named} {high:.0f} ms  (n={len(ordered)})"


def show(title: str, measure: Callable[[], Sequence[Figure]]) -> None:
    """Measures and prints, and how much others had of the machine meanwhile."""
    with watching() as others:
        figures = measure()
    print(f"\n{title}  [others used {others.cores:.2f} of {os.cpu_count()} cores]")
    for figure in figures:
        limit = f"  limit {figure.limit}" if figure.limit else ""
        print(f"  {figure.what:<46} {figure.value:<64}{limit}".rstrip(), flush=True)
