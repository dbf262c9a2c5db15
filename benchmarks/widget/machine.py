"""What processes take of this machine's processors, by Linux' own books."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SECOND = os.sysconf("SC_CLK_TCK")
_PR_SET_CHILD_SUBREAPER = 36


def cpu(process: int, seconds: float) -> float:
    """How much of a core a process uses, in percent."""
    before, begin = sum(_stat(process)[1:3]), time.monotonic()
    time.sleep(seconds)
    used = (sum(_stat(process)[1:3]) - before) / _SECOND
    return 100 * used / (time.monotonic() - begin)


class Others:
    """How many cores others used on average, who are not of our making."""

    cores = 0.0


@contextmanager
def watching() -> Iterator[Others]:
    """Tells at its end what others used meanwhile."""
    # Or what a browser's processes used would go to the books of process 1 when the browser ends.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    others, begin = Others(), time.monotonic()
    before = _busy() - _ours()
    yield others
    others.cores = max(0.0, (_busy() - _ours() - before) / _SECOND / (time.monotonic() - begin))


def private_memory(process: int) -> float:
    """The memory that a process shares with nobody, in MB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def _busy() -> int:
    """Of all processors together, in ticks; neither idle nor waiting for disks."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _, _, interrupts, soft, stolen = map(int, fields)
    return user + nice + system + interrupts + soft + stolen


def _ours() -> int:
    """Of this process and all that came of it, also those that have ended, in ticks."""
    stats = {}
    for process in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            stats[process] = _stat(process)
        except (FileNotFoundError, ProcessLookupError):
            continue
    ours = {os.getpid()}
    while more := {process for process, (parent, *_) in stats.items() if parent in ours} - ours:
        ours |= more
    return sum(sum(stats[process][1:]) for process in ours)


def _stat(process: int) -> tuple[int, ...]:
    """Its parent, and the ticks that it used itself (2 numbers) and its ended children did (2 more)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), *map(int, fields[11:15])
