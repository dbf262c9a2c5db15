"""The searches at hand: those of this kernel, and those whose folders are there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakValueDictionary

from maggy import handle as handles
from maggy.core.state import State
from maggy.progress import format as fm
from maggy_widgets.past import Past

if TYPE_CHECKING:
    from maggy.bridge.source import Source
    from maggy.running import Running

# How many folders are listed, the latest first.
_MOST = 10
_read: WeakValueDictionary[Path, Past] = WeakValueDictionary()
_HEADS = ("id", "name", "state", "best", "done")


@dataclass(frozen=True, slots=True)
class Row:
    """A search in the list, in words."""

    id: str
    name: str
    state: str
    best: str
    done: str

    def cells(self) -> tuple[str, ...]:
        return tuple(map(fm.clean, (self.id, self.name, self.state, self.best, self.done)))


class Listing:
    """A list of searches that shows itself as a table."""

    def __init__(self, rows: Iterable[Row], more: int = 0) -> None:
        self.rows = list(rows)
        self.more = more

    def __repr__(self) -> str:
        if not self.rows:
            return self._note()
        table = [_HEADS, *(row.cells() for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
        return "\n".join([*lines, self._note()]).rstrip()

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{h}</th>" for h in _HEADS)
        body = "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in r.cells())}</tr>" for r in self.rows)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if self.rows else ""
        return f"{table}<p>{escape(self._note())}</p>" if self._note() else table

    def _note(self) -> str:
        if not self.rows:
            return "no search has run here yet"
        return f"and {self.more} older ones; %maggy attach ID shows any" if self.more else ""


def listing(afar: Iterable[Running] = ()) -> Listing:
    """The searches of this kernel, those that it knows elsewhere, and then the latest of the others."""
    here: list[Running] = [*handles.experiments(), *afar]
    others = [path for path in handles.folders() if path.name not in {handle.id for handle in here}]
    rows = [_row_of(handle) for handle in here] + [_row_of_folder(path) for path in others[:_MOST]]
    return Listing(rows, more=len(others[_MOST:]))


def find(prefix: str, afar: Iterable[Running] = ()) -> Source:
    """A search by its id or the beginning of it; '' is the latest of this kernel, else of all.

    Raises:
        ValueError: there is none, or there are several.
        OSError, WireError: its folder cannot be read.
    """
    known: dict[str, Source | Path] = {path.name: path for path in reversed(handles.folders())}
    here: dict[str, Source | Path] = {handle.id: handle for handle in [*afar, *handles.experiments()]}
    if not prefix and here:
        return cast("Source", list(here.values())[-1])
    known |= here
    found = [i for i in known if i.startswith(prefix)]
    if not found:
        raise ValueError(f"no search begins with {prefix!r:.80}" if prefix else "no search has run here yet")
    if prefix and prefix not in known and len(found) > 1:
        raise ValueError(
            f"{len(found)} searches begin with {prefix!r:.80}, such as {' and '.join(found[:2])}"
        )
    one = known[prefix if prefix in known else found[-1]]
    return one if hasattr(one, "snapshot") else _past(cast("Path", one))


def _past(path: Path) -> Past:
    """What a folder holds; read once, if it is complete and still on show."""
    known = _read.get(path)
    if known is None or known.closed is not None:
        known = _read[path] = Past(path)
    return known


def _row_of(handle: Any) -> Row:
    state = State(handle.snapshot()[1])
    words = state.end.status if state.end else state.phase.lower().replace("new", "starting")
    done = sum(t.ended and t.start is not None for t in state.trials.values())
    best = fm.metric(state.best.final_metric) if state.best else ""
    total = state.total() if state.settings else 0
    return Row(handle.id, handle.name, "failed" if handle.closed else words, best, f"{done} of {total}")


def _row_of_folder(path: Path) -> Row:
    try:
        found = json.loads((path / "result.json").read_text())
        best = "" if found["best_val"] is None else fm.metric(float(found["best_val"]))
        return Row(path.name, "", str(found["status"]), best, str(found["num_trials"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Row(path.name, "", "interrupted, or runs elsewhere", "", "")
