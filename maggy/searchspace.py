"""The search space: which hyperparameters there are and where each may lie. Pure."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from maggy.wire import freeze

DOUBLE, INTEGER, DISCRETE, CATEGORICAL = "DOUBLE", "INTEGER", "DISCRETE", "CATEGORICAL"
TYPES = (DOUBLE, INTEGER, DISCRETE, CATEGORICAL)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One hyperparameter.

    `values` is the pair (low, high), both inclusive, for DOUBLE and INTEGER, else the options.
    `log` samples uniformly in the logarithm; `step` allows only low, low + step, ... up to high.
    """

    name: str
    type: str
    values: tuple[Any, ...]
    log: bool = False
    step: int | float | None = None

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
        low, high = self.values
        kind = type(low)
        if not _is_number(value) or kind(value) != value or not low <= value <= high:
            return []
        return [kind(value)] if self.step is None else self._fit_grid(value)

    def _fit_grid(self, value: Any) -> list[Any]:
        """The grid's own value, where this is the same but for rounding."""
        assert self.step is not None
        nearest = self.at_step(min(round((value - self.values[0]) / self.step), self.steps()))
        return [nearest] if abs(nearest - value) <= 1e-9 * self.step else []

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
        return chosen if self.step is None else {**chosen, "step": self.step}

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


class Searchspace:
    """The hyperparameters of a search, each with its type and feasible region.

    Keyword arguments give name-value pairs. A value is a tuple `(type, region)`, or with options
    `(type, region, options)`:

    - `('DOUBLE', [low, high])` and `('INTEGER', [low, high])`: an interval, both ends inclusive.
      Options: `{'log': True}` samples uniformly in the logarithm (needs low > 0);
      `{'step': s}` allows only low, low + s, ...; not both.
    - `('DISCRETE', [v1, v2, ...])` and `('CATEGORICAL', [v1, v2, ...])`: the possible values: strings,
      numbers, booleans, None, or (nested) tuples of these. Lists in place of tuples are taken as tuples.

    >>> sp = Searchspace(kernel=('INTEGER', [2, 8]), lr=('DOUBLE', [1e-5, 1e-1], {'log': True}))
    >>> sp.add('width', ('INTEGER', [16, 256], {'step': 16}))
    >>> sp.kernel
    [2, 8]
    >>> Searchspace(**sp.to_dict()) == sp
    True

    Raises:
        ValueError: a reserved name, an unknown type, or a region or option that does not fit it.
    """

    DOUBLE = DOUBLE
    INTEGER = INTEGER
    DISCRETE = DISCRETE
    CATEGORICAL = CATEGORICAL

    def __init__(self, **kwargs: Any) -> None:
        self._parameters: dict[str, Parameter] = {}
        for name, value in kwargs.items():
            self.add(name, value)

    def add(self, name: str, value: Any) -> None:
        """Adds the hyperparameter `name` with `value` = (type, region) or (type, region, options).

        Raises:
            ValueError: the name is reserved or taken, or the value is malformed.
        """
        _check_name(name)
        if name in self._parameters:
            raise ValueError(f"hyperparameter {name!r} is in the search space already")
        self._parameters[name] = _parse(name, value)

    def get(self, name: str, default: Any = None) -> Any:
        """The feasible region of `name` as a list, or `default` where there is no such name."""
        parameter = self._parameters.get(name)
        return default if parameter is None else parameter.region()

    def names(self) -> dict[str, str]:
        """Name -> type of every hyperparameter, in the order in which they were added."""
        return {p.name: p.type for p in self._parameters.values()}

    def to_dict(self) -> dict[str, tuple[Any, ...]]:
        """Name -> (type, region) or (type, region, options): what the constructor takes."""
        return {p.name: _unparse(p) for p in self._parameters.values()}

    def json(self) -> str:
        """The same as JSON; `Searchspace(**json.loads(text))` reads it."""
        return json.dumps(self.to_dict())

    def parameters(self) -> tuple[Parameter, ...]:
        """The hyperparameters as typed objects, for optimizers."""
        return tuple(self._parameters.values())

    def fit(self, params: Any) -> dict[str, Any]:
        """The hyperparameters of one trial as this space has them, in its order.

        Args:
            params: a dict of just the space's names, say from JSON: a whole number will do for a DOUBLE,
                8.0 for an INTEGER, and a list where the space has a tuple.

        Raises:
            ValueError: a name is missing or unknown, or a value outside its region; one line says what
                would be right.
        """
        if not isinstance(params, dict):
            raise ValueError(f"params must be a dict of hyperparameters, not {params!r:.80}")
        has = ", ".join(self._parameters) or "no hyperparameters"
        for name in params:
            if name not in self._parameters:
                raise ValueError(f"there is no hyperparameter {name!r:.80}; the search space has {has}")
        for name in self._parameters:
            if name not in params:
                raise ValueError(f"hyperparameter {name!r} is missing; the search space has {has}")
        return {name: p.fit(params[name]) for name, p in self._parameters.items()}

    def sample(self, rng: random.Random) -> dict[str, Any]:
        """One random parameter dictionary drawn with `rng`."""
        return {p.name: p.sample(rng) for p in self._parameters.values()}

    def get_random_parameter_values(self, num: int) -> list[dict[str, Any]]:
        """A list of `num` random parameter dictionaries, drawn with the module `random`.

        Raises:
            ValueError: `num` is not a whole number of at least 0.
        """
        if not _is_int(num) or num < 0:
            raise ValueError(f"num must be a whole number of at least 0, not {num!r}")
        rng = random.Random(random.getrandbits(64))
        return [self.sample(rng) for _ in range(num)]

    def __getattr__(self, name: str) -> list[Any]:
        parameters = self.__dict__.get("_parameters", {})
        if name in parameters:
            region: list[Any] = parameters[name].region()
            return region
        raise AttributeError(f"the search space has no hyperparameter {name!r}")

    def __contains__(self, name: object) -> bool:
        return name in self._parameters

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """A dict per hyperparameter: name, type, values, and log or step where set."""
        for p in self._parameters.values():
            yield {"name": p.name, "type": p.type, "values": p.region(), **p.options()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Searchspace) and self._parameters == other._parameters

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={value!r}" for name, value in self.to_dict().items())
        return f"Searchspace({inner})"


RESERVED = frozenset({"reporter", *(n for n in dir(Searchspace) if not n.startswith("__"))})


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name:
        raise ValueError(f"a hyperparameter's name must be a non-empty string, not {name!r}")
    if name in RESERVED or name.startswith("_"):
        raise ValueError(
            f"hyperparameter name {name!r} is reserved; choose another, e.g. {name.strip('_')}_1"
        )


def _parse(name: str, value: Any) -> Parameter:
    if not isinstance(value, (tuple, list)) or len(value) not in (2, 3):
        raise ValueError(f"{name}: expected (type, region) or (type, region, options), not {value!r}")
    kind, region, options = value if len(value) == 3 else (*value, {})
    if not isinstance(kind, str) or kind.upper() not in TYPES:
        raise ValueError(f"{name}: type must be one of {', '.join(TYPES)}, not {kind!r}")
    if not isinstance(region, (tuple, list)) or not region:
        raise ValueError(f"{name}: the region must be a non-empty list, not {region!r}")
    kind = kind.upper()
    if kind in (DOUBLE, INTEGER):
        return _parse_interval(name, kind, region, _check_options(name, options))
    if options:
        raise ValueError(f"{name}: {kind} takes no options, got {options!r}")
    return Parameter(name, kind, tuple(_check_choice(name, v) for v in region))


def _check_options(name: str, options: Any) -> dict[str, Any]:
    if not isinstance(options, dict) or not options.keys() <= {"log", "step"}:
        raise ValueError(f"{name}: options must be {{'log': True}} or {{'step': number}}, not {options!r}")
    if not isinstance(options.get("log", False), bool):
        raise ValueError(f"{name}: option 'log' must be True or False, not {options['log']!r}")
    if options.get("log") and options.get("step") is not None:
        raise ValueError(f"{name}: 'log' and 'step' do not go together; choose one")
    return options


def _parse_interval(name: str, kind: str, region: Any, options: dict[str, Any]) -> Parameter:
    fits, noun = (_is_int, "whole numbers") if kind == INTEGER else (_is_number, "finite numbers")
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


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and _is_number(value)


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def _exact(number: float) -> Fraction:
    """The number as it is written, so that 0.1 steps land on 0.3 and not beside it."""
    return Fraction(repr(number))


def _unparse(p: Parameter) -> tuple[Any, ...]:
    options = p.options()
    return (p.type, p.region(), options) if options else (p.type, p.region())
