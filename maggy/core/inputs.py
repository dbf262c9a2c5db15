"""What happened outside, told to the machine. Past tense; nothing here is a fact until an event says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ExperimentLaunched:
    """Everything is in place; the search may begin."""


@dataclass(frozen=True, slots=True)
class WorkerConnected:
    """A worker passed the handshake and waits for a trial."""

    worker: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A worker's connection ended, expected or not."""

    worker: str
    reason: str


@dataclass(frozen=True, slots=True)
class MetricsArrived:
    """A batch of broadcast metrics; `steps` and `values` have the same length."""

    worker: str
    trial: str
    attempt: int
    steps: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TrialReturned:
    """The training function returned a number, or several `objectives`; the last metrics come along."""

    worker: str
    trial: str
    attempt: int
    value: float
    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()
    objectives: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class TrialRaised:
    """The training function raised, or returned what is no metric; the last metrics come along."""

    worker: str
    trial: str
    attempt: int
    error: str
    traceback: str
    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialHalted:
    """The training function was left by the stop that the worker was told; the last metrics come along."""

    worker: str
    trial: str
    attempt: int
    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SuggestionMade:
    """The optimizer answered `Suggest` with a trial; `parent` is the one that it continues, if any."""

    trial: str
    params: dict[str, Any]
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class SuggestionDeferred:
    """The optimizer answered `Suggest` with IDLE: ask again later."""


@dataclass(frozen=True, slots=True)
class SuggestionsExhausted:
    """The optimizer answered `Suggest` with None: there will be no more."""


@dataclass(frozen=True, slots=True)
class SuggestionFailed:
    """The optimizer raised, or gave what is no trial."""

    error: str


@dataclass(frozen=True, slots=True)
class StopAdvice:
    """One trial that the stopping rule wants stopped, as it saw it; `level` as in TrialStopDecided."""

    trial: str
    attempt: int
    reason: str
    level: float | None = None


@dataclass(frozen=True, slots=True)
class EarlyStopChecked:
    """The stopping rule answered `CheckEarlyStop`.

    `values` are what it compares trials with at `steps`; both are empty where it does not tell.
    """

    advice: tuple[StopAdvice, ...]
    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlyStopFailed:
    """The stopping rule raised."""

    error: str


@dataclass(frozen=True, slots=True)
class TrialStopRequested:
    """A person asked for one trial to be stopped."""

    trial: str
    reason: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """A person asked for the experiment to be stopped kindly."""

    reason: str


@dataclass(frozen=True, slots=True)
class MoreTrialsRequested:
    """A person asked for `count` (at least 1) more trials than planned so far."""

    count: int


@dataclass(frozen=True, slots=True)
class TrialEnqueued:
    """A person asked for a trial of just these hyperparameters, in addition to those planned."""

    trial: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WorkersFailed:
    """No worker can be had: Spark's jobs fail before a worker connects."""

    error: str


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing but the clock moved: the machine's deadline is reached."""


Input = (
    ExperimentLaunched
    | WorkerConnected
    | WorkerLost
    | MetricsArrived
    | TrialReturned
    | TrialRaised
    | TrialHalted
    | SuggestionMade
    | SuggestionDeferred
    | SuggestionsExhausted
    | SuggestionFailed
    | EarlyStopChecked
    | EarlyStopFailed
    | TrialStopRequested
    | StopRequested
    | MoreTrialsRequested
    | TrialEnqueued
    | WorkersFailed
    | TimePassed
)
