"""A journal in pieces, for stores where nothing can be appended. Pure.

The journal is one sequence of bytes, whole lines. A piece is named by where in it the piece starts, so that
two drivers that go on from the same place ask for the same name, and a store gives it to one. Small pieces
are merged at times: a merged one is named by where it ends, too, and counts only if it is that long. What it
was made of may still be there, and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from maggy.exceptions import WireError

_NAME = re.compile(r"events-(\d{15})(?:-(\d{15}))?\.jsonl")
# The name of every journal's first piece, merged or not, begins with it.
FIRST = f"events-{0:015d}"


def name(start: int, end: int | None = None) -> str:
    """The name of the piece that starts at a byte; with `end`, of a merged one."""
    return f"events-{start:015d}.jsonl" if end is None else f"events-{start:015d}-{end:015d}.jsonl"


def wanted(sizes: Mapping[str, int]) -> dict[str, int]:
    """The pieces that have to be read, and where each starts.

    Args:
        sizes: the size in bytes of all that is there, by name; other names are passed over.
    """
    spans = {n: span for n, size in sizes.items() if (span := _span(n, size)) is not None}
    merged = [span for n, span in spans.items() if _is_merged(n)]
    return {n: s[0] for n, s in spans.items() if not any(_superseded(s, m, _is_merged(n)) for m in merged)}


def _superseded(span: tuple[int, int], merged: tuple[int, int], alike: bool) -> bool:
    """Whether a merged piece stands in this one's place. Where it starts decides of one that is not merged.

    That may be longer: its writer was taken for dead, and came back when its name was free again.
    """
    inside = merged[0] <= span[0] < merged[1]
    return inside and (span[1] <= merged[1] and span != merged if alike else True)


def covered(sizes: Mapping[str, int]) -> int:
    """How many bytes of the journal are there, up to the first that is missing. Takes what `wanted` takes."""
    end = 0
    for start, until in sorted(span for n, size in sizes.items() if (span := _span(n, size)) is not None):
        if start > end:
            break
        end = max(end, until)
    return end


def joined(pieces: Iterable[tuple[int, bytes]]) -> bytes:
    """The journal of its pieces, each with its start. Raises WireError where one is missing.

    A piece whose writer was killed may end within a line; the next one goes on after its last whole line.
    """
    whole = bytearray()
    for start, data in sorted(pieces, key=lambda piece: (piece[0], -len(piece[1]))):
        if start > len(whole):
            raise WireError(f"the journal's piece {name(len(whole))} is missing")
        if start == len(whole):
            whole += data[: data.rfind(b"\n") + 1]
    return bytes(whole)


def _is_merged(piece: str) -> bool:
    return piece.count("-") == 2


def _span(piece: str, size: int) -> tuple[int, int] | None:
    """From where to where it goes; None where it is none, or a merged one cut short."""
    found = _NAME.fullmatch(piece)
    if found is None:
        return None
    start = int(found[1])
    if found[2] is not None and int(found[2]) != start + size:
        return None
    return start, start + size
