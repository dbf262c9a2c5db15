"""One hyperparameter: its type, where it may lie, when it exists, and how it is read and written. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from maggy.wire import freeze

DOUBLE, INTEGER, DISCRETE, CATEGORICAL = "DOUBLE", "INTEGER", "DISCRETE", "CATEGORICAL"
TYPES = (DOUBLE, INTEGER, DISCRETE, CATEGORICAL)

# What arithmetic may be off, of a step and of an end: more than single precision loses on the way.
HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class Parameter:
    """One hyperparameter.

    `values` is the pair (low, high), both inclusive, for DOUBLE and INTEGER, else the options.
    `log` samples uniformly in the logarithm; `step` allows only low, low + step, ... up to high.
    `when` is what it depends on: pairs of another's name and the values at which this one exists.
    """

    name: str
    type: str
    values: tuple[Any, ...]
    log: bool = False
    step: int | float | None = None
    when: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    def exists(self, params: Mapping[str, Any]) -> bool:
        """Whether it exists beside these other hyperparameters."""
        return all(
            name in params and any(_same(params[name], value) for value in values)
            for name, values in self.when
        )

    def condition(self) -> str:
        """When it exists, for people: "model is 'tree' or 'forest'"."""
        return " and ".join(f"{name} is {' or '.join(map(repr, values))}" for name, values in self.when)

    def sample(self, rng: random.Random) -> Any:
        """One value drawn uniformly (on the log scale where `log` is set)."""
        if self.type in (DISCRETE, CATEGORICAL):
            return rng.choice(self.values)
        if self.step is not None:
            return self.at_step(rng.randint(0, self.steps()))
        return self._sample_log(rng) if self.log else self._sample_linear(rng)

    def steps(self) -> int:
        """How many whole steps fit between low and high (needs `step`)."""
        assert self.step is not None
        low, high = self.values
        return int((_exact(high) - _exact(low)) // _exact(self.step))

    def fit(self, value: Any) -> Any:
        """The value as this hyperparameter has it: 8 becomes 8.0 for a DOUBLE, a list a tuple.

        Raises:
            ValueError: it is not one that this hyperparameter may have; says which are.
        """
        value = freeze(value.item() if hasattr(value, "item") else value)
        fits = self._fit_choice if self.type in (DISCRETE, CATEGORICAL) else self._fit_number
        found = fits(value)
        if not found:
            raise ValueError(f"{self.name} must be {self._allowed()}, not {value!r:.80}")
        return found[0]

    def _fit_choice(self, value: Any) -> list[Any]:
        equal = [v for v in self.values if v == value and isinstance(v, bool) == isinstance(value, bool)]
        return [v for v in equal if type(v) is type(value)] or equal

    def _fit_number(self, value: Any) -> list[Any]:
        if not _is_number(value):
            return []
        if self.step is not None:
            return self._fit_grid(value)
        return self._fit_whole(value) if self.type == INTEGER else self._fit_float(value)

    def _fit_grid(self, value: Any) -> list[Any]:
        """The grid's own value, where this is the same but for rounding."""
        assert self.step is not None
        steps = (value - self.values[0]) / self.step
        nearest = self.at_step(max(0, min(round(steps), self.steps()))) if math.isfinite(steps) else math.inf
        return [nearest] if abs(nearest - value) <= HAIR * self.step else []

    def _fit_whole(self, value: Any) -> list[int]:
        low, high = self.values
        whole = round(value)
        return [whole] if low <= whole <= high and abs(whole - value) <= HAIR else []

    def _fit_float(self, value: Any) -> list[float]:
        """The value, or the end that it misses by rounding."""
        low, high = self.values
        nearest = min(max(float(value), low), high)
        size = abs(nearest) if self.log else max(abs(low), abs(high))
        return [nearest] if abs(nearest - float(value)) <= HAIR * size else []

    def _allowed(self) -> str:
        if self.type in (DISCRETE, CATEGORICAL):
            return f"one of {', '.join(map(repr, self.values))}"
        low, high = self.values
        noun = "a whole number" if self.type == INTEGER else "a number"
        steps = "" if self.step is None else f" in steps of {self.step}"
        return f"{noun} from {low} to {high}{steps}"

    def options(self) -> dict[str, Any]:
        """The third element of the tuple form: only what differs from the defaults."""
        chosen: dict[str, Any] = {"log": True} if self.log else {}
        if self.step is not None:
            chosen["step"] = self.step
        if self.when:
            chosen["when"] = {name: list(values) for name, values in self.when}
        return chosen

    def region(self) -> list[Any]:
        """The feasible region as a list, as the documented API gives it."""
        return list(self.values)

    def at_step(self, k: int) -> int | float:
        assert self.step is not None
        exact = _exact(self.values[0]) + k * _exact(self.step)
        return int(exact) if self.type == INTEGER else float(exact)

    def _sample_linear(self, rng: random.Random) -> int | float:
        low, high = self.values
        if self.type == INTEGER:
            return rng.randint(low, high)
        drawn = rng.random()
        # Not low + drawn * (high - low): the difference of two floats may be infinite.
        clipped: float = min(max(low * (1.0 - drawn) + high * drawn, low), high)
        return clipped

    def _sample_log(self, rng: random.Random) -> int | float:
        low, high = self.values
        # Integers own the interval half a unit to either side, so that both ends get their share.
        half = 0.5 if self.type == INTEGER else 0.0
        drawn = math.exp(rng.uniform(math.log(low - half), math.log(high + half)))
        clipped: int | float = min(max(round(drawn) if half else drawn, low), high)
        return clipped


def parse(name: str, value: Any, others: Mapping[str, Parameter]) -> Parameter:
    if not isinstance(value, (tuple, list)) or len(value) not in (2, 3):
        raise ValueError(f"{name}: expected (type, region) or (type, region, options), not {value!r}")
    kind, region, options = value if len(value) == 3 else (*value, {})
    if not isinstance(kind, str) or kind.upper() not in TYPES:
        raise ValueError(f"{name}: type must be one of {', '.join(TYPES)}, not {kind!r}")
    if not isinstance(region, (tuple, list)) or not region:
        raise ValueError(f"{name}: the region must be a non-empty list, not {region!r}")
    kind = kind.upper()
    options, when = _parse_when(name, options, others)
    if kind in (DOUBLE, INTEGER):
        return replace(_parse_interval(name, kind, region, _check_options(name, options)), when=when)
    if options:
        raise ValueError(f"{name}: {kind} takes no options but 'when', got {options!r}")
    return Parameter(name, kind, tuple(_check_choice(name, v) for v in region), when=when)


def _parse_when(name: str, options: Any, others: Mapping[str, Parameter]) -> tuple[Any, tuple[Any, ...]]:
    """The other options, and the condition."""
    if not isinstance(options, dict) or "when" not in options:
        return options, ()
    rest = {key: value for key, value in options.items() if key != "when"}
    given = options["when"]
    if not isinstance(given, dict) or not given:
        raise ValueError(
            f"{name}: 'when' must be a dict of another hyperparameter's name and value, not {given!r}"
        )
    return rest, tuple((other, _values_of(name, other, values, others)) for other, values in given.items())


def _values_of(name: str, other: Any, values: Any, others: Mapping[str, Parameter]) -> tuple[Any, ...]:
    if other not in others:
        has = ", ".join(others) or "no hyperparameters"
        raise ValueError(f"{name}: 'when' names {other!r:.60}, which must be added before it; there is {has}")
    listed = values if isinstance(values, list) else [values]
    try:
        return tuple(others[other].fit(value) for value in listed)
    except ValueError as error:
        raise ValueError(f"{name}: 'when' cannot hold: {error}") from None


def _check_options(name: str, options: Any) -> dict[str, Any]:
    if not isinstance(options, dict) or not options.keys() <= {"log", "step"}:
        raise ValueError(
            f"{name}: options must be {{'log': True}}, {{'step': number}} or {{'when': dict}}, "
            f"not {options!r}"
        )
    if not isinstance(options.get("log", False), bool):
        raise ValueError(f"{name}: option 'log' must be True or False, not {options['log']!r}")
    if options.get("log") and options.get("step") is not None:
        raise ValueError(f"{name}: 'log' and 'step' do not go together; choose one")
    return options


def _parse_interval(name: str, kind: str, region: Any, options: dict[str, Any]) -> Parameter:
    fits, noun = (is_int, "whole numbers") if kind == INTEGER else (_is_number, "finite numbers")
    if len(region) != 2 or not all(fits(v) for v in region):
        raise ValueError(f"{name}: {kind} needs two {noun} [low, high], not {list(region)!r}")
    low, high = map(int if kind == INTEGER else float, region)
    if not low < high:
        raise ValueError(f"{name}: low must be less than high, not {list(region)!r}")
    if options.get("log") and low <= 0:
        raise ValueError(f"{name}: a log scale needs low > 0, not {low!r}")
    step = options.get("step")
    if step is not None:
        step = _check_step(name, step, (low, high), fits(step))
    return Parameter(name, kind, (low, high), options.get("log", False), step)


def _check_step(name: str, step: Any, region: tuple[Any, Any], fits: bool) -> int | float:
    low, high = region
    if not fits or not 0 < _exact(type(low)(step)) <= _exact(high) - _exact(low):
        raise ValueError(
            f"{name}: step must be a number above 0 that fits between {low!r} and {high!r}"
            f"{', a whole one' if isinstance(low, int) else ''}, not {step!r}"
        )
    whole_or_float: int | float = type(low)(step)
    return whole_or_float


def _check_choice(name: str, value: Any) -> Any:
    frozen = freeze(value)
    if not _is_plain(frozen):
        raise ValueError(
            f"{name}: a possible value must be a string, number, boolean, None or a tuple of these, "
            f"not {value!r:.80}; search over a name and look the object up in the training function"
        )
    return frozen


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(_is_plain(v) for v in value)
    return value is None or isinstance(value, (str, bool)) or _is_number(value)


def _same(a: Any, b: Any) -> bool:
    # True is 1 to Python, but another choice.
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)


def is_int(value: Any) -> bool:
    return isinstance(value, int) and _is_number(value)


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def _exact(number: float) -> Fraction:
    """The number as it is written, so that 0.1 steps land on 0.3 and not beside it."""
    return Fraction(repr(number))


def unparse(p: Parameter) -> tuple[Any, ...]:
    options = p.options()
    return (p.type, p.region(), options) if options else (p.type, p.region())
