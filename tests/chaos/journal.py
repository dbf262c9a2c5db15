"""What a search's journal says, while it is being written and at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from maggy.core import events as ev
from maggy.core.state import State
from maggy.driver.journal import NAME, read_journal
from maggy.trial import Trial


class Tail:
    """Reads a journal as it grows.

    Attributes:
        records: all so far.
        state: what they lead to.
    """

    def __init__(self, base: Path) -> None:
        self._base = base
        self._read = 0
        self.records: list[ev.Record] = []
        self.state = State()

    def count(self, kind: type) -> int:
        return sum(isinstance(record.event, kind) for record in self.records)

    def read(self) -> None:
        """Takes in the whole lines that are new."""
        found = list(self._base.glob(f"*/{NAME}"))
        if not found:
            return
        with found[0].open("rb") as journal:
            # A new driver cuts off a line that the old one did not write to its end.
            journal.seek(self._read)
            *lines, _ = journal.read().split(b"\n")
        for line in lines:
            self._read += len(line) + 1
            record = ev.Record.from_json(line.decode())
            self.records.append(record)
            self.state.apply(record)


def complaints(base: Path, expected: Callable[[int], float]) -> list[str]:
    """What is wrong with a search that has come to its end; empty where all is well."""
    [folder] = base.iterdir()
    records = read_journal(folder)
    state = State(records)
    state.validate()
    wrong = [] if state.end and state.end.status == "finished" else [f"it ended as {state.end}"]
    ended = Counter(r.event.trial for r in records if isinstance(r.event, ev.TrialFinished))
    for trial in state.trials.values():
        if trial.status != Trial.FINALIZED or ended[trial.trial_id] != 1:
            wrong.append(f"trial {trial.number} is {trial.status}, finished {ended[trial.trial_id]} times")
        elif trial.final_metric != expected(trial.params["x"]):
            wrong.append(f"trial {trial.number} gave {trial.final_metric} for {trial.params}")
    return wrong
