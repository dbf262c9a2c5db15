"""Brings an experiment's folder to a store, in the background: the journal in pieces, other files whole.

What happens is in the driver's own copy before anything acts on it, as ever, and in the store within about
`INTERVAL` seconds. A driver that dies loses nothing, as its machine has the copy; a machine that is lost
takes along what the store had not got, at most `LAG` seconds: where the store does not answer for longer
than that, the search rests.
"""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import time
from pathlib import Path
from typing import Any

from maggy import past, pieces
from maggy.driver import lease
from maggy.driver.lease import Lease
from maggy.exceptions import ExperimentLocked
from maggy.places import asking, make_folder

log = logging.getLogger("maggy.driver")

# Seconds between two pieces, between tries where the store does not answer, between looks at other files.
INTERVAL, RETRY, FILES_INTERVAL = 1.0, 1.0, 10.0
# The oldest that may be missing in the store, in seconds, before the search rests.
LAG = 10.0
# Pieces smaller than `SMALL` bytes are merged when there are `MANY`; none is larger than `LARGE`.
SMALL, MANY, LARGE = 1 << 19, 64, 1 << 22

_OF_A_TRIAL = re.compile(r"[0-9]{4,}\.(log|state)")


class Mirror:
    """One experiment on its way to a store.

    Args:
        folder: in the store.
        own: the driver's copy, locked by this process.

    Raises:
        ExperimentLocked: another driver runs the experiment.
        OSError: the store cannot be asked.
        WireError: its journal lacks a piece.
    """

    def __init__(self, folder: Path, own: Path) -> None:
        self._folder: Any = folder
        self._own, self._trials = own, own / "trials"
        make_folder(folder / "trials")
        self._lease = Lease(folder, own)
        self._news = threading.Condition()
        self._written = self._stored = 0  # bytes of the journal
        self._since: float | None = None  # when the oldest of what is missing came, monotonic
        self._trouble = ""
        self._lost: ExperimentLocked | None = None
        self._closing = self._hurried = self._off = False
        self._pieces: list[tuple[int, str]] = []  # the last ones, all small: start and name
        self._files: dict[Path, int] = {}  # those that changed, and their sizes when they were stored last
        self._changed: set[Path] = set()
        self._threads = [
            threading.Thread(target=run, name=name, daemon=True)
            for run, name in ((self._keep_journal, "maggy-store"), (self._keep_files, "maggy-store-files"))
        ]

    def fetch(self) -> None:
        """Brings what the store has, and the driver's copy has not, into the copy."""
        there, journal = past.read_store(self._folder), self._own / past.NAME
        mine = journal.read_bytes() if journal.exists() else b""
        # Where another driver went on, its trials' files are newer than ours, or of other trials.
        known = set() if not mine.startswith(there) else {path.name for path in self._trials.iterdir()}
        if not there.startswith(mine[: mine.rfind(b"\n") + 1]) and not mine.startswith(there):
            self._set_aside(journal)
        with asking(self._folder):
            self._clear_torn(len(there))
            self._fetch_trials(known)
        if not mine.startswith(there):
            journal.write_bytes(there)
        self._stored = len(there)

    def _set_aside(self, journal: Path) -> None:
        """Keeps what this machine had of a past that others do not share, and begins anew."""
        aside = self._own.with_name(f"{self._own.name}-{time.time_ns()}")
        aside.mkdir(mode=0o700)
        self._trials.replace(aside / "trials")
        journal.replace(aside / past.NAME)
        self._trials.mkdir(mode=0o700)
        log.warning("another driver went on with %s; what this machine had is in %s", self._folder, aside)

    def _clear_torn(self, end: int) -> None:
        """Frees the name of the next piece, which a driver that was killed may have begun to write."""
        torn = f"{self._folder.path}/{pieces.name(end)}"
        if self._folder.fs.exists(torn):
            self._folder.fs.rm_file(torn)

    def _fetch_trials(self, known: set[str]) -> None:
        store = self._folder / "trials"
        names = sorted(name for name in set(past.sizes(store)) - known if _OF_A_TRIAL.fullmatch(name))
        if names:
            there = [f"{store.path}/{name}" for name in names]
            self._folder.fs.get(there, [str(self._trials / name) for name in names])

    def start(self, written: int) -> None:
        """Starts the threads; so many bytes of the journal are there already."""
        self.wrote(written)
        for thread in self._threads:
            thread.start()

    def wrote(self, size: int) -> None:
        """The journal has so many bytes now. Raises ExperimentLocked where another driver has taken over."""
        if self._lost is not None:
            raise self._lost
        with self._news:
            if self._since is None and size > self._stored:
                self._since = time.monotonic()
            self._written = size

    def check(self) -> None:
        """Raises OSError where the store lacks what is older than `LAG` seconds."""
        since = self._since
        if since is not None and time.monotonic() - since > LAG:
            raise OSError(self._trouble or f"{self._folder} is slow to answer")

    def settle(self, timeout: float) -> None:
        """Waits so many seconds for the store to have the whole journal. Raises OSError where it has not."""
        with self._news:
            self._hurried = True
            self._news.notify_all()
            if not self._news.wait_for(lambda: self._stored >= self._written or self._lost, timeout):
                raise OSError(self._trouble or f"{self._folder} is slow to answer")
        if self._lost is not None:
            raise self._lost

    def changed(self, path: Path) -> None:
        """Has a file of the driver's copy brought to the store."""
        with self._news:
            self._changed.add(path)

    def close(self, timeout: float) -> bool:
        """Brings the rest; whether all of it is there after so many seconds."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        until = time.monotonic() + timeout
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, until - time.monotonic()))
        self._off = True
        whole = self._stored >= self._written and not self._changed and self._lost is None
        return whole and not any(thread.is_alive() for thread in self._threads)

    # The journal's thread.

    def _keep_journal(self) -> None:
        beaten = time.monotonic()
        while not self._off and self._lost is None:
            closing = self._await_turn()
            try:
                if time.monotonic() - beaten >= lease.BEAT:
                    self._lease.beat()
                    beaten = time.monotonic()
                self._ship()
                self._merge(2 if closing else MANY)
                if closing and self._is_whole():
                    self._lease.release()
                    return
                self._trouble = ""
            except ExperimentLocked as error:
                self._lost = error
            except Exception as error:
                self._trouble = f"{self._folder}: " + " ".join(str(error).split())[:300]
            with self._news:
                self._news.notify_all()

    def _await_turn(self) -> bool:
        """Waits for the next turn; whether it is to be the last."""
        with self._news:
            if self._trouble:
                self._news.wait(RETRY)
            else:
                self._news.wait_for(lambda: self._closing or self._hurried, INTERVAL)
            self._hurried = False
            return self._closing

    def _ship(self) -> None:
        # No more than there is now: a busy search writes faster, and the lease has its time, too.
        end = self._written
        while self._stored < end:
            begun = time.monotonic()
            piece = self._lines(self._stored, end)
            name = pieces.name(self._stored)
            # Whoever was suspended, for however long, writes no more than one piece that is passed over.
            self._lease.check()
            self._create(name, piece)
            with self._news:
                self._pieces.append((self._stored, name))
                self._stored += len(piece)
                self._since = None if self._stored >= self._written else begun
            self._keep_small(self._stored)

    def _lines(self, start: int, end: int) -> bytes:
        """Whole lines of the journal from one byte to another, about `LARGE` bytes at most."""
        data = self._read(start, min(end, start + LARGE))
        whole = data.rfind(b"\n") + 1
        return data[:whole] if whole else self._read(start, end)

    def _read(self, start: int, end: int) -> bytes:
        with (self._own / past.NAME).open("rb") as journal:
            journal.seek(start)
            data = journal.read(end - start)
        if len(data) < end - start:
            raise OSError(f"{self._own / past.NAME} is shorter than what was written to it")
        return data

    def _create(self, name: str, data: bytes) -> None:
        """Makes a piece, if no other driver did."""
        path = f"{self._folder.path}/{name}"
        try:
            self._folder.fs.pipe_file(path, data, mode="create")
        except FileExistsError:
            # It may be our own, cut short, or one whose making the store could not report.
            if not data.startswith(self._folder.fs.cat_file(path)):
                raise ExperimentLocked(
                    f"experiment {self._folder.name} is being run by another driver"
                ) from None
            self._lease.check()
            self._folder.fs.pipe_file(path, data)

    def _merge(self, least: int) -> None:
        """Makes one piece of the last small ones, where there are so many."""
        if len(self._pieces) < least:
            return
        self._lease.check()  # what another driver wrote in place of our last piece is not to be passed over
        start, end = self._pieces[0][0], self._stored
        name = pieces.name(start, end)
        self._folder.fs.pipe_file(f"{self._folder.path}/{name}", self._read(start, end))
        for _, merged in self._pieces:
            with contextlib.suppress(FileNotFoundError):
                self._folder.fs.rm_file(f"{self._folder.path}/{merged}")
        self._pieces = [(start, name)]
        self._keep_small(end)

    def _is_whole(self) -> bool:
        """Whether the store still has all it was given: who deletes or moves things there may not know of us.

        From the first byte that is missing, all goes there again: our own copy is about to be removed.
        """
        there = pieces.covered(past.sizes(self._folder))
        if there >= self._stored:
            return True
        with self._news:
            self._stored = self._read(0, there).rfind(b"\n") + 1
        self._pieces.clear()
        return False

    def _keep_small(self, end: int) -> None:
        """Where the last piece, which ends there, is large, it and those before it stay as they are."""
        if end - self._pieces[-1][0] >= SMALL:
            self._pieces.clear()

    # The other files' thread.

    def _keep_files(self) -> None:
        closing = False
        while not closing and not self._off and self._lost is None:
            with self._news:
                self._news.wait_for(lambda: self._closing or self._off, FILES_INTERVAL)
                closing, changed = self._closing, list(self._changed)
            for path in changed:
                if self._off or self._lost is not None:
                    return
                self._ship_file(path, closing)

    def _ship_file(self, path: Path, closing: bool) -> None:
        """Brings a file, which may grow meanwhile; a log that grows on and on comes ever more rarely."""
        with self._news:
            self._changed.discard(path)
        try:
            size, stored = path.stat().st_size, self._files.get(path, 0)
            if not closing and path.suffix == ".log" and stored < size < 1.5 * stored:
                self.changed(path)
                return
            # Whoever was suspended must not put its own in place of what another driver brought since.
            self._lease.check()
            there = f"{self._folder.path}/{path.relative_to(self._own).as_posix()}"
            self._folder.fs.put_file(str(path), there)
            self._files[path] = size
        except FileNotFoundError as error:
            if path.exists():  # it is the store that lacks something
                self._not_shipped(path, error)
        except Exception as error:
            self._not_shipped(path, error)

    def _not_shipped(self, path: Path, error: Exception) -> None:
        self.changed(path)
        log.warning("cannot bring %s to %s: %s", path.name, self._folder, error)
