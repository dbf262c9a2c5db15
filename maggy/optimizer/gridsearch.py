"""Grid search."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any, ClassVar

from maggy.optimizer.abstract import AbstractOptimizer
from maggy.searchspace import CATEGORICAL, DISCRETE, INTEGER, Parameter
from maggy.trial import Trial

Point = tuple[tuple[str, type, Any], ...]

# A grid with conditions or constraints is looked through once from end to end.
LARGEST_LOOKED_THROUGH = 1_000_000


class GridSearch(AbstractOptimizer):
    """Every combination of the hyperparameters' values, the last one changing fastest.

    Choices give all their values, numbers with a step all their steps, other numbers `count` values evenly
    from low to high, both included, on the log scale where they have one. A grid of fewer than
    `num_trials` points ends the search with its last point; of a larger one that many points are drawn
    evenly, always the same, without one coming twice.

    Args:
        count: how many values a number without a step has; an int of at least 2 for all, or a dict with
            such an int for each hyperparameter's name, 5 for those that it lacks. 5 by default.

    Raises:
        ValueError: count is something else; from `initialize`, count names a hyperparameter that is not in
            the space, or the grid of a space with conditions or constraints has over a million points.
    """

    lookahead: ClassVar[int] = 16

    DEFAULT_COUNT: ClassVar[int] = 5

    def __init__(self, count: int | Mapping[str, int] = DEFAULT_COUNT) -> None:
        counts = list(count.values()) if isinstance(count, Mapping) else [count]
        if not all(isinstance(c, int) and not isinstance(c, bool) and c >= 2 for c in counts):
            raise ValueError(f"count must be an int of at least 2, or a dict of these, not {count!r}")
        self._count = count

    def initialize(self) -> None:
        parameters = self.searchspace.parameters()
        self._check_names({p.name for p in parameters})
        self._axes = {p.name: axis(p, self._count_of(p.name)) for p in parameters}
        size = math.prod(len(values) for values in self._axes.values())
        self._points = None if self.searchspace.is_regular() else self._look_through(size)
        size = size if self._points is None else len(self._points)
        self._deal = _Deal(size, in_order=size <= self.num_trials)
        self._taken: set[Point] = set()
        self.num_trials = min(self.num_trials, size)

    def take_up(self, trials: list[Trial]) -> None:
        ours = (t for t in trials if t.created_by == "optimizer" and t.status != Trial.CANCELLED)
        self._taken = {_as_point(t.params) for t in ours}

    def get_suggestion(self, trial: Trial | None = None) -> Trial | None:
        while (index := self._deal.next()) is not None:
            params = self._at(index)
            if _as_point(params) not in self._taken:
                return Trial(params)
        return None

    def _look_through(self, size: int) -> list[dict[str, Any]]:
        """The points of the grid that there are, each once."""
        if size > LARGEST_LOOKED_THROUGH:
            raise ValueError(
                f"a grid with conditions or constraints may have {LARGEST_LOOKED_THROUGH:,} points, "
                f"not {size:,}; give a smaller count, or coarser steps"
            )
        points: dict[Point, dict[str, Any]] = {}
        for index in range(size):
            point = self._existing(self._combination(index))
            if self.searchspace.broken(point) is None:
                points.setdefault(_as_point(point), point)
        if not points:
            raise ValueError(
                "the constraints leave no point of the grid; give a larger count, or finer steps"
            )
        return list(points.values())

    def _existing(self, combination: dict[str, Any]) -> dict[str, Any]:
        point: dict[str, Any] = {}
        for p in self.searchspace.parameters():
            if p.exists(point):
                point[p.name] = combination[p.name]
        return point

    def _check_names(self, names: set[str]) -> None:
        unknown = sorted(set(self._count) - names) if isinstance(self._count, Mapping) else []
        if unknown:
            raise ValueError(f"count is given for {unknown[0]!r}, which is not in the search space")

    def _count_of(self, name: str) -> int:
        if isinstance(self._count, Mapping):
            return self._count.get(name, self.DEFAULT_COUNT)
        return self._count

    def _at(self, index: int) -> dict[str, Any]:
        return self._combination(index) if self._points is None else dict(self._points[index])

    def _combination(self, index: int) -> dict[str, Any]:
        """The combination with this number: its digits, each to the base of its hyperparameter's values."""
        chosen = {}
        for name, values in reversed(self._axes.items()):
            index, digit = divmod(index, len(values))
            chosen[name] = values[digit]
        return dict(reversed(chosen.items()))


def _as_point(params: Mapping[str, Any]) -> Point:
    # True is 1 to Python, but another point.
    return tuple((name, type(value), value) for name, value in sorted(params.items()))


class _Deal:
    """Deals out 0, 1, ... size - 1, in order, or shuffled without making a list, which may be huge."""

    def __init__(self, size: int, in_order: bool) -> None:
        self._size = size
        self._in_order = in_order
        self._rng = random.Random(0)
        self._dealt = 0
        self._moved: dict[int, int] = {}  # Fisher and Yates's swaps, as far as they are done

    def next(self) -> int | None:
        at, self._dealt = self._dealt, self._dealt + 1
        if at >= self._size:
            return None
        if self._in_order:
            return at
        drawn = self._rng.randrange(at, self._size)
        found, self._moved[drawn] = self._moved.get(drawn, drawn), self._moved.pop(at, at)
        return found


def axis(parameter: Parameter, count: int) -> list[Any]:
    """The values of one hyperparameter on the grid, rising where they are numbers."""
    if parameter.type in (DISCRETE, CATEGORICAL):
        return list({(type(v), v): v for v in parameter.values}.values())
    if parameter.step is not None:
        return [parameter.at_step(k) for k in range(parameter.steps() + 1)]
    low, high = parameter.values
    if parameter.type == INTEGER and high - low < count:
        return list(range(low, high + 1))
    found = [_between(low, high, k / (count - 1), parameter.log) for k in range(count)]
    return list(dict.fromkeys(map(round, found))) if parameter.type == INTEGER else found


def _between(low: float, high: float, part: float, log: bool) -> float:
    if part in (0.0, 1.0):
        return high if part else low  # to the last bit
    if log:
        return math.exp(math.log(low) * (1.0 - part) + math.log(high) * part)
    return low * (1.0 - part) + high * part
