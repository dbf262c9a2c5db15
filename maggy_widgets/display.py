"""A search as the output of a cell: the live view, and the report that stays when there is no kernel."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import secrets
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IPython import get_ipython
from IPython.display import display

from maggy.core.events import ExperimentEnded, Record
from maggy.core.state import State
from maggy_widgets import report
from maggy_widgets.host import host
from maggy_widgets.model import search_of
from maggy_widgets.pump import Pump
from maggy_widgets.view import view
from maggy_widgets.writer import plain, writer

if TYPE_CHECKING:
    from maggy.bridge.source import Source

log = logging.getLogger("maggy.widgets")

VIEW_TYPE = "application/vnd.maggy.view+json"
WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
REPORT_TYPES = ("text/plain", "text/html")

# Seconds that the last picture may take at the end of a cell.
_PATIENCE = 10.0
_NOT_HEARD = "Buttons work once this cell has ended; run with wait=False or %%maggy to use them while it runs"


class Shown:
    """A search that is shown in the output of a cell.

    The output is the live view; for where there is no kernel it holds a report, too, which is brought up
    to date at the end of the search, in the Writer's thread. It goes to the view in the browser as well,
    which puts it into the notebook where the page that got this output is not there any more.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._search = search_of(source)
        self._ids = {"model_id": view(source).model_id, "search_id": self._search.model_id}
        self._display_id = f"maggy-{secrets.token_hex(8)}"
        self._pump: Pump | None = None
        # The report that comes at the end belongs to this cell, too.
        self._context = contextvars.copy_context()
        self._cell = _cell()
        self._displayed = self._ended = False
        self._final = threading.Event()
        self._unsubscribe = source.subscribe(self._on_records)
        self._publish(update=False)
        self._displayed = True
        if self._ended:
            self._finish_soon()

    def pump(self, timeout: float = 0.0) -> None:
        """Waits up to `timeout` seconds and hears meanwhile what is clicked; for a cell that waits."""
        if self._pump is None:
            self._pump = Pump().__enter__()
            if not self._pump.works:
                self._search.say("pump", _NOT_HEARD)
        self._pump(timeout)

    def close(self, patient: bool = True) -> None:
        """Ends pumping; when `patient`, waits until the report of the ended search is in the cell."""
        if self._pump is not None:
            self._pump.__exit__()
            self._pump = None
            self._search.say("pump", "")
        if patient:
            self._final.wait(_PATIENCE)

    def repeat(self) -> bool:
        """Brings the report of an ended search up to date for the cell that runs; False before the end.

        Who executes a notebook without showing it (nbclient) takes in only what comes from the cell that
        runs, and drops what an earlier cell's search says at its end.
        """
        if not self._ended:
            return False
        self._final.wait(_PATIENCE)
        if self._cell != _cell():
            self._publish(update=True)
        return True

    def _on_records(self, records: Sequence[Record]) -> None:
        if not records or any(isinstance(record.event, ExperimentEnded) for record in records):
            self._ended = True
            if self._displayed:
                self._finish_soon()

    def _finish_soon(self) -> None:
        writer.put(lambda: self._context.run(self._finish))

    def _finish(self) -> None:
        if self._final.is_set():
            return
        try:
            self._publish(update=True)
        finally:
            self._close_books()

    def _publish(self, update: bool) -> None:
        state = State(self._source.snapshot()[1])
        over = state.end is not None or self._source.closed is not None
        bundle = _bundle(self._source, state, self._ids, over)
        display(bundle, raw=True, display_id=self._display_id, update=update)  # type: ignore[no-untyped-call]
        if over:
            self._search.report = {kind: bundle[kind] for kind in REPORT_TYPES}
            self._close_books()

    def _close_books(self) -> None:
        if not self._final.is_set():
            self._ended = True
            self._final.set()
            self._unsubscribe()


# What was shown without being asked for in which cell, so that it is not shown twice where it is, too, the
# value of the cell.
_unasked: dict[tuple[str, str], Shown] = {}


def show(source: Source, asked: bool = True) -> Shown:
    """Shows a search in the output of the cell that runs.

    Args:
        source: the search.
        asked: whether a person asked for it; who did not need not see the same search again, which is
            the value of the same cell.
    """
    key = (_cell(), source.experiment)
    if asked and key in _unasked:
        return _unasked.pop(key)
    shown = Shown(source)
    _follow(shown)
    if not asked:
        _unasked.clear()
        _unasked[key] = shown
    return shown


# What is shown of searches whose report may have to come in a later cell.
_followed: list[Shown] = []


def _follow(shown: Shown) -> None:
    if not _followed:
        with contextlib.suppress(AttributeError):  # there is no shell
            get_ipython().events.register("post_run_cell", _after_cell)
    _followed.append(shown)


def _after_cell(result: Any) -> None:
    _followed[:] = [shown for shown in _followed if not _done_with(shown)]
    if not _followed:
        get_ipython().events.unregister("post_run_cell", _after_cell)


def _done_with(shown: Shown) -> bool:
    try:
        return shown.repeat()
    except Exception as error:  # a report must never spoil a cell
        log.warning("the report cannot be shown: %r", error)
        return True


def _cell() -> str:
    """The id of the message that the kernel is at; '' where there is no telling."""
    try:
        return str(get_ipython().get_parent()["header"]["msg_id"])
    except (AttributeError, KeyError):
        return ""


def _bundle(source: Source, state: State, ids: dict[str, str], over: bool) -> dict[str, Any]:
    path = getattr(source, "path", None)
    bundle = {
        "text/plain": plain(report.text(state)),
        "text/html": plain(report.html(state, path, running=not over)),
        VIEW_TYPE: ids,
    }
    # Who has not our extension shows the widget where one is named, and the report else.
    if host() == "extension":
        return bundle
    return {**bundle, WIDGET_TYPE: {"version_major": 2, "version_minor": 0, "model_id": ids["model_id"]}}
