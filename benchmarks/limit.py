"""The limit: the same trials handed out by a bare socket loop, without any logic around it."""

from __future__ import annotations

import multiprocessing
import select
import socket
import time

from benchmarks.slots import Span


def bare_loop(trials: int, slots: int, seconds: float) -> list[Span]:
    """The spans of `trials` sleeps of `seconds` each, handed out one by one to `slots` processes."""
    context = multiprocessing.get_context("fork")
    pairs = [socket.socketpair() for _ in range(slots)]
    processes = [context.Process(target=_work, args=(theirs, seconds), daemon=True) for _, theirs in pairs]
    for process in processes:
        process.start()
    spans = _hand_out([ours for ours, _ in pairs], trials)
    for process in processes:
        process.join()
    return spans


def _hand_out(workers: list[socket.socket], trials: int) -> list[Span]:
    spans: list[Span] = []
    for worker in workers:
        worker.sendall(b"r")
    left, busy = trials - len(workers), len(workers)
    while busy:
        for worker in select.select(workers, [], [])[0]:
            start, end = map(float, worker.recv(100).split())
            spans.append(Span(str(workers.index(worker)), start, end))
            worker.sendall(b"r" if left > 0 else b"q")
            busy -= left <= 0
            left -= 1
    return spans


def _work(driver: socket.socket, seconds: float) -> None:
    while driver.recv(1) == b"r":
        start = time.time()
        time.sleep(seconds)
        driver.sendall(f"{start!r} {time.time()!r}".encode())
