"""Driver and worker prove to each other that they know the experiment's secret. Pure.

A mutual HMAC-SHA256 challenge: each side's proof covers both nonces and its own role, so that a proof
can be neither replayed nor reflected. The secret itself never travels over this connection.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import socket

from maggy.exceptions import WireError
from maggy.rpc.messages import PROTOCOL, Challenge, Hello, Welcome


def new_secret() -> bytes:
    """A fresh secret for one experiment."""
    return secrets.token_bytes(32)


class DriverSide:
    """The driver's half: `challenge`, then `welcome(hello, worker)`."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._nonce = secrets.token_hex(16)

    def challenge(self) -> Challenge:
        return Challenge(PROTOCOL, self._nonce)

    def check(self, hello: Hello) -> None:
        """Raises WireError where the worker does not know the secret."""
        if not _same(hello.proof, _proof(self._secret, "worker", self._nonce, hello.nonce)):
            raise WireError("wrong proof")

    def welcome(self, hello: Hello, worker: str) -> Welcome:
        return Welcome(_proof(self._secret, "driver", self._nonce, hello.nonce), worker)


class WorkerSide:
    """The worker's half: `hello(challenge)`, then `check(welcome)`."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._nonce = secrets.token_hex(16)
        self._theirs = ""

    def hello(self, challenge: Challenge) -> Hello:
        """Raises WireError where the driver speaks another version."""
        if challenge.protocol != PROTOCOL:
            raise WireError(f"the driver speaks protocol {challenge.protocol}, this worker {PROTOCOL}")
        self._theirs = challenge.nonce
        proof = _proof(self._secret, "worker", self._theirs, self._nonce)
        return Hello(self._nonce, proof, socket.gethostname(), os.getpid())

    def check(self, welcome: Welcome) -> None:
        """Raises WireError where the driver does not know the secret."""
        if not _same(welcome.proof, _proof(self._secret, "driver", self._theirs, self._nonce)):
            raise WireError("the driver's proof is wrong")


def _proof(secret: bytes, role: str, driver_nonce: str, worker_nonce: str) -> str:
    text = "\n".join((role, driver_nonce, worker_nonce))
    return hmac.new(secret, _bytes(text), hashlib.sha256).hexdigest()


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(_bytes(a), _bytes(b))


def _bytes(text: str) -> bytes:
    # JSON can spell halves of surrogate pairs, which plain UTF-8 refuses.
    return text.encode("utf-8", "surrogatepass")
