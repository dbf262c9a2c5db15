"""`python -m tests.soak.crowd PORT WORKERS STEPS SECONDS LIFETIME`: many made-up workers in one thread.

A trial takes so many seconds, and tells so many metrics. Each worker dies in the middle of its LIFETIME-th
trial, and another comes in its place; 0 is for ever. None dies of a trial that ran before, as one that loses
three workers has failed.
"""

from __future__ import annotations

import heapq
import itertools
import selectors
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from maggy.rpc import messages as msg
from maggy.rpc.client import Client
from tests.rpc.served import SECRET


def halves(run: msg.Run, steps: int) -> tuple[msg.Heartbeat, msg.Returned]:
    """What a worker says in the middle of a trial and at its end."""
    x = float(run.params["x"])
    first, second = tuple(range(steps // 2)), tuple(range(steps // 2, steps))
    heartbeat = msg.Heartbeat(run.trial, run.attempt, first, (x,) * len(first))
    return heartbeat, msg.Returned(run.trial, run.attempt, x, second, (x,) * len(second))


@dataclass
class Crowd:
    """All workers, and what they are to say when."""

    port: int
    workers: int
    steps: int
    seconds: float
    lifetime: int

    _reads: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)
    _agenda: list[tuple[float, int, Client, Any]] = field(default_factory=list)
    _order: itertools.count[int] = field(default_factory=itertools.count)
    _trials: dict[Client, int] = field(default_factory=dict)

    def work(self) -> None:
        """Until the driver has dismissed the last."""
        for number in range(self.workers):
            # As if each had been there for some time: they do not die together.
            self._join(number * self.lifetime // self.workers)
        while self._trials:
            for key, _ in self._reads.select(self._until_due()):
                self._hear(key.data)
            while self._agenda and self._agenda[0][0] <= time.monotonic():
                _, _, client, word = heapq.heappop(self._agenda)
                if client in self._trials:
                    self._say(client, word)

    def _join(self, trials: int) -> None:
        client = Client("127.0.0.1", self.port, SECRET)
        self._trials[client] = trials
        self._reads.register(client._socket, selectors.EVENT_READ, client)
        self._hear(client)  # its first trial may have come with the welcome

    def _leave(self, client: Client) -> None:
        del self._trials[client]
        self._reads.unregister(client._socket)
        client.close()

    def _hear(self, client: Client) -> None:
        for message in client.receive_ready():
            if not isinstance(message, msg.Run):
                return self._leave(client)
            now = time.monotonic()
            for part, word in enumerate(halves(message, self.steps), 1):
                when = now + part * self.seconds / 2
                heapq.heappush(self._agenda, (when, next(self._order), client, word))

    def _say(self, client: Client, word: msg.Heartbeat | msg.Returned) -> None:
        if isinstance(word, msg.Returned):
            self._trials[client] += 1
            client.send(word)
        elif self.lifetime and self._trials[client] + 1 >= self.lifetime and word.attempt == 1:
            self._leave(client)
            self._join(0)
        else:
            client.send(word)

    def _until_due(self) -> float | None:
        return max(0.0, self._agenda[0][0] - time.monotonic()) if self._agenda else None


if __name__ == "__main__":
    port, workers, steps, seconds, lifetime = sys.argv[1:]
    Crowd(int(port), int(workers), int(steps), float(seconds), int(lifetime)).work()
