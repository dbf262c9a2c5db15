"""Frames: bytes to messages and back."""

from __future__ import annotations

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy.exceptions import WireError
from maggy.rpc import messages as msg
from maggy.rpc.codec import FRAME_LIMIT, HANDSHAKE_LIMIT, Frames, encode
from tests.rpc.served import framed


def drain(frames: Frames) -> list[bytes]:
    return list(iter(frames.next, None))


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(c % (len(data) + 1) for c in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


@given(st.lists(st.binary(max_size=40)), st.lists(st.integers(0, 10_000)))
def test_frames_come_out_as_they_went_in_however_the_stream_is_split(bodies, cuts):
    frames, seen = Frames(limit=40), []
    for piece in pieces(b"".join(map(framed, bodies)), cuts):
        frames.feed(piece)
        seen += drain(frames)
    assert seen == bodies


@given(st.lists(st.one_of(st.binary(max_size=30), st.binary(max_size=8).map(framed))))
def test_any_bytes_give_frames_or_a_wire_error_and_never_more_waits_than_the_limit(chunks):
    frames, fed, taken = Frames(limit=8), 0, 0
    for chunk in chunks:
        frames.feed(chunk)
        fed += len(chunk)
        try:
            taken += sum(4 + len(body) for body in drain(frames))
        except WireError:
            return
        assert fed - taken < 4 + 8


@given(st.binary(max_size=200))
def test_any_body_gives_a_message_or_a_wire_error(body):
    for vocabulary in (msg.HANDSHAKE, msg.TO_WORKER, msg.TO_DRIVER):
        with pytest.raises(WireError):
            vocabulary.loads(body)


def test_a_frame_above_the_limit_is_refused_when_its_length_is_known():
    frames = Frames(limit=100)
    frames.feed(struct.pack(">I", 101))
    with pytest.raises(WireError, match="a frame of 101 bytes; the limit is 100"):
        frames.next()


def test_a_stranger_gets_little_memory():
    assert Frames().limit == HANDSHAKE_LIMIT <= 1024


def test_the_limit_may_be_raised_between_frames():
    frames = Frames(limit=1)
    frames.feed(framed(b"a") + framed(b"bb"))
    assert frames.next() == b"a"
    frames.limit = 2
    assert frames.next() == b"bb"


@pytest.mark.timeout(10)  # quadratic work would take minutes
def test_many_tiny_frames_in_one_read_cost_no_more_than_one_by_one():
    frames = Frames()
    frames.feed(framed(b"") * 500_000)
    assert len(drain(frames)) == 500_000


@pytest.mark.timeout(10)
def test_a_large_frame_in_many_tiny_reads_is_put_together():
    frames, body = Frames(FRAME_LIMIT), b"x" * 2_000_000
    data = framed(body)
    for start in range(0, len(data), 10):
        assert frames.next() is None
        frames.feed(data[start : start + 10])
    assert frames.next() == body


def test_a_message_too_large_for_any_receiver_is_not_sent():
    with pytest.raises(WireError, match=f"a Output of .* the limit is {FRAME_LIMIT}"):
        encode(msg.TO_DRIVER, msg.Output("t", 1, "x" * FRAME_LIMIT))


@given(st.text(), st.lists(st.tuples(st.integers(), st.floats(allow_nan=False))))
def test_messages_come_back_as_they_were(text, metrics):
    steps, values = tuple(s for s, _ in metrics), tuple(v for _, v in metrics)
    for message in (msg.Heartbeat(text, 1, steps, values), msg.Output("t", 2, text)):
        frames = Frames(FRAME_LIMIT)
        frames.feed(encode(msg.TO_DRIVER, message))
        assert msg.TO_DRIVER.loads(frames.next()) == message
