"""What driver and workers say to each other, after the handshake and in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from maggy.wire import Vocabulary

# Both sides must speak the same version; Spark ships the driver's own Maggy to the workers.
PROTOCOL = 3

# The handshake, in this order.


@dataclass(frozen=True, slots=True)
class Challenge:
    """Driver to whoever connected: prove that you know the secret, for this nonce."""

    protocol: int
    nonce: str


@dataclass(frozen=True, slots=True)
class Hello:
    """Worker to driver: my proof, and prove it too, for my nonce. `host` and `pid` are for people."""

    nonce: str
    proof: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class Welcome:
    """Driver to worker: my proof, and the name that you go by."""

    proof: str
    worker: str


# Driver to worker.


@dataclass(frozen=True, slots=True)
class Run:
    """Run this trial. `state` is what an earlier attempt, or the trial that it continues, saved last."""

    trial: str
    number: int
    attempt: int
    params: dict[str, Any]
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Leave this trial at its next broadcast."""

    trial: str
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class Dismiss:
    """There is no more to do."""


# Worker to driver.


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Alive; the metrics since the last heartbeat, `steps` as many as `values`."""

    trial: str
    attempt: int
    steps: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """What the trial printed and logged since the last time."""

    trial: str
    attempt: int
    text: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What the trial wants to have when it is continued; `state` is base64."""

    trial: str
    attempt: int
    state: str


@dataclass(frozen=True, slots=True)
class Returned:
    """The training function returned this metric, and these `objectives` where there are several. As in all
    last words, `steps` and `values` are the metrics since the last heartbeat."""

    trial: str
    attempt: int
    value: float
    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()
    objectives: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """The training function raised, or returned what is no metric."""

    trial: str
    attempt: int
    error: str
    traceback: str
    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Halted:
    """The training function was left because of `Stop`."""

    trial: str
    attempt: int
    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


HANDSHAKE = Vocabulary(Challenge, Hello, Welcome)
TO_WORKER = Vocabulary(Run, Stop, Dismiss)
TO_DRIVER = Vocabulary(Heartbeat, Output, Saved, Returned, Raised, Halted)
