"""Catches what a trial prints, up to a bound, until the next heartbeat takes it along."""

from __future__ import annotations

import codecs
import contextlib
import io
import sys
from collections import deque
from collections.abc import Iterator
from typing import Any

# Bytes kept between two heartbeats; what comes on top is counted and dropped.
MOST_PENDING = 1024 * 1024


class OutputBuffer(io.RawIOBase):
    """A byte stream that keeps what is written until it is taken. Any thread may write."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._dropped = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        chunk = bytes(data)
        if self._size + len(chunk) > MOST_PENDING:
            self._dropped += len(chunk)
        else:
            self._size += len(chunk)
            self._chunks.append(chunk)
        return len(chunk)

    def write_text(self, text: str) -> None:
        """Adds text, encoded as UTF-8."""
        self.write(text.encode("utf-8", "replace"))

    def take(self) -> str:
        """The text since the last call, with a line on what was dropped."""
        chunks = [self._chunks.popleft() for _ in range(len(self._chunks))]
        self._size -= sum(map(len, chunks))
        text = self._decoder.decode(b"".join(chunks))
        dropped, self._dropped = self._dropped, 0
        return f"{text}\n[maggy: {dropped} bytes of output dropped]\n" if dropped else text


@contextlib.contextmanager
def captured(buffer: OutputBuffer) -> Iterator[None]:
    """Sends `sys.stdout` and `sys.stderr` of this process to the buffer.

    A Spark task has the process to itself, so the streams can be exchanged for all of it.
    """
    stream = io.TextIOWrapper(_Open(buffer), "utf-8", "replace", write_through=True)  # type: ignore[type-var]
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = stream
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        with contextlib.suppress(ValueError):  # the training function closed it
            stream.flush()


class _Open(io.BufferedIOBase):
    """Passes writes on, and survives the closing of the text stream above it."""

    def __init__(self, buffer: OutputBuffer) -> None:
        self._buffer = buffer

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._buffer.write(data)
