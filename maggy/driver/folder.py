"""An experiment's folder: its events, its trials' logs, its result."""

from __future__ import annotations

import json
import logging
import os
import queue
import re
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from maggy.core import events as ev
from maggy.driver.journal import Journal
from maggy.wire import dumps, loads

log = logging.getLogger("maggy.driver")

# Where experiments go unless told otherwise.
ENVIRONMENT = "MAGGY_DIR"
DEFAULT = "maggy-experiments"
PICKLE = "search.pickle"

# The bytes with which no character of UTF-8 begins.
_CONTINUED = bytes(range(0x80, 0xC0))


def new_experiment_id(name: str) -> str:
    """A readable id that is also a folder's name: name, local time, four random hex digits."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40] or "experiment"
    return f"{slug}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def base_directory(directory: str | os.PathLike[str] | None) -> Path:
    """Where the folders of experiments are: as told, else $MAGGY_DIR, else ./maggy-experiments."""
    return Path(directory or os.environ.get(ENVIRONMENT) or DEFAULT).expanduser().absolute()


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
        if not path.exists():
            return "", 0
        with path.open("rb") as file:
            length = file.seek(0, os.SEEK_END)
            before = file.seek(max(0, length - size))
            tail = file.read(size)
        # The first character may have been cut in the middle.
        whole = tail.lstrip(_CONTINUED) if before else tail
        return whole.decode(errors="replace"), before


class Folder(PastFolder):
    """The folder of one experiment, readable by its owner alone.

    Holds `events.jsonl` (the journal), `trials/0001.log`, ... (what each trial printed and logged, and its
    traceback where it failed), `trials/0001.state`, ... (what it saved, in base64), `search.pickle` (what a
    new driver needs) and, at the end, `result.json`.

    Args:
        base: where the folder is.
        experiment_id: its name.
        again: whether it is there already, and an experiment in it is taken up again.

    Raises:
        ExperimentLocked: a driver runs this experiment.
        OSError: the folder cannot be made.
    """

    def __init__(self, base: Path, experiment_id: str, again: bool = False) -> None:
        super().__init__(base / experiment_id)
        (self.path / "trials").mkdir(mode=0o700, parents=True, exist_ok=again)
        self.path.chmod(0o700)
        self._journal = Journal(self.path)
        self._logs: queue.SimpleQueue[tuple[int, str] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_logs, name="maggy-logs", daemon=True)
        self._writer.start()

    def append(self, records: Sequence[ev.Record]) -> None:
        """Adds the records to the journal. Raises OSError as `Journal.append` does."""
        self._journal.append(records)

    def keep(self, pickled: bytes) -> None:
        """Writes what a new driver needs to take up the search."""
        path = self.path / PICKLE
        path.touch(mode=0o600)
        path.write_bytes(pickled)

    def log(self, trial_number: int, text: str) -> None:
        """Adds text to a trial's log, in the background."""
        self._logs.put((trial_number, text))

    def keep_state(self, trial_number: int, state: str) -> None:
        """Keeps what a trial saved, in place of what it saved before. That it fails is no reason to end."""
        path = self._state_path(trial_number)
        partial = path.with_suffix(".state.partial")
        try:
            partial.write_text(state, "utf-8", errors="replace")
            partial.replace(path)
        except OSError as error:
            log.warning("cannot keep what trial %d saved: %s", trial_number, error)

    def read_state(self, trial_number: int) -> str | None:
        """What a trial saved last; None where it saved nothing."""
        try:
            return self._state_path(trial_number).read_text("utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("cannot read what trial %d saved: %s", trial_number, error)
            return None

    def has_state(self, trial_number: int) -> bool:
        """Whether a trial saved something."""
        return self._state_path(trial_number).exists()

    def _state_path(self, trial_number: int) -> Path:
        return self.path / "trials" / f"{trial_number:04d}.state"

    def write_result(self, result: dict[str, Any]) -> None:
        """Writes `result.json`, whole or not at all."""
        partial = self.path / "result.json.partial"
        # dumps spells infinities; the indentation is for people.
        partial.write_text(json.dumps(loads(dumps(result)), indent=2) + "\n")
        partial.replace(self.path / "result.json")

    def discard(self) -> None:
        """Removes it, after `close`; that it fails does no harm."""
        shutil.rmtree(self.path, ignore_errors=True)

    def close(self) -> None:
        """Waits until everything is written."""
        self._logs.put(None)
        self._writer.join()
        self._journal.close()

    def _write_logs(self) -> None:
        while (entry := self._logs.get()) is not None:
            number, text = entry
            try:
                with self.log_path(number).open("a", encoding="utf-8", errors="replace") as file:
                    file.write(text)
            except OSError as error:  # unlike the journal, no reason to end the search
                log.warning("cannot write the log of trial %d: %s", number, error)
