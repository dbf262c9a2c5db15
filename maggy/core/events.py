"""What happened, as numbered facts. The one description of an experiment: the journal holds them, and
every display, result and tracker is made from them alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from maggy.wire import Vocabulary, dumps, loads, read


@dataclass(frozen=True, slots=True)
class ExperimentStarted:
    """The search began, with these settings.

    `es_interval` and `trial_timeout`, None for no limit, are in seconds; `lookahead` is how many trials may
    be suggested before a worker is free for them; `grace` is how many seconds running trials have to end
    when the experiment is stopped; `baseline` has the parameters of the trial that others are compared
    with, in an ablation; else None. Of several objectives `directions` has them all and `direction` that
    of the first; `objectives` has the names, empty where the first trial that returns tells them.
    """

    experiment: str
    name: str
    description: str
    searchspace: dict[str, Any]
    optimizer: str
    direction: str
    num_trials: int
    es_policy: str
    es_interval: float
    es_min: int
    max_failures: int
    max_attempts: int
    lookahead: int
    grace: float
    baseline: dict[str, Any] | None = None
    trial_timeout: float | None = None
    directions: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExperimentResumed:
    """A new driver took up the search, with these settings in place of the first ones.

    It follows whatever the driver before it wrote last, an end, too. Its workers are gone.
    """

    optimizer: str
    num_trials: int
    es_policy: str
    es_interval: float
    es_min: int
    max_failures: int
    lookahead: int
    trial_timeout: float | None = None


@dataclass(frozen=True, slots=True)
class WorkerJoined:
    """A worker process on `host` is there, and idle; `number` is 1, 2, ... in the order they came."""

    worker: str
    number: int
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class WorkerLeft:
    """A worker is gone."""

    worker: str
    reason: str


@dataclass(frozen=True, slots=True)
class TrialCreated:
    """A trial was taken on and waits for a worker: suggested by the 'optimizer', or by a 'person'.

    `parent` is the trial with the same point that it continues, None for most.
    """

    trial: str
    number: int
    params: dict[str, Any]
    by: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """A trial was given to a worker."""

    trial: str
    attempt: int
    worker: str


@dataclass(frozen=True, slots=True)
class TrialProgressed:
    """Metrics of a running trial; `steps` and `values` have the same length."""

    trial: str
    steps: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TrialStopDecided:
    """A running trial is to stop: decided by 'rule', 'person' or 'experiment'.

    `level` is the threshold that the rule compared it with, None where there was none.
    """

    trial: str
    by: str
    reason: str
    level: float | None


@dataclass(frozen=True, slots=True)
class TrialStopped:
    """A trial ended because it was told to; its last metric counts as its result."""

    trial: str


@dataclass(frozen=True, slots=True)
class TrialFinished:
    """A trial returned its metric; of several `objectives`, by name and in their order, it is the first."""

    trial: str
    value: float
    objectives: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class TrialFailed:
    """A trial raised, returned what is no metric, or lost its worker too often."""

    trial: str
    error: str
    traceback: str


@dataclass(frozen=True, slots=True)
class TrialRequeued:
    """A trial lost its worker and waits to run again from the start.

    `by` is 'worker', or 'driver' where that died and all workers with it.
    """

    trial: str
    reason: str
    by: str = "worker"


@dataclass(frozen=True, slots=True)
class TrialCancelled:
    """A waiting trial will not run."""

    trial: str


@dataclass(frozen=True, slots=True)
class TrialsAdded:
    """A person wants more trials: there are to be `num_trials` in all."""

    num_trials: int


@dataclass(frozen=True, slots=True)
class ThresholdsChanged:
    """What the stopping rule compares trials with, by step; as many values as steps. For people to see."""

    steps: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SuggestionsEnded:
    """The optimizer gives no more trials; `error` tells why where it failed."""

    error: str | None


@dataclass(frozen=True, slots=True)
class EarlyStopDisabled:
    """The stopping rule raised; the search goes on without it."""

    error: str


@dataclass(frozen=True, slots=True)
class ExperimentStopping:
    """No more trials start and the running ones are told to stop; `failed` where it is given up."""

    reason: str
    failed: bool


@dataclass(frozen=True, slots=True)
class ExperimentEnded:
    """The search is over: `status` is 'finished', 'stopped' or 'failed'."""

    status: str
    reason: str


Event = (
    ExperimentStarted
    | ExperimentResumed
    | WorkerJoined
    | WorkerLeft
    | TrialCreated
    | TrialStarted
    | TrialProgressed
    | TrialStopDecided
    | TrialStopped
    | TrialFinished
    | TrialFailed
    | TrialRequeued
    | TrialCancelled
    | TrialsAdded
    | ThresholdsChanged
    | SuggestionsEnded
    | EarlyStopDisabled
    | ExperimentStopping
    | ExperimentEnded
)

VOCABULARY = Vocabulary(*Event.__args__)


@dataclass(frozen=True, slots=True)
class Record:
    """An event with its number (1, 2, ... without gaps) and its time (seconds since the epoch)."""

    number: int
    time: float
    event: Event

    def to_json(self) -> str:
        """One line of strict JSON; `seq` is the record's number."""
        return dumps({"seq": self.number, "time": self.time, **VOCABULARY.pack(self.event)})

    @classmethod
    def from_json(cls, line: str) -> Record:
        """The record that `to_json` wrote. Raises WireError for anything else."""
        packed = loads(line)
        event = VOCABULARY.unpack(packed)
        return cls(read(packed, "seq", int), read(packed, "time", float), event)
