"""`python -m tests.soak.crowd PORT WORKERS STEPS`: many workers in one thread, whose trials take no time."""

from __future__ import annotations

import selectors
import sys

from maggy.rpc import messages as msg
from maggy.rpc.client import Client
from tests.rpc.served import SECRET


def train(run: msg.Run, steps: int) -> list[msg.Heartbeat | msg.Returned]:
    """All that a worker says in a trial: metrics in two heartbeats and with the last word."""
    x = float(run.params["x"])
    half = steps // 2
    first, second = tuple(range(half)), tuple(range(half, steps))
    return [
        msg.Heartbeat(run.trial, run.attempt, first, (x,) * len(first)),
        msg.Heartbeat(run.trial, run.attempt, (), ()),
        msg.Returned(run.trial, run.attempt, x, second, (x,) * len(second)),
    ]


def answer(client: Client, steps: int) -> bool:
    """Does what the driver said; whether it may say more."""
    for message in client.receive_ready():
        if not isinstance(message, msg.Run):
            return False
        client.send(*train(message, steps))
    return True


def main(port: int, workers: int, steps: int) -> None:
    crowd = selectors.DefaultSelector()
    for _ in range(workers):
        client = Client("127.0.0.1", port, SECRET)
        crowd.register(client._socket, selectors.EVENT_READ, client)
        answer(client, steps)  # its first trial may have come with the welcome
    while crowd.get_map():
        for key, _ in crowd.select():
            if not answer(key.data, steps):
                crowd.unregister(key.fileobj)
                key.data.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
