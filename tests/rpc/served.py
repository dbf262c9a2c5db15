"""A real `Server` in a real loop in a thread, which keeps what it was told; and strangers to it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

from maggy.driver.certificate import Tls
from maggy.rpc import messages as msg
from maggy.rpc.client import Client
from maggy.rpc.codec import Frames, encode
from maggy.rpc.server import MOST_STRANGERS, Server
from tests.waiting import eventually

SECRET = b"the secret of these tests, not to be seen in any log"


class Served:
    """Keeps `connected` (worker, hello), `messages` (worker, message), `lost` (worker, reason).

    `problems` are what asyncio had to catch: exceptions that the server let escape.

    Args:
        on_connected, on_message: called with this object and what the server tells, in the loop's thread.
    """

    def __init__(
        self,
        on_connected: Callable[[Served, str], None] = lambda served, worker: None,
        on_message: Callable[[Served, str, Any], None] = lambda served, worker, message: None,
        handshake_deadline: float = 60.0,
        secret: bytes = SECRET,
        most_strangers: int = MOST_STRANGERS,
        tls: Tls | None = None,
    ) -> None:
        self.connected: list[tuple[str, msg.Hello]] = []
        self.messages: list[tuple[str, Any]] = []
        self.lost: list[tuple[str, str]] = []
        self.problems: list[Any] = []
        self._react = on_connected, on_message
        self._server = Server(
            secret, self._connected, self._message, self._lost, handshake_deadline, most_strangers
        )
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda loop, context: self.problems.append(context))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(
            self._server.listen("127.0.0.1", 0, tls and tls.context), self._loop
        )
        self._certificate = tls and tls.certificate
        self.port = listening.result(10)

    def send(self, worker: str, message: Any) -> None:
        self._loop.call_soon_threadsafe(self._server.send, worker, message)

    def send_bytes(self, worker: str, data: bytes) -> None:
        connection = self._server._workers[worker]
        self._loop.call_soon_threadsafe(connection.send, data)

    def hang_up(self) -> None:
        """Closes every connection, as the end of the driver does."""
        self._loop.call_soon_threadsafe(self.hang_up_now)

    def hang_up_now(self) -> None:
        """The same, from the loop's own thread."""
        self._server.close()

    def client(self) -> Client:
        """A worker that knows the secret."""
        return Client("127.0.0.1", self.port, SECRET, self._certificate)

    def stranger(self) -> Stranger:
        return Stranger(socket.create_connection(("127.0.0.1", self.port), timeout=10))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(lambda: self._loop.call_soon(self._loop.stop))
        self._thread.join(10)
        self._loop.close()

    def _connected(self, worker: str, hello: msg.Hello) -> None:
        self.connected.append((worker, hello))
        self._react[0](self, worker)

    def _message(self, worker: str, message: Any) -> None:
        self.messages.append((worker, message))
        self._react[1](self, worker, message)

    def _lost(self, worker: str, reason: str) -> None:
        self.lost.append((worker, reason))


@contextlib.contextmanager
def serving(*args: Any, **kwargs: Any) -> Iterator[Served]:
    """A `Served` that in the end has had nothing to catch."""
    served = Served(*args, **kwargs)
    try:
        yield served
    finally:
        served.close()
    assert served.problems == []


class Stranger:
    """A bare connection, which may say anything."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._frames = Frames(1 << 20)

    def challenge(self) -> msg.Challenge:
        challenge = msg.HANDSHAKE.loads(self.frame())
        assert isinstance(challenge, msg.Challenge)
        return challenge

    def frame(self) -> bytes:
        """The next frame. Raises ConnectionError where the other end closes instead."""
        while (body := self._frames.next()) is None:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionResetError
            self._frames.feed(data)
        return body

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def say(self, message: Any) -> None:
        self.send(encode(msg.HANDSHAKE, message))

    def is_cut_off(self) -> bool:
        """Reads until the other end closes; False where that does not come within the socket's deadline."""
        try:
            while True:
                self.frame()
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    def close(self) -> None:
        self._socket.close()


def framed(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


class GoodWorker:
    """A worker that is connected while strangers come; `assert_served` says whether they did it harm."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._client = served.client()
        self._said = 0
        self.worker = self._client.worker

    def assert_served(self) -> None:
        """A word of this worker arrives, one to it too, and nothing was called for anybody else."""
        self._said += 1
        word = msg.Heartbeat("good", self._said, (1,), (0.5,))
        self._client.send(word)
        eventually(lambda: (self.worker, word) in self._served.messages)
        self._served.send(self.worker, msg.Stop("good", self._said, "because"))
        assert self._client.receive() == msg.Stop("good", self._said, "because")
        assert [w for w, _ in self._served.connected] == [self.worker]
        assert {w for w, _ in self._served.messages} == {self.worker}
        assert self._served.lost == []

    def close(self) -> None:
        self._client.close()


@contextlib.contextmanager
def closing(thing: Any) -> Iterator[Any]:
    try:
        yield thing
    finally:
        thing.close()
