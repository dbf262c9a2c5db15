"""Outlives whoever started it, to end what it left behind: nobody else would after a kill -9.

Usage: guard.py FOLDER; on standard input the ids of sessions (those of setsid), one a line. When the
input ends, because it was closed or its writer died, all processes in them are killed and FOLDER goes.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path


def members(sessions: set[int]) -> list[int]:
    """The living processes of these sessions. Linux only."""
    return [pid for pid, state, session in processes() if session in sessions and state != "Z"]


def processes() -> list[tuple[int, str, int]]:
    """Id, state and session of each process."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The second field, a name in parentheses, may have spaces in it.
            state, _parent, _group, session = file.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue  # it has ended meanwhile
        found.append((int(file.parent.name), state, int(session)))
    return found


def kill(sessions: set[int]) -> None:
    while victims := members(sessions):
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def main() -> None:
    sessions = set()
    for line in sys.stdin:
        sessions.add(int(line))
    kill(sessions)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
