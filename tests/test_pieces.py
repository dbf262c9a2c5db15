"""Journals in pieces: whatever was merged, cut short or left behind, they are the journal as written."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy import pieces
from maggy.exceptions import WireError

LINES = [f'{{"seq":{i}}}\n'.encode() for i in range(40)]
JOURNAL = b"".join(LINES)


def read(store: dict[str, bytes]) -> bytes:
    starts = pieces.wanted({name: len(data) for name, data in store.items()})
    return pieces.joined((start, store[name]) for name, start in starts.items())


def cut(counts: list[int]) -> list[tuple[int, int]]:
    """Pieces of so many lines each, from where to where in bytes; as many as the journal has lines for."""
    ends, line = [0], 0
    for count in counts:
        line = min(len(LINES), line + count)
        ends.append(sum(map(len, LINES[:line])))
    return [(a, b) for a, b in pairwise(ends) if b > a]


@given(st.lists(st.integers(1, 7), min_size=1, max_size=12), st.data())
def test_how_far_the_journal_is_there_is_seen_by_the_sizes_of_its_pieces(counts, data):
    spans = cut(counts)
    sizes = {pieces.name(a): b - a for a, b in spans} | {"lease.json": 7}
    assert pieces.covered(sizes) == spans[-1][1]
    missing = data.draw(st.sampled_from(spans))
    del sizes[pieces.name(missing[0])]
    assert pieces.covered(sizes) == missing[0]
    sizes[pieces.name(*missing)] = missing[1] - missing[0] - 1
    assert pieces.covered(sizes) == missing[0], "a merged piece that is cut short does not count"
    sizes[pieces.name(*missing)] += 1
    assert pieces.covered(sizes) == spans[-1][1]


@given(st.lists(st.integers(1, 7), min_size=1, max_size=12), st.data())
def test_the_journal_is_there_at_each_step_of_a_merge(counts, data):
    spans = cut(counts)
    store = {pieces.name(a): JOURNAL[a:b] for a, b in spans}
    store |= {"lease.json": b"{}", "result.json": b"{}"}
    whole = JOURNAL[: spans[-1][1]]
    assert read(store) == whole
    first = data.draw(st.integers(0, len(spans) - 1))
    last = data.draw(st.integers(first, len(spans) - 1))
    start, end = spans[first][0], spans[last][1]
    merged = pieces.name(start, end)
    store[merged] = JOURNAL[start : start + data.draw(st.integers(0, end - start - 1))]
    assert read(store) == whole, "a merged piece that is not whole does not count"
    store[merged] = JOURNAL[start:end]
    assert read(store) == whole
    for a, _ in data.draw(st.permutations(spans[first : last + 1])):
        del store[pieces.name(a)]
        assert read(store) == whole
    stray = data.draw(st.sampled_from(spans[first : last + 1]))[0]
    store[pieces.name(stray)] = b"of a driver that was taken for dead\n" * data.draw(st.integers(1, 20))
    assert read(store) == whole


@given(st.lists(st.integers(1, 7), min_size=1, max_size=12), st.data())
def test_a_driver_goes_on_after_the_last_whole_line_of_one_that_was_killed(counts, data):
    store: dict[str, bytes] = {}
    end = 0
    for count in counts:
        to = sum(map(len, LINES[: JOURNAL[:end].count(b"\n") + count]))
        torn = data.draw(st.integers(1, len(JOURNAL[end:to]) or 1))
        piece = JOURNAL[end:to][:torn]
        if piece:
            store[pieces.name(end)] = piece
        end += piece.rfind(b"\n") + 1
        assert read(store) == JOURNAL[:end]


def test_a_piece_that_is_missing_is_told():
    store = {pieces.name(a): JOURNAL[a:b] for a, b in cut([3, 3, 3])}
    second = sorted(store)[1]
    del store[second]
    with pytest.raises(WireError, match=f"the journal's piece {second} is missing"):
        read(store)


def test_nothing_is_an_empty_journal():
    assert read({}) == b""
    assert read({"trials": b"", "events.jsonl": JOURNAL, "events-1.jsonl": JOURNAL}) == b""
