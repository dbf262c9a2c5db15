"""An experiment that is over, where one is asked for that runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from maggy.core import inputs as inp
from maggy.core.state import State
from maggy.core.summary import result
from maggy.driver.driver import Plan
from maggy.driver.folder import PastFolder
from maggy.driver.watch import Listener, Screen


class Over:
    """Stands in the place of both a Driver and a Watch; nothing happens any more.

    Args:
        plan: of an experiment that is over.
    """

    closed: str | None = None

    def __init__(self, plan: Plan) -> None:
        self.folder = PastFolder(plan.directory / plan.settings.experiment)
        self.over = threading.Event()
        self.over.set()
        self._state = State(plan.history)

    def start(self, screen: contextlib.AbstractContextManager[Screen]) -> None:
        """Shows it once."""
        with screen as shown:
            shown.show(self._state, [])

    @contextlib.contextmanager
    def looking(self) -> Iterator[State]:
        yield self._state

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return lambda: None

    def result(self) -> dict[str, Any]:
        return {**result(self._state), "path": str(self.folder.path)}

    def put(self, happened: inp.Input) -> None:
        """Comes too late."""

    def give_up(self) -> None:
        """There is nothing to give up."""
