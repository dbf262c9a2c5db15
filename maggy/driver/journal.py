"""The journal of an experiment: a write-ahead log of its events, one JSON object a line."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from maggy.core.events import Record
from maggy.driver import lease
from maggy.exceptions import ExperimentLocked
from maggy.past import NAME, read_journal
from maggy.places import in_store

try:
    import fcntl
except ImportError:  # Windows: nobody is kept out there
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger("maggy.driver")

__all__ = ["NAME", "Journal", "is_locked", "locked", "read_journal"]

# Seconds after which what was written is on the disk, should the machine lose power.
SYNC_INTERVAL = 0.05


class Journal:
    """The journal in a folder that this process has `locked`, open for appending.

    A process that is killed loses nothing of what was appended, a machine that loses power what came in the
    last `SYNC_INTERVAL` seconds.

    Attributes:
        size: its bytes so far.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        # Unbuffered: a line is with the operating system before anything acts on it.
        self._file = (folder / NAME).open("ab", buffering=0)
        self.size = _whole_lines(folder / NAME)
        self._file.truncate(self.size)
        self._rest = memoryview(b"")  # what the disk has not taken yet
        self._written = self._synced = 0
        self._closing = threading.Event()
        _sync_folder(folder)
        self._syncer = threading.Thread(target=self._keep_synced, name="maggy-journal", daemon=True)
        self._syncer.start()

    def append(self, records: Sequence[Record]) -> None:
        """Adds the records.

        Raises:
            OSError: not all of it could be written. The rest goes with the next call, which may have none
                to add.
        """
        lines = "".join(f"{r.to_json()}\n" for r in records).encode()
        self._rest = memoryview(bytes(self._rest) + lines) if self._rest else memoryview(lines)
        while self._rest:  # a disk that fills up takes a part, and refuses only the next
            taken = self._file.write(self._rest)
            self._rest = self._rest[taken:]
            self.size += taken
            self._written += 1

    def close(self) -> None:
        """Ends when everything is on the disk."""
        self._closing.set()
        self._syncer.join()
        self._file.close()

    def _keep_synced(self) -> None:
        # It looks and is not woken: that would cost the thread that hands out trials.
        while not self._closing.wait(SYNC_INTERVAL):
            self._sync()
        self._sync()

    def _sync(self) -> None:
        written = self._written
        if written == self._synced:
            return
        try:
            os.fsync(self._file.fileno())
        except OSError as error:  # pipes and some network file systems cannot
            log.warning("the journal may not survive a loss of power: %s", error)
        self._synced = written


def is_locked(folder: Path) -> bool:
    """Whether a driver runs the experiment in this folder, as far as can be told. Raises OSError."""
    if in_store(folder):
        return lease.is_held(folder)
    if fcntl is None or not (folder / "lock").exists():
        return False
    with (folder / "lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _whole_lines(path: Path) -> int:
    """How many bytes of the file are whole lines."""
    return path.read_bytes().rfind(b"\n") + 1


@contextlib.contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Nobody else has this folder's journal meanwhile. The lock ends with the process, however that ends.

    Raises:
        ExperimentLocked: another process, or this one, has it.
    """
    with (folder / "lock").open("a+") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                who = file.read().strip() or "another process"
                raise ExperimentLocked(f"experiment {name} is being run by {who}") from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield


def _sync_folder(folder: Path) -> None:
    """The folder itself is on the disk, so that the journal is found there."""
    for path in (folder, folder.parent):
        with contextlib.suppress(OSError):  # not everywhere can folders be opened
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
