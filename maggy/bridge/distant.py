"""What a notebook asks a process that runs experiments elsewhere, and how that travels. Pure.

Question and answer are one line of text each, so that any way will do that carries text: a job of Livy's,
or what a statement prints. Events come as `contract.Snapshot` and `contract.Frame`, as any view gets them.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from maggy.bridge import contract as c
from maggy.bridge import frames
from maggy.core.events import Record
from maggy.exceptions import MaggyError, WireError
from maggy.wire import Vocabulary, dumps, loads, read

# What both sides must have in common; counts up with each change of what is said.
PROTOCOL = 2
# Longer answers are compressed.
_LONG = 2048
_COMPRESSED = "z:"


@dataclass(frozen=True, slots=True)
class ReadEvents:
    """The events after number `after` (-1: a snapshot), as soon as there are any, within `wait` seconds."""

    experiment: str
    after: int
    wait: float


@dataclass(frozen=True, slots=True)
class Follow:
    """Have a person's request followed. `token` is the request's own: asked twice, it is followed once."""

    experiment: str
    token: str
    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadLogTail:
    """The end of a trial's log."""

    experiment: str
    trial: str


@dataclass(frozen=True, slots=True)
class ListExperiments:
    """The experiments of that process that run or have run; those of one cell where `cell` is not ''."""

    cell: str


@dataclass(frozen=True, slots=True)
class Followed:
    """A request was followed; `trial` is the id of the one that it made, '' for none."""

    trial: str


@dataclass(frozen=True, slots=True)
class Experiments:
    """Objects with `id`, `name`, `path`, `over`, `started` (seconds since the epoch) in order of start."""

    known: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Rests:
    """There are no events, as something keeps the experiment from going on; what, for people."""

    reason: str


Question = ReadEvents | Follow | ReadLogTail | ListExperiments
Answer = c.Snapshot | c.Frame | c.Log | c.Refused | c.Closed | Followed | Experiments | Rests

QUESTIONS = Vocabulary(*Question.__args__)
ANSWERS = Vocabulary(*Answer.__args__)


class UnknownExperiment(MaggyError):
    """The process that was asked knows no such experiment."""


def pack_answer(answer: Answer, buffer: bytes = b"") -> str:
    """An answer as text: printable ASCII, no line ends."""
    text = dumps({"v": PROTOCOL, "answer": ANSWERS.pack(answer), "buffer": base64.b64encode(buffer).decode()})
    if len(text) <= _LONG:
        return text
    return _COMPRESSED + base64.b64encode(zlib.compress(text.encode(), 1)).decode()


def unpack_answer(text: str) -> tuple[Answer, bytes]:
    """The answer that `pack_answer` made the text from. Raises WireError where it is none."""
    try:
        if text.startswith(_COMPRESSED):
            text = zlib.decompress(base64.b64decode(text[len(_COMPRESSED) :], validate=True)).decode()
        packed = loads(text)
        if not isinstance(packed, dict) or packed.get("v") != PROTOCOL:
            raise WireError("the other side has another version of Maggy")
        buffer = base64.b64decode(read(packed, "buffer", str), validate=True)
        return ANSWERS.unpack(packed.get("answer")), buffer
    except (ValueError, KeyError, zlib.error) as error:
        raise WireError(f"not an answer: {error}"[:200]) from None


def pack_events(number: int, records: Sequence[Record], time: float, whole: bool) -> str:
    """Events up to number `number`, as an answer; `whole` where they are a snapshot."""
    packed, buffer = frames.pack(records)
    if whole:
        return pack_answer(c.Snapshot(number, time, tuple(packed)), buffer)
    first = records[0].number if records else number + 1
    return pack_answer(c.Frame(first, number, time, tuple(packed)), buffer)
