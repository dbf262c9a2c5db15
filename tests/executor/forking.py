"""Forks while another thread uses an output buffer; each child prints. Exits with 1 where a child hangs.

A program of its own, as coverage's lock must not be taken for ours.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from maggy.executor.output import OutputBuffer


def main() -> int:
    sys.setswitchinterval(1e-6)
    buffer, over = OutputBuffer(), threading.Event()
    busy = threading.Thread(target=use, args=(buffer, over))
    busy.start()
    try:
        return int(any(os.waitpid(fork_and_print(buffer), 0)[1] for _ in range(100)))
    finally:
        over.set()
        busy.join()


def use(buffer: OutputBuffer, over: threading.Event) -> None:
    while not over.is_set():
        buffer.write(b"x")
        buffer.take()


def fork_and_print(buffer: OutputBuffer) -> int:
    child = os.fork()
    if not child:
        signal.alarm(5)  # ends a child that hangs
        buffer.write(b"from the child")
        os._exit(0)
    return child


if __name__ == "__main__":
    sys.exit(main())
