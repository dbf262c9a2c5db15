"""Catches what a trial prints, up to a bound, until the next heartbeat takes it along."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

# Bytes kept between two heartbeats; what comes on top is counted and dropped.
MOST_PENDING = 1024 * 1024

# Reentrant: a finalizer that prints may run anywhere. A fork waits for it, so that no child finds it held.
_lock = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


_Decoder = codecs.getincrementaldecoder("utf-8")


class OutputBuffer(io.RawIOBase):
    """A byte stream that keeps what is written until it is taken. Any thread may write."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._dropped = 0
        self._decoder = _Decoder("replace")

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        with _lock:
            if len(self._pending) + size > MOST_PENDING:
                self._dropped += size
            else:
                self._pending += data
        return size

    def write_text(self, text: str) -> None:
        """Adds text, encoded as UTF-8."""
        self.write(text.encode("utf-8", "replace"))

    def take(self) -> str:
        """The text since the last call, with a line on what was dropped. Called by one thread at a time."""
        if not self._pending and not self._dropped:
            return ""
        with _lock:
            pending, self._pending = self._pending, bytearray()
            dropped, self._dropped = self._dropped, 0
        text = self._decoder.decode(pending)
        return f"{text}\n[maggy: {dropped} bytes of output dropped]\n" if dropped else text


@contextlib.contextmanager
def captured(buffer: OutputBuffer) -> Iterator[None]:
    """Sends `sys.stdout` and `sys.stderr` of this process to the buffer.

    A Spark task has the process to itself, so the streams can be exchanged for all of it.
    """
    _Open.current = buffer
    stream = io.TextIOWrapper(_Open(), "utf-8", "replace", write_through=True)  # type: ignore[type-var]
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = stream
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        with contextlib.suppress(ValueError):  # the training function closed it
            stream.flush()


class _Open(io.BufferedIOBase):
    """Passes writes on to the latest trial's buffer, and survives the closing of the text stream above it.

    The latest, because a log handler made in one trial keeps its stream for all that follow.
    """

    current: ClassVar[OutputBuffer]

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self.current.write(data)
