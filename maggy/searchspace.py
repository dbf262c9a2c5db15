"""The search space: which hyperparameters there are and where each may lie. Pure."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from maggy.parameter import CATEGORICAL as CATEGORICAL
from maggy.parameter import DISCRETE as DISCRETE
from maggy.parameter import DOUBLE as DOUBLE
from maggy.parameter import INTEGER as INTEGER
from maggy.parameter import Parameter as Parameter
from maggy.parameter import is_int, parse, unparse

# Draws until one is a point that the constraints leave.
MOST_DRAWS = 10_000


class Searchspace:
    """The hyperparameters of a search, each with its type and feasible region.

    Keyword arguments give name-value pairs. A value is a tuple `(type, region)`, or with options
    `(type, region, options)`:

    - `('DOUBLE', [low, high])` and `('INTEGER', [low, high])`: an interval, both ends inclusive.
      Options: `{'log': True}` samples uniformly in the logarithm (needs low > 0);
      `{'step': s}` allows only low, low + s, ...; not both.
    - `('DISCRETE', [v1, v2, ...])` and `('CATEGORICAL', [v1, v2, ...])`: the possible values: strings,
      numbers, booleans, None, or (nested) tuples of these. Lists in place of tuples are taken as tuples.

    With the option `{'when': {name: value}}`, or a list of values, a hyperparameter exists only where that
    other one, which must be in the space already, exists and has this value, or one of these; with several
    names, where all of that holds. `constrain` leaves out points altogether.

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
        self._constraints: list[Callable[[dict[str, Any]], Any]] = []
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
        self._parameters[name] = parse(name, value, self._parameters)

    def constrain(self, holds: Callable[[dict[str, Any]], Any]) -> Searchspace:
        """Leaves out the points for which the function gives something false; returns this space.

        Args:
            holds: called on the driver with a dict of the hyperparameters that exist at a point, often. Its
                name is what people read where a point is refused.

        Raises:
            TypeError: it is no function.
        """
        if not callable(holds):
            raise TypeError(
                f"a constraint must be a function of a dict of hyperparameters, not {holds!r:.80}"
            )
        self._constraints.append(holds)
        return self

    def is_regular(self) -> bool:
        """Whether there is neither a condition nor a constraint: each combination of values is a point."""
        return not self._constraints and not any(p.when for p in self._parameters.values())

    def broken(self, params: dict[str, Any]) -> str | None:
        """The name of the first constraint that does not hold at a point; None where all do.

        Raises:
            ValueError: a constraint raised.
        """
        for holds in self._constraints:
            name = getattr(holds, "__name__", type(holds).__name__)
            try:
                if not holds(dict(params)):
                    return name
            except Exception as error:
                why = " ".join(f"{type(error).__name__}: {error}".split())
                raise ValueError(f"constraint {name} raised {why:.200} at {params!r:.200}") from error
        return None

    def get(self, name: str, default: Any = None) -> Any:
        """The feasible region of `name` as a list, or `default` where there is no such name."""
        parameter = self._parameters.get(name)
        return default if parameter is None else parameter.region()

    def names(self) -> dict[str, str]:
        """Name -> type of every hyperparameter, in the order in which they were added."""
        return {p.name: p.type for p in self._parameters.values()}

    def to_dict(self) -> dict[str, tuple[Any, ...]]:
        """Name -> (type, region) or (type, region, options): what the constructor takes."""
        return {p.name: unparse(p) for p in self._parameters.values()}

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
            ValueError: a name is missing, unknown or of a hyperparameter that does not exist beside these
                others, a value is outside its region, or a constraint does not hold; one line says what would
                be right.
        """
        if not isinstance(params, dict):
            raise ValueError(f"params must be a dict of hyperparameters, not {params!r:.80}")
        has = ", ".join(self._parameters) or "no hyperparameters"
        for name in params:
            if name not in self._parameters:
                raise ValueError(f"there is no hyperparameter {name!r:.80}; the search space has {has}")
        found: dict[str, Any] = {}
        for name, p in self._parameters.items():
            if not p.exists(found):
                if name in params:
                    raise ValueError(
                        f"hyperparameter {name!r} exists only where {p.condition()}; leave it out"
                    )
            elif name not in params:
                raise ValueError(f"hyperparameter {name!r} is missing; the search space has {has}")
            else:
                found[name] = p.fit(params[name])
        if (broken := self.broken(found)) is not None:
            raise ValueError(f"constraint {broken} does not hold at {found!r:.200}")
        return found

    def sample(self, rng: random.Random) -> dict[str, Any]:
        """One random parameter dictionary drawn with `rng`: evenly, of the points that the constraints leave.

        Raises:
            ValueError: a constraint raised, or `MOST_DRAWS` draws hit no point that they leave.
        """
        for _ in range(MOST_DRAWS):
            point: dict[str, Any] = {}
            for p in self._parameters.values():
                if p.exists(point):
                    point[p.name] = p.sample(rng)
            if (broken := self.broken(point)) is None:
                return point
        raise ValueError(
            f"constraint {broken} leaves so little of the search space that {MOST_DRAWS:,} draws "
            "hit nothing; narrow the hyperparameters' regions instead"
        )

    def get_random_parameter_values(self, num: int) -> list[dict[str, Any]]:
        """A list of `num` random parameter dictionaries, drawn with the module `random`.

        Raises:
            ValueError: `num` is not a whole number of at least 0.
        """
        if not is_int(num) or num < 0:
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
        """A dict per hyperparameter: name, type, values, and log, step or when where set."""
        for p in self._parameters.values():
            yield {"name": p.name, "type": p.type, "values": p.region(), **p.options()}

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Searchspace)
            and self._parameters == other._parameters
            and self._constraints == other._constraints
        )

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
