"""Records on their way to a view: JSON with the many numbers beside it, in one buffer. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Any

from maggy.core.events import VOCABULARY, Record, TrialProgressed
from maggy.exceptions import WireError
from maggy.wire import read, spell

_FLOAT = 8  # bytes


def pack(records: Iterable[Record]) -> tuple[list[dict[str, Any]], bytes]:
    """The records as `contract.Snapshot` and `contract.Frame` carry them, and the buffer beside them.

    What is packed is strict JSON and valid Unicode: other floats than finite ones are spelled, and halves
    of surrogate pairs become question marks.
    """
    packed, numbers = [], []
    for record in records:
        fields: dict[str, Any] = {"seq": record.number, "time": spell(record.time)}
        event = record.event
        if isinstance(event, TrialProgressed):
            fields |= {"type": "TrialProgressed", "trial": _plain(event.trial), "points": len(event.steps)}
            numbers.append(_as_bytes(event.steps, event.values))
        else:
            fields |= {name: _plain(value) for name, value in VOCABULARY.pack(event).items()}
        packed.append(fields)
    return packed, b"".join(numbers)


def unpack(packed: Iterable[dict[str, Any]], buffer: bytes) -> list[Record]:
    """The records that `pack` made it from. Raises WireError where they and the buffer do not agree."""
    numbers = iter(_as_floats(buffer))
    records = [_unpack_record(fields, numbers) for fields in packed]
    if next(numbers, None) is not None:
        raise WireError("the buffer has more numbers than the records")
    return records


def _unpack_record(fields: dict[str, Any], numbers: Iterator[float]) -> Record:
    if fields.get("type") == "TrialProgressed":
        points = read(fields, "points", int)
        fields = {**fields, "steps": _take(points, numbers, int), "values": _take(points, numbers, float)}
    return Record(read(fields, "seq", int), read(fields, "time", float), VOCABULARY.unpack(fields))


def _take(count: int, numbers: Iterator[float], kind: type) -> tuple[Any, ...]:
    taken = tuple(kind(number) for _, number in zip(range(count), numbers, strict=False))
    if len(taken) < count:
        raise WireError("the buffer has fewer numbers than the records")
    return taken


def _as_bytes(steps: tuple[int, ...], values: tuple[float, ...]) -> bytes:
    return struct.pack(f"<{len(steps) + len(values)}d", *steps, *values)


def _as_floats(buffer: bytes) -> tuple[float, ...]:
    if len(buffer) % _FLOAT:
        raise WireError(f"the buffer has {len(buffer)} bytes, which are no whole numbers")
    return struct.unpack(f"<{len(buffer) // _FLOAT}d", buffer)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="replace").decode()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {_plain(k): _plain(v) for k, v in value.items()}
    return spell(value)
