"""`python -m tests.rpc.unpickling FOLDER`: a search to which pickles come that would explode.

Prints as JSON what this process, the driver's, looked up for pickles meanwhile, and how the search ended. A
process of its own, as Python lets nobody take back what listens to it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import pickle
import socket
import sys
from pathlib import Path
from typing import Any

from maggy.core import events as ev
from maggy.rpc import messages as msg
from maggy.rpc.client import Client
from maggy.rpc.codec import encode
from tests.driver import functions
from tests.driver.searches import search
from tests.rpc.served import SECRET, Stranger, closing, framed


class Explosive:
    """Makes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self._path), "w")


def explosives(path: Path) -> list[bytes]:
    """Pickles that make this file, in each protocol."""
    return [pickle.dumps(Explosive(path), protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]


def spelled(data: bytes) -> str:
    return base64.b64encode(data).decode()


def throw(port: int, data: bytes) -> None:
    """Says the pickle in all ways that strangers have, then in all that a worker has."""
    hello = {"type": "Hello", "nonce": spelled(data), "proof": spelled(data), "host": spelled(data), "pid": 1}
    for words in (data, framed(data), framed(json.dumps(hello).encode()), framed(spelled(data).encode())):
        with closing(Stranger(socket.create_connection(("127.0.0.1", port), timeout=10))) as stranger:
            with contextlib.suppress(ConnectionError):
                stranger.send(words)
                stranger._socket.shutdown(socket.SHUT_WR)
            assert stranger.is_cut_off()
    text = spelled(data)
    words = (msg.Output(text, 1, text), msg.Saved("t", 1, text), msg.Raised("t", 1, text, text))
    with contextlib.closing(Client("127.0.0.1", port, SECRET)) as worker:
        run = worker.receive()
        if isinstance(run, msg.Run):
            worker.send(*words, msg.Saved(run.trial, run.attempt, text))
        worker._send(b"".join([*(encode(msg.TO_DRIVER, word) for word in words), framed(data)]))
        while worker.receive() is not None:
            pass


def main(folder: Path) -> None:
    looked_up: list[Any] = []
    sys.addaudithook(lambda event, args: looked_up.append(args) if event == "pickle.find_class" else None)
    with search(functions.slow_square, folder, num_trials=20, max_attempts=50) as running:
        running.await_event(ev.TrialStarted)
        for data in explosives(folder / "exploded"):
            throw(running.pool.task.port, data)
        running.finish()
        finished = len(running.seen(ev.TrialFinished))
    print(json.dumps({"finished": finished, "looked_up": [str(args) for args in looked_up]}))
    pickle.loads(explosives(folder / "control")[-1])
    assert looked_up, "the audit hook hears nothing"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
