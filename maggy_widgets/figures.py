"""Live bqplot figures of a search: ordinary ones, to put in any cell, restyle, link and export."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

import bqplot as bq
from ipywidgets import Widget

from maggy.core.events import Record
from maggy.core.objectives import metric_name
from maggy.core.state import ENDED, State
from maggy.exceptions import IllegalTransition
from maggy_widgets.plots.base import Change, Plot
from maggy_widgets.plots.best import Best
from maggy_widgets.plots.curves import Curves
from maggy_widgets.plots.dimension import parameters
from maggy_widgets.plots.effects import Effects
from maggy_widgets.plots.front import Front
from maggy_widgets.plots.importance import Importance
from maggy_widgets.plots.space import Space, named_axes

if TYPE_CHECKING:
    from maggy.bridge.source import Source

log = logging.getLogger("maggy.widgets")

# Seconds between two updates of the figures.
INTERVAL = 0.5
# Seconds to wait for a new figure's first data.
PATIENCE = 2.0

Act = Callable[[], None]
P = TypeVar("P", bound=Plot)


class Figures:
    """Figures that follow a search until it ends or they are closed.

    The same call gives the same figure as long as it is not closed, so that running a cell again makes no
    further one. Change what you like of it; only the data of its marks, and an axis' range that nobody has
    set, are updated, at most twice a second. Export one with its `save_png` and `save_svg`.

    Args:
        source: the search.
        put: runs a function in the one thread that may write to the browser.
    """

    def __init__(self, source: Source, put: Callable[[Act], None] | None = None) -> None:
        self.source = source
        self._put = put or _put
        self._plots: dict[Hashable, Plot] = {}
        self._state = State()
        self._unsubscribe: Act | None = None
        self._batches: deque[Sequence[Record]] = deque()
        self._timer: threading.Timer | None = None
        self._due = 0.0

    def curves(self, trials: Iterable[int] | None = None, log: bool = False) -> bq.Figure:
        """Learning curves, up to 100.

        Args:
            trials: their numbers; the running, the best and the latest where None.
            log: a logarithmic axis for the metric.
        """
        numbers = None if trials is None else tuple(trials)
        return self._plot(("curves", numbers, log), lambda: Curves(numbers, log)).figure

    def space(self, x: str | None = None, y: str | None = None, select: str | None = "brush") -> bq.Figure:
        """Trials by two hyperparameters, coloured by metric; the best and the latest of more than 2,000.

        Trials that lack one of the two, as it depends on others, are left out.

        Args:
            x, y: names of hyperparameters, or 'metric'; the first two where None.
            select: 'brush' or 'lasso' to select trials with the mouse, for `selected`; None to have it
                tell what it points at.

        Raises:
            ValueError: there is no such hyperparameter or selector.
        """
        self._connect()
        x, y = named_axes(self._state.settings, x, y)
        plot = self._plot(("space", x, y), lambda: Space(self._state.settings, x, y))
        plot.select(select)
        return plot.figure

    def best(self, by: str = "trial") -> bq.Figure:
        """The best metric so far, and every trial's final metric.

        Args:
            by: 'trial' for their numbers, 'time' for when they ended.

        Raises:
            ValueError: it is neither.
        """
        return self._plot(("best", by), lambda: Best(by)).figure

    def front(self) -> bq.Figure:
        """The first objective against the second one, with the Pareto front.

        Raises:
            ValueError: there is one objective only.
        """
        if not self.has_several():
            raise ValueError("a Pareto front is of several objectives; best() shows how one gets better")
        return self._plot(("front",), Front).figure

    def has_several(self) -> bool:
        """Whether there are several objectives."""
        self._connect()
        return self._state.settings is not None and len(self._state.settings.directions) > 1

    def importance(self) -> bq.Figure:
        """How much of the metric's variance each hyperparameter explains on its own.

        See `maggy_widgets.importance` for what that means, and for what it does not see.
        """
        return self._plot(("importance",), Importance).figure

    def effects(self) -> bq.Figure:
        """How the metric changes without each component of an ablation, what is missed most at the top.

        Raises:
            ValueError: this is no ablation.
        """
        if not self.is_ablation():
            raise ValueError("effects are those of an ablation; importance() is a search's")
        return self._plot(("effects",), Effects).figure

    def is_ablation(self) -> bool:
        """Whether the trials are compared with a base."""
        self._connect()
        return self._state.settings is not None and self._state.settings.baseline is not None

    def selected(self, figure: bq.Figure) -> list[int]:
        """The numbers of the trials that are selected in a figure that `space` made."""
        spaces = [p for p in self._plots.values() if isinstance(p, Space) and p.figure is figure]
        return sorted(self._state.trials[i].number for plot in spaces for i in plot.selected())

    def metric(self) -> str:
        """What the metric is called, as far as is known."""
        self._connect()
        return metric_name(self._state)

    def parameters(self) -> list[str]:
        """The names of the hyperparameters."""
        self._connect()
        return list(parameters(self._state.settings))

    def all(self) -> Widget:
        """All of them, with what it takes to choose axes and to select trials."""
        from maggy_widgets.plots.panel import panel

        return panel(self)

    def _plot(self, key: Hashable, make: Callable[[], P]) -> P:
        """The plot of this key, with data; a new one at the first time, and after it was closed."""
        known: Any = self._plots.get(key)
        if known is not None and known.figure.comm is not None:
            found: P = known
            return found
        self._connect()
        plot, filled = make(), threading.Event()
        self._put(lambda: self._add(key, plot, filled))
        filled.wait(PATIENCE)
        return plot

    def _connect(self) -> None:
        """Follows the search from now on, if it does not yet."""
        if self._unsubscribe is None and self._state.phase != ENDED:
            # In this order: what comes in between is known twice, and passed over.
            self._unsubscribe = self.source.subscribe(self._listen)
            self._state = self._snapshot()
        if self._state.phase == ENDED:
            self._disconnect()

    def _snapshot(self) -> State:
        last, records = self.source.snapshot()
        state = State(records)
        state.number = last
        return state

    def _disconnect(self) -> None:
        unsubscribe, self._unsubscribe = self._unsubscribe, None
        if unsubscribe is not None:
            unsubscribe()

    # In the thread that watches the search.

    def _listen(self, records: Sequence[Record]) -> None:
        self._batches.append(records)
        if self._timer is None:
            self._timer = threading.Timer(max(0.0, self._due - time.monotonic()), self._fire)
            self._timer.daemon = True
            self._timer.start()

    def _fire(self) -> None:
        self._due = time.monotonic() + INTERVAL
        # First: who comes now needs a new timer, as its records may not be seen any more.
        self._timer = None
        self._put(self._go_on)

    # In the Writer's thread.

    def _add(self, key: Hashable, plot: Plot, filled: threading.Event) -> None:
        self._connect()
        self._update()
        if self._follow(plot, Change(whole=True)):
            self._plots[key] = plot
        filled.set()

    def _go_on(self) -> None:
        self._update()
        if not self._plots or self._state.phase == ENDED or self.source.closed is not None:
            self._disconnect()

    def _update(self) -> None:
        """Takes in what happened, and passes it on to those figures that are still there."""
        change = self._fold()
        for key, plot in list(self._plots.items()):
            if plot.figure.comm is None or not self._follow(plot, change):
                del self._plots[key]

    def _fold(self) -> Change:
        records = [r for _ in range(len(self._batches)) for r in self._batches.popleft()]
        records = [r for r in records if r.number > self._state.number]
        try:
            for record in records:
                self._state.apply(record)
        except IllegalTransition:
            # Something was missed.
            self._state = self._snapshot()
            return Change(whole=True)
        return Change.of(records)

    def _follow(self, plot: Plot, change: Change) -> bool:
        """Updates a figure; one that fails, perhaps as a person changed it, must not take others along."""
        try:
            plot.update(self._state, change)
        except Exception as error:
            log.warning("a figure failed and is no longer updated: %r", error)
            return False
        return True


def figures_of(source: Source) -> Figures:
    """The one Figures of this source, for those that do not keep it."""
    known = _figures.get(source.experiment)
    if known is None or known.source is not source:
        known = _figures[source.experiment] = Figures(source)
    return known


_figures: WeakValueDictionary[str, Figures] = WeakValueDictionary()


def _put(act: Act) -> None:
    from maggy_widgets.writer import writer

    writer.put(act)
