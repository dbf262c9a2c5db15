"""How busy task slots were, from when each trial started and ended on them."""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from maggy.core.state import State
from maggy.driver.journal import read_journal


class Span(NamedTuple):
    """One trial on a slot, in seconds since the epoch, taken inside the training function."""

    slot: str
    start: float
    end: float


class Use(NamedTuple):
    """`share`: busy time over slots times (last end - first start). Gaps, in ms: from a trial's end to
    the next one's start on the same slot."""

    share: float
    median_gap: float
    p99_gap: float


def measured(folder: Path) -> list[Span]:
    """The spans of an experiment whose function broadcasts its start first and its end last."""
    trials = State(read_journal(folder)).trials.values()
    return [Span(str(t.worker), t.metric_history[0], t.metric_history[-1]) for t in trials]


def use(spans: Iterable[Span]) -> Use:
    """What the spans come to."""
    by_slot: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda s: s.start):
        by_slot[span.slot].append(span)
    gaps = sorted(1000 * (b.start - a.end) for row in by_slot.values() for a, b in itertools.pairwise(row))
    everything = [span for row in by_slot.values() for span in row]
    wall = max(s.end for s in everything) - min(s.start for s in everything)
    busy = sum(s.end - s.start for s in everything)
    return Use(busy / (wall * len(by_slot)), statistics.median(gaps), gaps[int(0.99 * len(gaps))])
