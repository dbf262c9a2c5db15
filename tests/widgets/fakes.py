"""A search that happens event by event, and a browser's side that keeps what it is sent."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from maggy.bridge import contract, frames
from maggy.core.compact import compact
from maggy.core.events import ExperimentEnded, Record
from maggy.core.state import State
from tests.progress.experiment import Played


class FakeSource(Played):
    """A `maggy.bridge.source.Source` whose search happens as the test says.

    Attributes:
        requests: what it was asked to do.
        refusal: what a request is refused with, where it is.
        snapshots: how often it was asked for one.
    """

    def __init__(self, name: str = "digits", **settings: Any) -> None:
        self.experiment = f"{name}-1" if name.isalnum() else "hostile-1"
        self.name = name
        self.path = None
        self.closed: str | None = None
        self.requests: list[contract.Request] = []
        self.refusal: Exception | None = None
        self.snapshots = 0
        self.listeners: list[Callable[[Sequence[Record]], None]] = []
        self.notice = ""
        self.heeding: list[Callable[[str], None]] = []
        super().__init__(name=name, experiment=self.experiment, **settings)
        self.watched_by(self)

    def show(self, screen: Any, after: float = 0.0) -> None:
        self.now += after
        records, self._records = self._records, []
        if records:
            self.tell(records)

    def tell(self, records: Sequence[Record]) -> None:
        for listener in list(self.listeners):
            listener(records)

    def all_at_once(self, happens: Callable[[], None]) -> None:
        """What happens in the meantime is told together."""
        self._watcher = None
        happens()
        self.watched_by(self)

    def end(self, status: str = "finished") -> None:
        self.happen(ExperimentEnded(status, ""))

    def crash(self, reason: str = "the driver failed") -> None:
        self.closed = reason
        self.tell([])

    def say(self, notice: str) -> None:
        self.notice = notice
        for tell in list(self.heeding):
            tell(notice)

    def heed(self, tell: Callable[[str], None]) -> Callable[[], None]:
        self.heeding.append(tell)
        tell(self.notice)
        return lambda: tell in self.heeding and self.heeding.remove(tell)

    def snapshot(self) -> tuple[int, list[Record]]:
        self.snapshots += 1
        state = copy.deepcopy(self.state)
        return state.number, compact(state)

    def subscribe(self, listener: Callable[[Sequence[Record]], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def request(self, request: contract.Request) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.requests.append(request)

    def log_tail(self, trial: str) -> tuple[str, int]:
        if trial not in self.state.trials:
            raise ValueError(f"there is no trial {trial}")
        return f"log of {trial}", 7


class Browser:
    """What a browser's side gets, and the state that follows from it as a browser sees it."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.state = State()
        self.last = -1
        self.gone = False

    def send(self, content: dict[str, Any], buffers: list[bytes]) -> bool:
        if self.gone:
            return False
        assert all(type(b) is bytes for b in buffers)
        message = contract.MESSAGES.unpack(content)
        self.messages.append(message)
        if isinstance(message, (contract.Snapshot, contract.Frame)):
            self._take_in(message, frames.unpack(content["records"], buffers[0]))
        return True

    def kinds(self) -> list[str]:
        return [type(m).__name__ for m in self.messages]

    def _take_in(self, message: contract.Snapshot | contract.Frame, records: list[Record]) -> None:
        if isinstance(message, contract.Snapshot):
            self.state = State()
        else:
            assert message.first == self.last + 1, f"a gap after {self.last}: {message.first}"
        for record in records:
            # The browser's numbers of a snapshot mean nothing.
            self.state.apply(Record(self.state.number + 1, record.time, record.event))
        self.last = message.last
