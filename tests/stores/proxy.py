"""What stands between a search and its store, and can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """Passes connections on to a port of this machine, from one that stays the same.

    Attributes:
        port: where it listens, unless it is cut.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._open: list[socket.socket] = []
        self._held = False
        self.port = 0
        self.mend()

    def cut(self) -> None:
        """Ends all connections, and refuses new ones."""
        self._server.close()
        self._thread.join()
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def hold(self) -> None:
        """Passes nothing on any more, and says nothing: as where packets are dropped."""
        self._held = True

    def mend(self) -> None:
        if self._held:
            self._held = False
            self.cut()
        self._server = socket.create_server(("127.0.0.1", self.port))
        self._server.settimeout(0.05)
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, args=[self._server], daemon=True)
        self._thread.start()

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):  # it is closed
            while True:
                with contextlib.suppress(TimeoutError):
                    near, _ = server.accept()
                    far = socket.create_connection(("127.0.0.1", self._target))
                    near.settimeout(None)
                    self._open += [near, far]
                    for ends in ((near, far), (far, near)):
                        threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                if not self._held:
                    other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
