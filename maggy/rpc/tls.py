"""TLS for either end of a connection, with the driver's certificate pinned: no other is trusted. No sockets.

A socket of `ssl` may not be read and written by two threads at a time, nor be read without waiting; and
asyncio would tell of a connection only after TLS's handshake, so that nobody counts those that never end it.
"""

from __future__ import annotations

import ssl
import threading


def trusting(certificate: str) -> ssl.SSLContext:
    """A worker's context, which trusts this certificate (PEM) and no other.

    Raises:
        OSError: it is no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = (
        ssl.TLSVersion.TLSv1_3
    )  # older ones have more to get wrong, and nobody needs them
    context.check_hostname = False  # executors know the driver by many names, and by this certificate
    context.load_verify_locations(cadata=certificate)
    return context


class Channel:
    """Encrypts what is sent and decrypts what came. Any thread may call it.

    Args:
        context: `trusting`'s, or with `driver` that of a server.
        driver: which end this is.

    Attributes:
        open: whether its handshake is done, and `encrypt` may be called.
    """

    def __init__(self, context: ssl.SSLContext, driver: bool = False) -> None:
        self.open = False
        self._came, self._leaves = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._leaves, server_side=driver)
        self._lock = threading.Lock()

    def decrypt(self, data: bytes) -> bytes:
        """What has come as a whole, where that is not about TLS itself; the rest waits for more.

        A worker begins the handshake by b"". Raises OSError where the other end speaks no TLS or has another
        certificate, and where somebody tampered with the bytes.
        """
        with self._lock:
            self._came.write(data)
            plain = bytearray()
            try:
                if not self.open:
                    self._tls.do_handshake()
                    self.open = True
                while piece := self._tls.read(65536):
                    plain += piece
            except ssl.SSLWantReadError:
                pass
            return bytes(plain)

    def own_words(self) -> bytes:
        """What TLS itself has to say to the other end, as in its handshake."""
        with self._lock:
            return self._leaves.read()

    def encrypt(self, data: bytes) -> bytes:
        """What is to be sent, in the order of the calls."""
        with self._lock:
            self._tls.write(data)
            return self._leaves.read()
