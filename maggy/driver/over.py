"""An experiment that is over, where one is asked for that runs."""

from __future__ import annotations

import contextlib
from typing import Any

from maggy.bridge.audience import Audience
from maggy.core import inputs as inp
from maggy.core.summary import result
from maggy.driver.driver import Plan
from maggy.driver.watch import Screen
from maggy.past import PastFolder


class Over:
    """Stands in the place of both a Driver and a Watch; nothing happens any more.

    Args:
        plan: of an experiment that is over.
    """

    closed: str | None = None

    def __init__(self, plan: Plan) -> None:
        self._since = plan.since
        self.folder = PastFolder(plan.directory / plan.settings.experiment)
        self.audience = Audience(plan.history)
        self.audience.conclude()

    def start(self, screen: contextlib.AbstractContextManager[Screen]) -> None:
        """Shows it once."""
        with screen as shown, self.audience.looking() as state:
            shown.show(state, [], self.clock())

    def clock(self) -> float:
        """The time of its end: nothing has gone on since."""
        return self._since

    def result(self) -> dict[str, Any]:
        with self.audience.looking() as state:
            return {**result(state), "path": str(self.folder.path)}

    def put(self, happened: inp.Input) -> None:
        """Comes too late."""

    def give_up(self) -> None:
        """There is nothing to give up."""
