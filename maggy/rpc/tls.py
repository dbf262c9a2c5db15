"""TLS for a worker's connection, with the driver's certificate pinned: no other is trusted."""

from __future__ import annotations

import socket
import ssl
import threading


class Channel:
    """Encrypts what is sent and decrypts what came; the socket stays as it is.

    A socket of `ssl` may not be read and written by two threads at a time, nor be read without waiting.

    Args:
        certificate: the driver's, in PEM.
    """

    def __init__(self, certificate: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # executors know the driver by many names, and by this certificate
        context.load_verify_locations(cadata=certificate)
        self._came, self._leaves = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._leaves)
        self._lock = threading.Lock()

    def shake_hands(self, sock: socket.socket) -> None:
        """Raises OSError where the other end is not the driver, or does not speak TLS."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                sock.sendall(self._leaves.read())
                if not (data := sock.recv(65536)):
                    raise ConnectionResetError("the driver closed the connection") from None
                self._came.write(data)
            else:
                sock.sendall(self._leaves.read())
                return

    def encrypt(self, data: bytes) -> bytes:
        """What is to be sent, in the order of the calls."""
        with self._lock:
            self._tls.write(data)
            return self._leaves.read()

    def decrypt(self, data: bytes) -> bytes:
        """What has come as a whole; the rest waits for more. Raises OSError where it was tampered with."""
        plain = bytearray()
        with self._lock:
            self._came.write(data)
            try:
                while piece := self._tls.read(65536):
                    plain += piece
            except ssl.SSLWantReadError:
                return bytes(plain)
        raise ConnectionResetError("the driver closed the connection")
