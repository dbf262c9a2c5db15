"""Messages to bytes and bytes to frames. Pure.

A frame is four bytes of length, big-endian, then that many bytes of JSON.
"""

from __future__ import annotations

import struct
from typing import Any

from maggy.exceptions import WireError
from maggy.wire import Vocabulary

_LENGTH = struct.Struct(">I")

# Before the handshake is done nobody is trusted with more memory than this, in bytes.
HANDSHAKE_LIMIT = 1024
# A worker's largest frame is one of output or a batch of metrics, which the worker keeps far below.
FRAME_LIMIT = 16 * 1024 * 1024


def encode(vocabulary: Vocabulary, message: Any) -> bytes:
    """One frame. Raises WireError where it would be larger than any receiver takes."""
    body = vocabulary.dumps(message).encode()
    if len(body) > FRAME_LIMIT:
        raise WireError(f"a {type(message).__name__} of {len(body)} bytes; the limit is {FRAME_LIMIT}")
    return _LENGTH.pack(len(body)) + body


class Frames:
    """Cuts a stream of bytes into frames.

    Attributes:
        limit: the largest frame taken, in bytes; may be raised between frames.
    """

    def __init__(self, limit: int = HANDSHAKE_LIMIT) -> None:
        self.limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes in what came from the network."""
        self._buffer += data

    def next(self) -> bytes | None:
        """The next whole frame's body, None where more bytes are needed.

        Raises:
            WireError: the frame announces more than `limit` bytes.
        """
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > self.limit:
            raise WireError(f"a frame of {length} bytes; the limit is {self.limit}")
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_LENGTH.size : end])
        del self._buffer[:end]
        return body
