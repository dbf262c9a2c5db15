"""What the outside must do. Imperative; carried out in order, none of them waited for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RunTrial:
    """Send the trial to the worker, with what its `parent`, if any, has saved."""

    worker: str
    trial: str
    number: int
    attempt: int
    params: dict[str, Any]
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class StopTrial:
    """Tell the worker to leave the trial at its next broadcast."""

    worker: str
    trial: str
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class DismissWorker:
    """Tell the worker that there is no more to do, so that its task slot becomes free."""

    worker: str


@dataclass(frozen=True, slots=True)
class DropWorker:
    """Cut off the worker, which does not come back from its trial."""

    worker: str


@dataclass(frozen=True, slots=True)
class WantWorkers:
    """Keep at most `count` workers: as many as there are trials that could still run side by side."""

    count: int


@dataclass(frozen=True, slots=True)
class Suggest:
    """Ask the optimizer for one trial; answered by one of the Suggestion inputs."""


@dataclass(frozen=True, slots=True)
class CheckEarlyStop:
    """Ask the stopping rule about the running trials; answered by EarlyStopChecked or -Failed.

    `thresholds`: the answer is to tell, too, what the rule compares trials with.
    """

    thresholds: bool


Command = RunTrial | StopTrial | DismissWorker | DropWorker | WantWorkers | Suggest | CheckEarlyStop
