"""The worker's end: a blocking socket, read by one thread and written by one at a time."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import weakref
from collections.abc import Iterator
from typing import Any

from maggy.exceptions import WireError
from maggy.rpc import messages as msg
from maggy.rpc.codec import FRAME_LIMIT, Frames, encode
from maggy.rpc.handshake import WorkerSide
from maggy.rpc.keepalive import keep_alive
from maggy.rpc.tls import Channel
from maggy.wire import Vocabulary

# Seconds for the connection and for each step of the handshake.
CONNECT_DEADLINE = 30.0

_open: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def _close_inherited() -> None:
    """Leaves the connections to the parent, so that they end when the parent is killed."""
    for sock in list(_open):
        sock.close()


if hasattr(os, "register_at_fork"):  # training functions fork: data loaders, process pools
    os.register_at_fork(after_in_child=_close_inherited)


class Client:
    """A connection to the driver, made and proved.

    Args:
        host, port: where the driver listens.
        secret: the experiment's.
        certificate: the driver's, in PEM, where it speaks TLS.

    Raises:
        OSError: the driver cannot be reached, closed the connection, or has another certificate.
        WireError: it does not know the secret, or speaks another protocol.
    """

    def __init__(self, host: str, port: int, secret: bytes, certificate: str | None = None) -> None:
        self._frames = Frames()
        self._socket = socket.create_connection((host, port), timeout=CONNECT_DEADLINE)
        _open.add(self._socket)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            keep_alive(self._socket)
            self._tls = None if certificate is None else Channel(certificate)
            if self._tls is not None:
                self._tls.shake_hands(self._socket)
            self.worker = self._shake_hands(WorkerSide(secret))
            self._frames.limit = FRAME_LIMIT
            self._socket.settimeout(None)
            self._selector = selectors.DefaultSelector()
        except BaseException:
            self._socket.close()
            raise

    def send(self, *messages: Any) -> None:
        """Sends the messages in one go. Raises OSError where the driver is gone."""
        self._send(b"".join(encode(msg.TO_DRIVER, m) for m in messages))

    def receive(self) -> Any:
        """Waits for the driver's next message; None where the driver is gone or talks nonsense."""
        try:
            return self._receive(msg.TO_WORKER)
        except (OSError, WireError):
            return None

    def receive_ready(self) -> Iterator[Any]:
        """The messages that came already, without waiting; None last where the driver is gone."""
        try:
            with contextlib.suppress(BlockingIOError):
                self._feed(socket.MSG_DONTWAIT)
        except OSError:
            yield None
        else:
            yield from self.buffered()

    def buffered(self) -> Iterator[Any]:
        """The messages that came along with those received; None last where they are nonsense."""
        try:
            while (body := self._frames.next()) is not None:
                yield msg.TO_WORKER.loads(body)
        except WireError:
            yield None

    def wait(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds for something to receive, while `watch` is on; whether there is."""
        return bool(self._selector.select(max(0.0, timeout)))

    def watch(self, on: bool) -> None:
        """Whether what comes wakes a `wait` in another thread; off at first."""
        if on:
            self._selector.register(self._socket, selectors.EVENT_READ)
        else:
            self._selector.unregister(self._socket)

    def hang_up(self) -> None:
        """Ends the connection; whoever waits for the driver's word in another thread hears that."""
        with contextlib.suppress(OSError):  # the driver was faster
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Ends the connection and frees it. Nobody may wait for it any more."""
        self.hang_up()
        self._selector.close()
        self._socket.close()

    def _shake_hands(self, side: WorkerSide) -> str:
        challenge = self._receive(msg.HANDSHAKE)
        if not isinstance(challenge, msg.Challenge):
            raise WireError("expected a Challenge")
        self._send(encode(msg.HANDSHAKE, side.hello(challenge)))
        welcome = self._receive(msg.HANDSHAKE)
        if not isinstance(welcome, msg.Welcome):
            raise WireError("expected a Welcome")
        side.check(welcome)
        return welcome.worker

    def _receive(self, vocabulary: Vocabulary) -> Any:
        while (body := self._frames.next()) is None:
            self._feed()
        return vocabulary.loads(body)

    def _send(self, data: bytes) -> None:
        self._socket.sendall(data if self._tls is None else self._tls.encrypt(data))

    def _feed(self, flags: int = 0) -> None:
        data = self._socket.recv(65536, flags)
        if not data:
            raise ConnectionResetError("the driver closed the connection")
        self._frames.feed(data if self._tls is None else self._tls.decrypt(data))
