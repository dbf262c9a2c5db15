"""What an experiment and a view of it say to each other. The one definition of it: the TypeScript types
are made from this module and `core.events` by `python -m tools.contract`.

The experiment sends a `Snapshot`, then `Frame`s: numbered events, at most ten frames a second. A view that
misses events, or has just come, asks for a snapshot with `Sync`. A snapshot is itself a list of events,
the shortest that leads to the same state, so that a view needs to know no more than how to take in events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from maggy.wire import Vocabulary

# From the experiment to a view.


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All there is so far; `last` is the number of the last event in it.

    `records` are events as the journal has them, save that a TrialProgressed has `points`, a number, in
    place of `steps` and `values`: so many steps and then so many values stand in the buffer that comes
    along (little-endian float64), one record's after the other's. `seq` means nothing here.
    `time` is the driver's clock in seconds since the epoch when this was sent.
    """

    last: int
    time: float
    records: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """The events `first` to `last`, in the same form, with a buffer in the same way."""

    first: int
    last: int
    time: float
    records: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Log:
    """The end of what a trial printed and logged; `missing` characters stand before it."""

    trial: str
    text: str
    missing: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A request could not be followed: the request's type, and why, for people."""

    request: str
    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The experiment is gone without having come to an end; why, for people."""

    reason: str


# From a view to the experiment.


@dataclass(frozen=True, slots=True)
class Sync:
    """Send a snapshot."""


@dataclass(frozen=True, slots=True)
class StopTrial:
    """Stop this trial and keep what it has."""

    trial: str
    reason: str


@dataclass(frozen=True, slots=True)
class StopExperiment:
    """Stop the experiment kindly: running trials are stopped, results are kept."""

    reason: str


@dataclass(frozen=True, slots=True)
class AddTrials:
    """Run `count` more trials than planned so far."""

    count: int


@dataclass(frozen=True, slots=True)
class EnqueueTrial:
    """Run a trial with these hyperparameters next, in addition to those planned."""

    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Send the end of this trial's log."""

    trial: str


Message = Snapshot | Frame | Log | Refused | Closed
Request = Sync | StopTrial | StopExperiment | AddTrials | EnqueueTrial | ReadLog

MESSAGES = Vocabulary(*Message.__args__)
REQUESTS = Vocabulary(*Request.__args__)
