"""What experiments have left in their folders, to be read: journals, logs, which of them there are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from maggy import pieces
from maggy.core.events import Record
from maggy.exceptions import WireError
from maggy.places import asking, in_store, spool_of

# The journal's file, on file systems.
NAME = "events.jsonl"
# How often a journal is read anew because its pieces were merged meanwhile.
_TRIES = 5

# The bytes with which no character of UTF-8 begins.
_CONTINUED = bytes(range(0x80, 0xC0))


class PastFolder:
    """The folder of an experiment, to be read.

    Attributes:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def log_path(self, trial_number: int) -> Path:
        """Where a trial's log is, if it has one."""
        return self.path / "trials" / f"{trial_number:04d}.log"

    def log_tail(self, trial_number: int, size: int) -> tuple[str, int]:
        """The last `size` bytes of a trial's log, and how many stand before them. Raises OSError."""
        path = self.log_path(trial_number)
        with asking(path):
            if not path.exists():
                return "", 0
            with path.open("rb") as file:
                length = file.seek(0, os.SEEK_END)
                before = file.seek(max(0, length - size))
                tail = file.read(size)
        # The first character may have been cut in the middle.
        whole = tail.lstrip(_CONTINUED) if before else tail
        return whole.decode(errors="replace"), before


def read_journal(folder: Path) -> list[Record]:
    """The records of a folder's journal.

    The last line counts only if it is whole: whoever wrote it may have been killed, or be at it.

    Raises:
        OSError: it cannot be read.
        WireError: a line is no record, or a piece is missing.
    """
    records = []
    for number, line in enumerate(read_lines(folder).split(b"\n")[:-1], 1):
        try:
            records.append(Record.from_json(line.decode()))
        except (WireError, UnicodeDecodeError) as error:
            raise WireError(f"{folder / NAME}, line {number}: {error}") from None
    return records


def read_lines(folder: Path) -> bytes:
    """The journal as it is, the last line perhaps torn. Raises as `read_journal` does.

    Of an experiment in a store that this machine's driver ran, its own copy may know more.
    """
    if not in_store(folder):
        return (folder / NAME).read_bytes()
    own = spool_of(folder) / NAME
    mine = own.read_bytes() if own.exists() else b""
    there = read_store(folder)
    return mine if mine.startswith(there) else there


def read_store(folder: Path) -> bytes:
    """The whole lines that a store has of a journal. Raises as `read_journal` does."""
    for tried in range(_TRIES):
        try:
            with asking(folder):
                return _read_pieces(folder)
        except (FileNotFoundError, WireError):
            # Pieces were merged between the look at what there is and the reading.
            if tried == _TRIES - 1:
                raise
    raise AssertionError


def _read_pieces(folder: Path) -> bytes:
    store: Any = folder
    starts = pieces.wanted(sizes(folder))
    if not starts:
        return b""
    paths = {f"{store.path}/{name}": start for name, start in starts.items()}
    read = store.fs.cat(list(paths))
    by_name = {path.rsplit("/", 1)[-1]: data for path, data in read.items()}
    return pieces.joined((start, by_name[name]) for name, start in starts.items())


def sizes(folder: Path) -> Mapping[str, int]:
    """The files in a folder of a store and their sizes in bytes; none where there is no such folder.

    While files are removed, a list may lack them and what came in their place, too: it is believed once
    the next one has all that it had.

    Raises:
        FileNotFoundError: more files were removed at each look.
    """
    before: Mapping[str, int] | None = None
    for _ in range(_TRIES):
        found = _listed(folder)
        if before is not None and found is not None and before.keys() <= found.keys():
            return found
        before = found
    raise FileNotFoundError(f"files keep disappearing from {folder}")


def _listed(folder: Path) -> Mapping[str, int] | None:
    """None where the store did not bear that a file was removed while it listed its folder."""
    store: Any = folder
    try:
        found = store.fs.ls(store.path, detail=True)
    except (FileNotFoundError, KeyError):
        return None if store.fs.exists(store.path) else {}
    return {one["name"].rsplit("/", 1)[-1]: one["size"] for one in found if one["type"] == "file"}


def journals(base: Path) -> dict[Path, float]:
    """The experiments' folders below one, and when each was changed last, the latest first.

    Raises:
        OSError: the store cannot be read.
    """
    changed: dict[Path, float] = {}
    with asking(base):
        for path in base.glob(f"*/{pieces.FIRST}*" if in_store(base) else f"*/{NAME}"):
            changed[path.parent] = last_change(path.parent)
    return dict(sorted(changed.items(), key=lambda item: item[1], reverse=True))


def last_change(folder: Path) -> float:
    """When an experiment's journal was written to last, in seconds since the epoch."""
    if not in_store(folder):
        return (folder / NAME).stat().st_mtime
    store: Any = folder
    with asking(folder):
        written = [_modified(one) for one in store.fs.ls(store.path, detail=True) if one["type"] == "file"]
    return max(written, default=0.0)


def is_experiment(folder: Path) -> bool:
    """Whether there is a journal."""
    if not in_store(folder):
        return (folder / NAME).is_file()
    with asking(folder):
        return bool(pieces.wanted(sizes(folder)))


def _modified(info: Mapping[str, Any]) -> float:
    """Stores call it by various names, and give numbers or dates."""
    for key in ("mtime", "LastModified", "last_modified", "updated", "created"):
        found = info.get(key)
        if isinstance(found, datetime):
            return found.timestamp()
        if isinstance(found, (int, float)):
            return float(found)
    return 0.0
