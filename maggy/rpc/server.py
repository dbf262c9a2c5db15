"""The driver's end: takes connections, lets those in that know the secret, cuts off the others."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from typing import Any, cast

from maggy.exceptions import WireError
from maggy.rpc import messages as msg
from maggy.rpc.codec import FRAME_LIMIT, Frames, encode
from maggy.rpc.handshake import DriverSide
from maggy.rpc.keepalive import keep_alive

log = logging.getLogger("maggy.rpc")

# How long a stranger may take over the handshake, in seconds.
HANDSHAKE_DEADLINE = 10.0
# How many strangers are borne at a time. A worker needs milliseconds, so the one that came first goes.
MOST_STRANGERS = 1000
# Bytes that may wait for a worker that does not read. It is told of one trial at a time, and what that saved.
MOST_UNREAD = 64 * 1024 * 1024


class Server:
    """Workers by name over TCP. Lives in one asyncio loop; every method and callback runs there.

    Args:
        secret: what workers must know.
        on_connected: called with the worker's name and its Hello.
        on_message: called with the worker's name and each message.
        on_lost: called with the worker's name and why, once, for each that had connected.
        handshake_deadline: seconds.
        most_strangers: how many connections may be in their handshake.
    """

    def __init__(
        self,
        secret: bytes,
        on_connected: Callable[[str, msg.Hello], None],
        on_message: Callable[[str, Any], None],
        on_lost: Callable[[str, str], None],
        handshake_deadline: float = HANDSHAKE_DEADLINE,
        most_strangers: int = MOST_STRANGERS,
    ) -> None:
        self.secret = secret
        self.on_connected = on_connected
        self.on_message = on_message
        self.on_lost = on_lost
        self.handshake_deadline = handshake_deadline
        self._workers: dict[str, _Connection] = {}
        self._most_strangers = most_strangers
        self._strangers: dict[_Connection, None] = {}  # in the order in which they came
        self._connections: set[_Connection] = set()
        self._count = 0
        self._listener: asyncio.Server | None = None

    async def listen(self, host: str, port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Starts to take connections, over TLS where that is given; returns the port, a free one for port 0.

        Raises:
            OSError: the port cannot be had.
        """
        loop = asyncio.get_running_loop()
        patience = None if tls is None else self.handshake_deadline
        self._listener = await loop.create_server(
            lambda: _Connection(self), host, port, backlog=1024, ssl=tls, ssl_handshake_timeout=patience
        )
        bound: int = self._listener.sockets[0].getsockname()[1]
        return bound

    def send(self, worker: str, message: Any) -> None:
        """Sends to a worker; a worker that is gone is passed over, `on_lost` has told or will tell."""
        connection = self._workers.get(worker)
        if connection is not None:
            connection.active = time.monotonic()
            connection.send(encode(msg.TO_WORKER, message))

    def drop(self, worker: str, why: str = "it was cut off") -> None:
        """Ends a worker's connection at once."""
        connection = self._workers.get(worker)
        if connection is not None:
            connection.abort(why)

    def silent(self, seconds: float) -> list[str]:
        """The workers that said nothing for so long, and were told nothing either."""
        since = time.monotonic() - seconds
        return [worker for worker, connection in self._workers.items() if connection.active < since]

    def close(self) -> None:
        """Stops listening and closes every connection, after what was sent has gone out."""
        if self._listener is not None:
            self._listener.close()
        for connection in list(self._connections):
            connection.close()

    # For the connections.

    def opened(self, connection: _Connection) -> None:
        self._connections.add(connection)
        self._strangers[connection] = None
        if len(self._strangers) > self._most_strangers:
            first = next(iter(self._strangers))
            del self._strangers[first]
            first.cut_off("too many strangers")

    def admit(self, connection: _Connection) -> str:
        """The name for a worker that passed the handshake."""
        self._strangers.pop(connection, None)
        self._count += 1
        worker = f"w{self._count}"
        self._workers[worker] = connection
        return worker

    def closed(self, connection: _Connection, worker: str | None, reason: str) -> None:
        self._connections.discard(connection)
        self._strangers.pop(connection, None)
        if worker is not None and self._workers.pop(worker, None) is not None:
            self.on_lost(worker, reason)


class _Connection(asyncio.Protocol):
    """One connection: a stranger until its Hello is right, then a worker."""

    def __init__(self, server: Server) -> None:
        self.active = time.monotonic()  # when something last came, or went to a worker
        self._server = server
        self._handshake = DriverSide(server.secret)
        self._frames = Frames()
        self._worker: str | None = None
        self._reason = "its process ended"
        self._transport: asyncio.Transport
        self._deadline: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by its methods alone
        keep_alive(transport.get_extra_info("socket"))
        self._server.opened(self)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._server.handshake_deadline, self._too_slow)
        self.send(encode(msg.HANDSHAKE, self._handshake.challenge()))

    def data_received(self, data: bytes) -> None:
        self.active = time.monotonic()
        self._frames.feed(data)
        try:
            while not self._transport.is_closing() and (body := self._frames.next()) is not None:
                self._take(body)
        except WireError as error:
            self.cut_off(str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        reason = self._reason if exc is None else f"its connection broke ({exc})"
        self._server.closed(self, self._worker, reason)

    def send(self, frame: bytes) -> None:
        self._transport.write(frame)
        if self._transport.get_write_buffer_size() > MOST_UNREAD:
            self.cut_off("does not read what it is told")

    def close(self) -> None:
        self._transport.close()

    def abort(self, why: str) -> None:
        self._reason = why
        self._transport.abort()

    def cut_off(self, why: str) -> None:
        peer = self._transport.get_extra_info("peername")
        log.warning("closed the connection from %s: %s", peer, why)
        self._reason = f"it broke the protocol ({why})"
        self._transport.abort()

    def _take(self, body: bytes) -> None:
        if self._worker is None:
            self._greet(msg.HANDSHAKE.loads(body))
        else:
            self._server.on_message(self._worker, msg.TO_DRIVER.loads(body))

    def _greet(self, hello: Any) -> None:
        if not isinstance(hello, msg.Hello):
            raise WireError("expected a Hello")
        self._handshake.check(hello)
        self._deadline.cancel()
        self._frames.limit = FRAME_LIMIT
        self._worker = self._server.admit(self)
        self.send(encode(msg.HANDSHAKE, self._handshake.welcome(hello, self._worker)))
        self._server.on_connected(self._worker, hello)

    def _too_slow(self) -> None:
        self.cut_off("no handshake in time")
