"""What a view needs of an experiment, be it in this process or far away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from maggy.bridge.contract import Request
from maggy.core.events import Record

Listener = Callable[[Sequence[Record]], None]


class Source(Protocol):
    """An experiment to be watched. All of it may be called from any thread."""

    @property
    def experiment(self) -> str:
        """The experiment's id."""

    @property
    def closed(self) -> str | None:
        """Why nothing more will come, for people; None while the experiment runs or where it ended."""

    def clock(self) -> float:
        """Seconds since the epoch by the clock that times its events, which need not be this machine's."""

    def snapshot(self) -> tuple[int, list[Record]]:
        """The number of the last event so far, and a short list of records that leads to the state after it.

        The records are numbered from 1, by themselves. Who subscribed before finds that the batches it
        was told are wholly in the snapshot, or wholly after it.
        """

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Has the listener told of all records from now on; returns what ends that.

        It is called from a thread of the experiment at most ten times a second, and must only put the
        records somewhere. A last call without records comes when there is no more to come. A listener
        that raises is not called again.
        """

    def request(self, request: Request) -> None:
        """Has a person's request followed.

        Raises:
            MaggyError, ValueError: it cannot be; one line says why.
        """

    def log_tail(self, trial: str) -> tuple[str, int]:
        """The end of what a trial printed and logged, and about how many characters stand before it.

        Raises:
            MaggyError, ValueError: there is no such trial, or its log cannot be read.
        """
