"""A search that this kernel does not run, as its folder has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from maggy.bridge.contract import Request
from maggy.core.events import ExperimentEnded, Record
from maggy.core.state import State
from maggy.past import PastFolder, read_journal

_TAIL = 64 * 1024  # bytes of a log that are shown


class Past:
    """What is left of a search in its folder, for a view of it: a `Source` that only reads.

    Raises:
        OSError: the folder has no journal.
        WireError: it is none of ours, or one of another version.
    """

    def __init__(self, path: Path) -> None:
        self.experiment = path.name
        self.path = path
        self.records = read_journal(path)
        self.state = State(self.records)
        self.name = self.state.settings.name if self.state.settings else ""

    @property
    def closed(self) -> str | None:
        """Why there will be nothing more, where the search did not come to its end."""
        if self.records and isinstance(self.records[-1].event, ExperimentEnded):
            return None
        return "this kernel does not run this search; shown is what its folder holds"

    def clock(self) -> float:
        """The time of the last thing that is known to have happened."""
        return self.records[-1].time if self.records else 0.0

    def snapshot(self) -> tuple[int, list[Record]]:
        return self.state.number, self.records

    def subscribe(self, listener: Callable[[Sequence[Record]], None]) -> Callable[[], None]:
        return lambda: None

    def request(self, request: Request) -> None:
        raise ValueError(self.closed or "this search is over")

    def log_tail(self, trial: str) -> tuple[str, int]:
        """The end of a trial's log, and how many bytes stand before it. Raises OSError, ValueError."""
        known = self.state.trials.get(trial)
        if known is None:
            raise ValueError(f"there is no trial {trial!r:.60}")
        return PastFolder(self.path).log_tail(known.number, _TAIL)
