"""A trial: one combination of hyperparameters, and what became of it."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from maggy.wire import dumps, freeze


class _Referable:
    """Lets others note something for as long as an object lives. Python 3.11 calls it `weakref_slot`."""

    __slots__ = ("__weakref__",)


@dataclass(slots=True, eq=False)
class Trial(_Referable):
    """One evaluation of the training function.

    Optimizers make one with `Trial(params)`. Maggy fills in the rest as things happen; optimizers and
    stopping rules read it and change nothing.

    Attributes:
        params: hyperparameter name -> value.
        trial_id: unique; two trials of the same point have different ids.
        number: 1, 2, ... in the order in which the experiment took the trials on; 0 before that.
        status: PENDING (waits for a worker), RUNNING, STOPPING (told to stop), or an end: FINALIZED
            (returned a metric), STOPPED (stopped early, its last metric counts), ERROR, CANCELLED
            (never ran: the experiment was stopped).
        attempt: 1, 2, ...: a trial whose worker was lost runs again.
        losses: how often that was the worker's own doing, and not the driver's, which took it along.
        worker: the worker of this attempt, None before the first.
        metric_history, step_history: every broadcast metric of this attempt and its step.
        final_metric: the returned metric, or the last one of a stopped trial; None before the end,
            for ERROR, and for a trial stopped before its first broadcast.
        objectives: name -> value of what it returned, in a search with several objectives, of which
            `final_metric` is the first; None in others and before it returned.
        parent: the id of the trial with the same point that this one continues, None for most.
        created_by: 'optimizer', or 'person' where somebody asked for just this trial.
        stop_by, stop_reason: who stopped it ('rule', 'person' or 'experiment') and why, in words.
        stop_level: the threshold that the rule compared it with; None where there was none.
        error, traceback: what a failed trial raised; one line, and the whole.
        start: seconds since the epoch when this attempt started; None before.
        duration: seconds from `start` to the end; None before the end.
    """

    PENDING: ClassVar[str] = "PENDING"
    RUNNING: ClassVar[str] = "RUNNING"
    STOPPING: ClassVar[str] = "STOPPING"
    FINALIZED: ClassVar[str] = "FINALIZED"
    STOPPED: ClassVar[str] = "STOPPED"
    ERROR: ClassVar[str] = "ERROR"
    CANCELLED: ClassVar[str] = "CANCELLED"

    params: dict[str, Any]
    trial_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    number: int = 0
    status: str = "PENDING"
    attempt: int = 0
    worker: str | None = None
    metric_history: list[float] = field(default_factory=list)
    step_history: list[int] = field(default_factory=list)
    final_metric: float | None = None
    created_by: str = "optimizer"
    stop_by: str | None = None
    stop_reason: str | None = None
    stop_level: float | None = None
    error: str | None = None
    traceback: str | None = None
    start: float | None = None
    duration: float | None = None
    losses: int = 0
    parent: str | None = None
    objectives: dict[str, float] | None = None

    @property
    def early_stop(self) -> bool:
        """Whether the trial was told to stop before its end."""
        return self.status in (Trial.STOPPING, Trial.STOPPED)

    @property
    def ended(self) -> bool:
        """Whether the trial is over, in whichever way."""
        return self.status in (Trial.FINALIZED, Trial.STOPPED, Trial.ERROR, Trial.CANCELLED)

    def to_json(self) -> str:
        """The trial as one line of JSON."""
        return dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Trial:
        """The trial that `to_json` wrote."""
        values = json.loads(text)
        values["params"] = freeze(values["params"])
        values["metric_history"] = [float(v) for v in values["metric_history"]]
        return cls(**values)
