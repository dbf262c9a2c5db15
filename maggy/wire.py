"""Frozen dataclasses to JSON and back, every field checked against its annotation. Pure.

A `Vocabulary` is a closed set of dataclasses. An object travels as a JSON object whose `type` is the
class's name. Field types understood: `str`, `int`, `float`, `bool`, `X | None`, `tuple[X, ...]`,
`dict[str, Any]` and `dict[str, X]`. JSON has no infinity and no NaN: a `float` field carries them as the
strings "Infinity", "-Infinity" and "NaN", which both Python's `float` and JavaScript's `Number` read.
Arrays in free-form values come back as tuples, so that a value stays hashable on its way.
A field that has a default may be missing: what an earlier version wrote can be read for ever.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, Union, get_args, get_origin, get_type_hints

from maggy.exceptions import WireError

_strict = json.JSONEncoder(check_circular=False, allow_nan=False, separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode
_SPELLED = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
Reader = Callable[[Any], Any]


class Vocabulary:
    """A closed set of dataclasses that can be written as JSON and read back.

    Args:
        classes: dataclasses with field types as listed in the module's docstring.
    """

    def __init__(self, *classes: type) -> None:
        self._readers = {cls.__name__: (cls, _field_readers(cls)) for cls in classes}
        self._names = {cls: tuple(f.name for f in fields(cls)) for cls in classes}

    def pack(self, thing: Any) -> dict[str, Any]:
        """The thing as a JSON-able dict: its `type`, then its fields."""
        packed = {"type": type(thing).__name__}
        for name in self._names[type(thing)]:
            packed[name] = getattr(thing, name)
        return packed

    def unpack(self, packed: Any) -> Any:
        """The thing that `pack` made the dict from; keys that are not its fields are passed over.

        Raises:
            WireError: not a dict, an unknown type, a missing field without a default or one of a wrong type.
        """
        if not isinstance(packed, dict):
            raise WireError("expected a JSON object")
        name = packed.get("type")
        if not isinstance(name, str) or name not in self._readers:
            raise WireError(f"unknown type {name!r:.60}" if isinstance(name, str) else "the type is missing")
        cls, readers = self._readers[name]
        # A worker waits meanwhile: a field of just the right type needs no call.
        return cls(
            *[
                value
                if type(value := packed.get(name)) is plain
                else _read_field(packed, name, read, default)
                for name, plain, read, default in readers
            ]
        )

    def dumps(self, thing: Any) -> str:
        """One line of strict JSON."""
        return dumps(self.pack(thing))

    def loads(self, text: str | bytes) -> Any:
        """The thing that `dumps` wrote. Raises WireError as `unpack` does, and for what is not JSON."""
        return self.unpack(loads(text))


def dumps(value: Any) -> str:
    """Strict JSON on one line, non-finite floats spelled as strings."""
    try:
        return _strict(value)
    except ValueError:
        return _strict(spell(value))


def loads(text: str | bytes) -> Any:
    """The value of one JSON text. Raises WireError for anything that is not."""
    try:
        line = (text if isinstance(text, str) else text.decode()).strip()
        value, end = _decode(line)
        if end != len(line):
            raise WireError("not JSON: more than one value")
        return value
    except (ValueError, RecursionError) as error:
        raise WireError(f"not JSON: {error}"[:200]) from None


def read(packed: dict[str, Any], name: str, kind: Any) -> Any:
    """One field of a packed thing, checked against an annotation. Raises WireError as `unpack` does."""
    return _read_field(packed, name, _reader(kind))


def freeze(value: Any) -> Any:
    """A JSON value with its arrays as tuples, at any depth."""
    if isinstance(value, (list, tuple)):
        return tuple(freeze(v) for v in value)
    if isinstance(value, dict):
        return {str(k): freeze(v) for k, v in value.items()}
    return value


def shown(value: Any) -> str:
    """The value in a line's part, for errors."""
    return " ".join(repr(value).split())[:80]


def spell(value: Any) -> Any:
    """The value with its floats that are not finite spelled as strings, at any depth."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, (list, tuple)):
        return [spell(v) for v in value]
    if isinstance(value, dict):
        return {k: spell(v) for k, v in value.items()}
    return value


def _read_field(packed: dict[str, Any], name: str, read: Reader, default: Any = MISSING) -> Any:
    if name not in packed:
        if default is MISSING:
            raise WireError(f"{packed['type']} lacks {name}")
        return default
    try:
        return read(packed[name])
    except WireError as error:
        raise WireError(f"{packed['type']}.{name}: {error}") from None


def _field_readers(cls: type) -> list[tuple[str, Any, Reader, Any]]:
    """Of each field the name, its annotation (its type where that is a plain one), reader and default."""
    hints = get_type_hints(cls)
    return [(f.name, hints[f.name], _reader(hints[f.name]), f.default) for f in fields(cls)]


def _reader(kind: Any) -> Reader:
    """A function that checks one JSON value against an annotation and returns it as that type."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _tuple_reader(args[0], _reader(args[0]))
    if origin is dict:
        return _read_object if args[1] is Any else _dict_reader(_reader(args[1]))
    if origin in (Union, types.UnionType):
        return _optional_reader(_reader(args[0]))
    return {str: _read_text, int: _read_int, float: _read_float, bool: _read_bool}[kind]


def _tuple_reader(plain: Any, read: Reader) -> Reader:
    def read_tuple(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise WireError("expected an array")
        return tuple([v if type(v) is plain else read(v) for v in value])

    return read_tuple


def _dict_reader(read: Reader) -> Reader:
    return lambda value: {name: read(one) for name, one in _read_object(value).items()}


def _optional_reader(read: Reader) -> Reader:
    return lambda value: None if value is None else read(value)


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise WireError("expected a string")
    return value


def _read_int(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WireError("expected a whole number")
    return value


def _read_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WireError("expected true or false")
    return value


def _read_float(value: Any) -> float:
    if isinstance(value, float):
        return value
    if isinstance(value, str) and value in _SPELLED:
        return _SPELLED[value]
    try:
        return float(_read_int(value))
    except (OverflowError, WireError):
        raise WireError("expected a number") from None


def _read_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WireError("expected an object")
    try:
        frozen: dict[str, Any] = freeze(value)
    except RecursionError:
        raise WireError("nested too deeply") from None
    return frozen
