"""`python -m tests.fuzz --runs 100000`: random bytes, led by coverage, for all that reads what others wrote.

Needs atheris (pip install atheris). Ends with an error where anything but a WireError comes out, or where
memory grows beyond the limit; libFuzzer then writes the input to a file.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("fuzzing needs atheris: pip install atheris")

with atheris.instrument_imports(include=["maggy.wire", "maggy.rpc", "maggy.core.events"]):
    from maggy.core import events as ev
    from maggy.exceptions import WireError
    from maggy.rpc import messages as msg
    from maggy.rpc.codec import Frames, encode

VOCABULARIES = (msg.HANDSHAKE, msg.TO_WORKER, msg.TO_DRIVER)
# Bytes of an input, and megabytes of this process.
LONGEST, MOST_MEMORY = 4096, 512
# What mutation starts from.
SEEDS = [
    encode(msg.HANDSHAKE, msg.Challenge(msg.PROTOCOL, "nonce")),
    encode(msg.HANDSHAKE, msg.Hello("nonce", "proof", "host", 1)),
    encode(msg.TO_WORKER, msg.Run("t", 1, 1, {"x": 0.5, "layers": [1, "two", None]})),
    encode(msg.TO_DRIVER, msg.Heartbeat("t", 1, (0, 1), (0.5, float("inf")))),
    encode(msg.TO_DRIVER, msg.Raised("t", 1, "error", "traceback")),
    ev.Record(1, 1.5, ev.TrialCreated("t", 1, {"x": 1}, "optimizer")).to_json().encode(),
]


def read(data: bytes) -> None:
    """Reads the bytes as a frame's body and as a stream of frames, and as a line of a journal."""
    for vocabulary in VOCABULARIES:
        with contextlib.suppress(WireError):
            vocabulary.loads(data)
        frames = Frames()
        try:
            # In two pieces, as a network may cut it.
            for piece in (data[: len(data) // 3], data[len(data) // 3 :]):
                frames.feed(piece)
                while (body := frames.next()) is not None:
                    vocabulary.loads(body)
        except WireError:
            pass
    with contextlib.suppress(WireError):
        ev.Record.from_json(data.decode("utf-8", "replace"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as corpus:
        for number, seed in enumerate([*SEEDS, *(frame[4:] for frame in SEEDS)]):
            Path(corpus, str(number)).write_bytes(seed)
        limits = [f"-max_len={LONGEST}", f"-rss_limit_mb={MOST_MEMORY}"]
        atheris.Setup([sys.argv[0], f"-runs={given.runs}", f"-seed={given.seed}", *limits, corpus], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
