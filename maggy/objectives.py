"""What a search optimizes, and where that is in what a training function returns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from maggy.wire import shown

# The entry of a returned dict that is the objective, unless somebody says otherwise.
KEY = "metric"
MEANT = (
    "direction must be 'max' or 'min', or for several objectives a list of these, or a dict such as "
    "{'accuracy': 'max', 'latency': 'min'}"
)


@dataclass(frozen=True)
class Objectives:
    """One objective, or several.

    Attributes:
        directions: 'max' or 'min' of each.
        names: of the entries of a returned dict that hold them. Empty for several objectives that have no
            names yet: then a dict has no other entries, and they are in the order of the directions.
    """

    directions: tuple[str, ...] = ("max",)
    names: tuple[str, ...] = (KEY,)

    @classmethod
    def of(cls, direction: Any, key: Any = KEY) -> Objectives:
        """Of what `lagom` was given as `direction` and `optimization_key`.

        Raises:
            TypeError, ValueError: one line that says what would be right.
        """
        if isinstance(direction, Mapping):
            if key != KEY:
                raise ValueError("direction names the objectives already; leave out optimization_key")
            directions, names = (
                tuple(map(_direction, direction.values())),
                tuple(_name("direction", name) for name in direction),
            )
        elif isinstance(direction, Sequence) and not isinstance(direction, str):
            directions, names = tuple(map(_direction, direction)), _names(key)
        else:
            directions, names = (_direction(direction),), _names(key)
        if not directions:
            raise ValueError(f"{MEANT}, not {shown(direction)}")
        if key == KEY and len(directions) > 1 and not isinstance(direction, Mapping):
            return cls(directions, ())
        if len(set(names)) != len(directions):
            raise ValueError(
                f"optimization_key must name as many different entries as there are directions, "
                f"{len(directions)}, not {shown(key)}"
            )
        return cls(directions, names)

    @property
    def several(self) -> bool:
        """Whether there is more than one."""
        return len(self.directions) > 1

    def read(self, returned: Any) -> dict[str, float]:
        """The objectives, by name and in their order, in what the training function returned.

        Raises:
            TypeError, ValueError: they are not all there as finite numbers; one line for the user.
        """
        if isinstance(returned, Mapping):
            return {name: _finite(value, f"{name!r:.80}, ") for name, value in self._of(returned)}
        if self.several:
            raise TypeError(
                f"the training function must return a dict of its {self._words()}, not {returned!r:.80}"
            )
        return {self.names[0]: _finite(returned, "its metric, ")}

    def _of(self, returned: Mapping[Any, Any]) -> list[tuple[str, Any]]:
        has = ", ".join(f"{name!r:.80}" for name in returned) or "nothing"
        if not self.names:
            if len(returned) != len(self.directions) or not all(map(_is_name, returned)):
                raise ValueError(
                    f"the training function must return a dict of its {self._words()}, not one of {has}; "
                    "where it has other entries, name the objectives with optimization_key=[...]"
                )
            return list(returned.items())
        missing = [name for name in self.names if name not in returned]
        if missing:
            raise ValueError(
                f"the training function returned a dict without {missing[0]!r:.80} (it has {has}); "
                "optimization_key names the entry to optimize"
            )
        return [(name, returned[name]) for name in self.names]

    def _words(self) -> str:
        named = f": {', '.join(map(repr, self.names))}" if self.names else ""
        return f"{len(self.directions)} objectives{named}"


# What most searches have.
ONE = Objectives()


def as_metric(value: Any, expected: str) -> float:
    """The value as a float. Raises TypeError, starting with `expected`, for what is no number."""
    if isinstance(value, (str, bytes, bytearray)) or value is None:
        raise TypeError(f"{expected}, not {value!r:.80}")
    try:
        return float(value)
    except Exception as error:  # torch's tensors raise RuntimeError
        line = f"{expected}, not a {type(value).__name__} ({error})".splitlines()[0]
        raise TypeError(line[:300]) from None


def _finite(value: Any, what: str) -> float:
    expected = f"the training function must return {what}a finite number"
    metric = as_metric(value, expected)
    if not math.isfinite(metric):
        raise ValueError(f"{expected}, not {metric}")
    return metric


def _direction(given: Any) -> str:
    if not isinstance(given, str) or given.lower() not in ("max", "min"):
        raise ValueError(f"{MEANT}, not {shown(given)}")
    return given.lower()


def _names(key: Any) -> tuple[str, ...]:
    if isinstance(key, (list, tuple)):
        return tuple(_name("optimization_key", name) for name in key)
    return (_name("optimization_key", key),)


def _name(argument: str, given: Any) -> str:
    if not _is_name(given):
        raise TypeError(f"{argument} must name an objective in words, not {shown(given)}")
    return given


def _is_name(given: Any) -> TypeGuard[str]:
    # A browser would put objectives that have numbers for names into another order.
    return isinstance(given, str) and bool(given) and not given.isdigit()
