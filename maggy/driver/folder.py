"""An experiment's folder: its events, its trials' logs, its result."""

from __future__ import annotations

import contextlib
import json
import logging
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
from maggy.driver.journal import Journal, locked
from maggy.driver.mirror import Mirror
from maggy.past import PastFolder
from maggy.places import in_store, remove, spool_of
from maggy.wire import dumps, loads

log = logging.getLogger("maggy.driver")

PICKLE = "search.pickle"

# Seconds that the end of a search waits for a store at a time; that leaving one does, and in a hurry.
SETTLE, CLOSE, HURRIED = 2.0, 30.0, 2.0
# How many characters of each log wait for room on a full disk.
MOST_REFUSED = 1 << 20


def new_experiment_id(name: str) -> str:
    """A readable id that is also a folder's name: name, local time, four random hex digits."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40] or "experiment"
    return f"{slug}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


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
        # Of an experiment in a store, this process writes a copy of its own, which is brought there.
        self._own = spool_of(self.path) if in_store(self.path) else self.path
        (self._own / "trials").mkdir(mode=0o700, parents=True, exist_ok=again or in_store(self.path))
        self._own.chmod(0o700)
        self._ends = contextlib.ExitStack()
        try:
            self._open()
        except BaseException:
            self._ends.close()
            raise
        self._logs: queue.SimpleQueue[tuple[int, str] | None] = queue.SimpleQueue()
        self._grudged: set[int] = set()  # trials whose log could not be written, as was said
        self._writer = threading.Thread(target=self._write_logs, name="maggy-logs", daemon=True)
        self._writer.start()

    def _open(self) -> None:
        self._ends.enter_context(locked(self._own, self.path.name))
        self._mirror = Mirror(self.path, self._own) if in_store(self.path) else None
        if self._mirror is not None:
            self._mirror.fetch()
        self._journal = Journal(self._own)
        if self._mirror is not None:
            self._mirror.start(self._journal.size)

    def log_path(self, trial_number: int) -> Path:
        return PastFolder(self._own).log_path(trial_number)

    def append(self, records: Sequence[ev.Record]) -> None:
        """Adds the records to the journal.

        Raises:
            OSError: as `Journal.append` does; or a store does not answer for long, and the records are in
                the driver's copy alone.
            ExperimentLocked: another driver has taken up the experiment.
        """
        self._journal.append(records)
        if self._mirror is not None:
            self._mirror.wrote(self._journal.size)
            self._mirror.check()

    def settle(self) -> None:
        """Waits for a moment until a store has the whole journal. Raises OSError where it has not."""
        if self._mirror is not None:
            self._mirror.settle(SETTLE)

    def _changed(self, path: Path) -> None:
        if self._mirror is not None:
            self._mirror.changed(path)

    def keep(self, pickled: bytes) -> None:
        """Writes what a new driver needs to take up the search."""
        self._write_whole(self._own / PICKLE, pickled)

    def log(self, trial_number: int, text: str) -> None:
        """Adds text to a trial's log, in the background."""
        self._logs.put((trial_number, text))

    def keep_state(self, trial_number: int, state: str) -> None:
        """Keeps what a trial saved, in place of what it saved before. That it fails is no reason to end."""
        try:
            # Its end is marked: what a store has of a file may be cut short.
            self._write_whole(self._state_path(trial_number), f"{state}\n".encode(errors="replace"))
        except OSError as error:
            log.warning("cannot keep what trial %d saved: %s", trial_number, error)

    def read_state(self, trial_number: int) -> str | None:
        """What a trial saved last; None where it saved nothing, or that cannot be read."""
        try:
            text = self._state_path(trial_number).read_text("utf-8")
            if text.endswith("\n"):
                return text[:-1]
            error: Exception = ValueError("it was cut short on its way")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as failed:
            error = failed
        log.warning("cannot read what trial %d saved: %s", trial_number, error)
        return None

    def has_state(self, trial_number: int) -> bool:
        """Whether a trial saved something."""
        return self._state_path(trial_number).exists()

    def _state_path(self, trial_number: int) -> Path:
        return self._own / "trials" / f"{trial_number:04d}.state"

    def write_result(self, result: dict[str, Any]) -> None:
        """Writes `result.json`, whole or not at all."""
        # dumps spells infinities; the indentation is for people.
        text = json.dumps(loads(dumps(result)), indent=2) + "\n"
        self._write_whole(self._own / "result.json", text.encode())

    def _write_whole(self, path: Path, content: bytes) -> None:
        partial = path.with_name(f"{path.name}.partial")
        partial.touch(mode=0o600)
        partial.write_bytes(content)
        partial.replace(path)
        self._changed(path)

    def discard(self) -> None:
        """Removes it, after `close`; that it fails does no harm."""
        if in_store(self.path):
            shutil.rmtree(spool_of(self.path), ignore_errors=True)
            remove(self.path)
        else:
            shutil.rmtree(self.path, ignore_errors=True)

    def close(self, patient: bool = True) -> None:
        """Waits until all is written; what a store does not take in time stays in the driver's copy."""
        self._logs.put(None)
        self._writer.join()
        self._journal.close()
        if self._mirror is not None and self._own != self.path:
            self._leave(self._mirror, CLOSE if patient else HURRIED)
        self._ends.close()

    def _leave(self, mirror: Mirror, timeout: float) -> None:
        if mirror.close(timeout):
            shutil.rmtree(self._own, ignore_errors=True)
            self._own = self.path
        else:
            log.warning("%s does not have all of the search; the rest is in %s", self.path, self._own)

    def _write_logs(self) -> None:
        refused: dict[int, str] = {}  # what the disk had no room for, by trial
        while (entry := self._logs.get()) is not None:
            number, text = entry
            refused[number] = (refused.get(number, "") + text)[-MOST_REFUSED:]
            self._write_log(refused, number)
        for number in list(refused):
            self._write_log(refused, number, last=True)

    def _write_log(self, refused: dict[int, str], number: int, last: bool = False) -> None:
        path = self.log_path(number)
        try:
            with path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(refused[number])
            self._changed(path)
            del refused[number]
            self._grudged.discard(number)
        except OSError as error:  # unlike the journal, no reason to end the search
            if last or number not in self._grudged:
                log.warning("cannot write the log of trial %d: %s", number, error)
            self._grudged.add(number)
