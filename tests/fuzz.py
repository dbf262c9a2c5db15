"""`python -m tests.fuzz --runs 100000`: random bytes, led by coverage, for all that reads what others wrote.

They are a frame's body, a stream of frames, a line of a journal, and what comes over a connection to the
driver before and after a handshake. Needs atheris (pip install 'maggy[fuzz]'). Ends with an error where
anything but a WireError comes out, where a message has a field of a wrong type, where an input takes 20
seconds, or where memory grows beyond the limit; libFuzzer then writes the input to a file.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import logging
import resource
import sys
import tempfile
from asyncio import _set_running_loop
from pathlib import Path
from typing import Any, get_type_hints

try:
    import atheris
except ImportError:
    sys.exit("fuzzing needs atheris, for Linux and Python 3.11 to 3.13: pip install 'maggy[fuzz]'")

with atheris.instrument_imports(include=["maggy.wire", "maggy.rpc", "maggy.core.events"]):
    from maggy.core import events as ev
    from maggy.exceptions import WireError
    from maggy.rpc import messages as msg
    from maggy.rpc.codec import HANDSHAKE_LIMIT, Frames, encode
    from maggy.rpc.handshake import WorkerSide
    from maggy.rpc.server import Server, _Connection

SECRET = b"the secret of the fuzzer"
VOCABULARIES = (msg.HANDSHAKE, msg.TO_WORKER, msg.TO_DRIVER)
# Bytes of an input, seconds for one, and megabytes of this process.
LONGEST, SLOWEST, MOST_MEMORY = 4096, 20, 512
# What mutation starts from.
SEEDS = [
    encode(msg.HANDSHAKE, msg.Challenge(msg.PROTOCOL, "nonce")),
    encode(msg.HANDSHAKE, msg.Hello("nonce", "proof", "host", 1)),
    encode(msg.HANDSHAKE, msg.Welcome("proof", "w1")),
    encode(msg.TO_WORKER, msg.Run("t", 1, 1, {"x": 0.5, "layers": [1, "two", None]}, "c3RhdGU=")),
    encode(msg.TO_WORKER, msg.Stop("t", 1, "reason")),
    encode(msg.TO_DRIVER, msg.Heartbeat("t", 1, (0, 1), (0.5, float("inf")))),
    encode(msg.TO_DRIVER, msg.Output("t", 1, "text")),
    encode(msg.TO_DRIVER, msg.Saved("t", 1, "c3RhdGU=")),
    encode(msg.TO_DRIVER, msg.Returned("t", 1, 0.5, (0,), (0.5,))),
    encode(msg.TO_DRIVER, msg.Raised("t", 1, "error", "traceback")),
    encode(msg.TO_DRIVER, msg.Halted("t", 1)),
    ev.Record(1, 1.5, ev.TrialCreated("t", 1, {"x": 1}, "optimizer")).to_json().encode(),
]
seen = {"messages": 0, "workers": 0, "cut off": 0}


class Wire:
    """Stands in for a connection's transport; keeps what the driver sent."""

    def __init__(self) -> None:
        self.sent = Frames()
        self.closing = False

    def write(self, data: bytes) -> None:
        self.sent.feed(data)

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.closing = True

    def get_extra_info(self, name: str) -> Any:
        return self if name == "socket" else ("stranger", 1)

    def get_write_buffer_size(self) -> int:
        return 0

    def setsockopt(self, *option: int) -> None:
        return


class Clock:
    """Stands in for the loop, which only keeps deadlines: they never come here."""

    def call_later(self, *_: Any) -> Clock:
        return self

    def cancel(self) -> None:
        return


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.getLogger("maggy").addHandler(logging.NullHandler())
    _set_running_loop(Clock())  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as corpus:
        for number, seed in enumerate([*SEEDS, *(frame[4:] for frame in SEEDS)]):
            Path(corpus, str(number)).write_bytes(seed)
        limits = [f"-max_len={LONGEST}", f"-rss_limit_mb={MOST_MEMORY}", f"-timeout={SLOWEST}"]
        atheris.Setup(
            [sys.argv[0], f"-runs={given.runs}", f"-seed={given.seed}", *limits, corpus], counted(given.runs)
        )
        atheris.Fuzz()


def counted(runs: int) -> Any:
    """Reads inputs, and says in the end what came of them: libFuzzer lets nothing run after it."""
    done = 0

    def read_one(data: bytes) -> None:
        nonlocal done
        read(data)
        done += 1
        if done == runs:
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{done} inputs, {memory} MB of memory at most; {seen}", file=sys.stderr, flush=True)

    return read_one


def read(data: bytes) -> None:
    """Reads the bytes in all ways."""
    for vocabulary in VOCABULARIES:
        with contextlib.suppress(WireError):
            check(vocabulary.loads(data))
        frames = Frames()
        with contextlib.suppress(WireError):
            for piece in pieces(data):
                frames.feed(piece)
                while (body := frames.next()) is not None:
                    check(vocabulary.loads(body))
    with contextlib.suppress(WireError):
        ev.Record.from_json(data.decode("utf-8", "replace"))
    for knows_the_secret in (False, True):
        connect(data, knows_the_secret)


def pieces(data: bytes) -> tuple[bytes, bytes]:
    """As a network may cut it."""
    return data[: len(data) // 3], data[len(data) // 3 :]


def check(message: Any) -> None:
    """Each field has the type that it should."""
    seen["messages"] += 1
    for name, hint in hints(type(message)):
        assert type(getattr(message, name)) is hint, (message, name)


@functools.cache
def hints(kind: type) -> list[tuple[str, Any]]:
    """The fields of plain types."""
    return [(name, hint) for name, hint in get_type_hints(kind).items() if hint in (str, int, float)]


def connect(data: bytes, knows_the_secret: bool) -> None:
    """What the driver's server makes of it, from a stranger or from a worker."""
    told: list[str] = []
    server = Server(
        SECRET,
        lambda worker, hello: check(hello),
        lambda worker, message: check(message),
        lambda worker, reason: told.append(worker),
    )
    connection, wire = _Connection(server), Wire()
    connection.connection_made(wire)  # type: ignore[arg-type]
    if knows_the_secret:
        shake_hands(connection, wire)
    for piece in pieces(data):
        if not wire.closing:
            connection.data_received(piece)
        most = 4 + (HANDSHAKE_LIMIT if connection._worker is None else LONGEST)
        assert wire.closing or len(connection._frames._buffer) < most
    assert knows_the_secret == (connection._worker is not None)
    connection.connection_lost(None)
    assert told == (["w1"] if knows_the_secret else [])
    assert [*server._connections, *server._strangers, *server._workers] == []
    seen["workers"] += knows_the_secret
    seen["cut off"] += wire.closing


def shake_hands(connection: _Connection, wire: Wire) -> None:
    body = wire.sent.next()
    assert body is not None
    hello = WorkerSide(SECRET).hello(msg.HANDSHAKE.loads(body))
    connection.data_received(encode(msg.HANDSHAKE, hello))


if __name__ == "__main__":
    main()
