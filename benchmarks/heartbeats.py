"""How many heartbeats a second the driver's loop takes in, journal and all."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from pathlib import Path

from maggy.core import inputs as inp
from maggy.core.events import ExperimentStarted
from maggy.core.machine import Machine
from maggy.driver.algorithms import Algorithms, AlgorithmsThread
from maggy.driver.feed import Feed
from maggy.driver.folder import Folder
from maggy.driver.loop import Loop
from maggy.optimizer import SingleRun
from maggy.rpc.client import Client
from maggy.rpc.handshake import new_secret
from maggy.rpc.messages import Heartbeat
from maggy.searchspace import Searchspace

EACH = 20_000


class _NoPool:
    def want(self, count: int) -> None:
        return

    def worker_connected(self) -> None:
        return

    def worker_lost(self) -> None:
        return


def heartbeats_a_second(workers: int) -> float:
    """Of one metric each, from `workers` connections made by another process."""
    feed, secret = Feed(), new_secret()
    with tempfile.TemporaryDirectory() as folder:
        loop, algorithms = _driver(workers, Folder(Path(folder), "bench"), feed, secret)
        port = loop.start("127.0.0.1", 0)
        algorithms.start(loop.put)
        loop.put(inp.ExperimentLaunched())
        context = multiprocessing.get_context("spawn")
        flood = context.Process(target=_flood, args=(port, secret, workers), daemon=True)
        flood.start()
        elapsed, count = _count(feed, EACH // workers * workers)
        loop.close()
        flood.join()
        algorithms.close(5.0)
        return count / elapsed


def _driver(workers: int, folder: Folder, feed: Feed, secret: bytes) -> tuple[Loop, AlgorithmsThread]:
    optimizer = SingleRun()
    optimizer.setup(Searchspace(), workers, "max")
    settings = ExperimentStarted(
        "bench", "bench", "", {}, "SingleRun", "max", workers, "none", 1.0, 1, workers, 1, 16, 1.0
    )
    algorithms = AlgorithmsThread(Algorithms(optimizer, None))
    return Loop(Machine(settings), folder, [feed], secret, algorithms, _NoPool()), algorithms


def _flood(port: int, secret: bytes, workers: int) -> None:
    clients = [Client("127.0.0.1", port, secret) for _ in range(workers)]
    runs = [client.receive() for client in clients]
    for step in range(EACH // workers):
        for client, run in zip(clients, runs, strict=True):
            client.send(Heartbeat(run.trial, run.attempt, (step,), (0.5,)))
    for client in clients:
        client.receive()  # until the driver closes


def _count(feed: Feed, expected: int) -> tuple[float, int]:
    count, start = 0, 0.0
    while count < expected:
        time.sleep(0.001)
        for record in feed.take():
            if type(record.event).__name__ == "TrialProgressed":
                start = start or time.perf_counter()
                count += 1
    return time.perf_counter() - start, count
