"""Keeps other drivers off an experiment that is in a store, where no lock ends with a process.

The lease is an object that its holder writes anew every `BEAT` seconds. Clocks are not compared: who wants
it watches it for `PATIENCE` seconds, and takes it where it did not change. A holder that was taken for dead
finds that out at its next beat, or when the store refuses it the name of its journal's next piece.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maggy.exceptions import ExperimentLocked
from maggy.places import asking

log = logging.getLogger("maggy.driver")

NAME = "lease.json"
# Seconds between two beats, and without any until the holder counts as dead.
BEAT = 5.0
PATIENCE = 20.0
# Seconds between two looks at a lease that may change.
_LOOK = 1.0


class Lease:
    """The right to write an experiment's journal in a store.

    Args:
        folder: the experiment's, in the store.
        own: the driver's own copy of it, locked by this process: a holder that wrote there is dead.

    Raises:
        ExperimentLocked: another driver has it.
        OSError: the store cannot be asked.
    """

    def __init__(self, folder: Path, own: Path, wait: Callable[[float], object] = time.sleep) -> None:
        self._path: Any = folder / NAME
        self._own = own / "lease"
        self._name = folder.name
        self._holder = secrets.token_hex(8)
        self._beats = 0
        self._writing = threading.Lock()  # what is just being written cannot be read
        with asking(folder):
            self._await_death(wait)
            self._own.write_text(self._holder)
            self._write()
            self.check()

    def beat(self) -> None:
        """Says that this driver lives. Raises as the constructor does."""
        with asking(self._path):
            self.check()
            self._write()

    def check(self) -> None:
        """Looks whether this driver still has it; any thread may ask.

        Raises:
            ExperimentLocked: another driver took it.
            OSError: it is gone, and with it the experiment's folder; or the store cannot be asked.
        """
        with self._writing:
            found = _read(self._path)
        if found is None:
            raise OSError(f"the folder was moved or removed: there is no {NAME}")
        if found.get("holder") != self._holder:
            raise ExperimentLocked(
                f"experiment {self._name} was taken up by {_who(found)}, as nothing was heard of this driver"
            )

    def release(self) -> None:
        """Gives the lease up. It stays there: who was taken for dead is to find that another had it."""
        with asking(self._path):
            self.check()
            self._write(released=True)

    def _await_death(self, wait: Callable[[float], object]) -> None:
        first = _read(self._path)
        if first is None or first.get("released") or self._wrote(first):
            return
        log.warning("%s: waiting %g seconds for a sign of life of %s", self._name, PATIENCE, _who(first))
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            wait(_LOOK)
            found = _read(self._path)
            if found is None or found.get("released"):
                return
            if found != first:
                raise ExperimentLocked(f"experiment {self._name} is being run by {_who(found or first)}")

    def _wrote(self, found: dict[str, Any]) -> bool:
        """Whether it is of a driver that wrote here. What is just being written names no holder."""
        return self._own.exists() and found.get("holder") == self._own.read_text()

    def _write(self, released: bool = False) -> None:
        self._beats += 1
        who = f"process {os.getpid()} on {socket.gethostname()}"
        about = {"holder": self._holder, "who": who, "beat": self._beats, "time": time.time()}
        about |= {"released": released}
        with self._writing:
            self._path.fs.pipe_file(self._path.path, json.dumps(about).encode())


def is_held(folder: Path) -> bool:
    """Whether a driver seems to live, by this machine's clock. Raises OSError."""
    with asking(folder):
        found = _read(folder / NAME)
    if found is None or found.get("released"):
        return False
    beaten = found.get("time")
    return isinstance(beaten, (int, float)) and abs(time.time() - beaten) < PATIENCE


def _who(lease: dict[str, Any]) -> str:
    return str(lease.get("who") or "another process")[:200]


def _read(path: Any) -> dict[str, Any] | None:
    try:
        # In one request: opening and then reading fails where the holder beats in between.
        found = json.loads(path.fs.cat_file(path.path))
    except FileNotFoundError:
        return None
    except ValueError:  # it is just being written
        found = None
    return found if isinstance(found, dict) else {}
