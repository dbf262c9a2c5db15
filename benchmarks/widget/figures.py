"""Figures and the table that they are printed in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass


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


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


def show(title: str, figures: Sequence[Figure]) -> None:
    print(f"\n{title}  [{load()} at its end]")
    for figure in figures:
        limit = f"  limit {figure.limit}" if figure.limit else ""
        print(f"  {figure.what:<46} {figure.value:<52}{limit}".rstrip(), flush=True)
