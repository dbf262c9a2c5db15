"""Grid search: which points it tries, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy import Searchspace
from maggy.optimizer import GridSearch


def grid(space: Searchspace, num_trials: int = 1000, **options: Any) -> list[dict[str, Any]]:
    optimizer = GridSearch(**options)
    optimizer.setup(space, num_trials, "max")
    optimizer.initialize()
    points = []
    while len(points) < num_trials and (trial := optimizer.get_suggestion()) is not None:
        points.append(trial.params)
    return points


def axis(value: Any, **options: Any) -> list[Any]:
    return [point["x"] for point in grid(Searchspace(x=value), **options)]


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        (("CATEGORICAL", ["b", "a", None, True, (1, 2)]), ["b", "a", None, True, (1, 2)]),
        (("DISCRETE", [4, 1, 1, True, 2]), [4, 1, True, 2]),
        (("DOUBLE", [0.1, 0.5], {"step": 0.2}), [0.1, 0.3, 0.5]),
        (("INTEGER", [1, 8], {"step": 3}), [1, 4, 7]),
        (("DOUBLE", [0, 1]), [0.0, 0.25, 0.5, 0.75, 1.0]),
        (("DOUBLE", [1e-4, 1], {"log": True}), pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1.0])),
        (("INTEGER", [2, 4]), [2, 3, 4]),
        (("INTEGER", [0, 100]), [0, 25, 50, 75, 100]),
        (("INTEGER", [1, 16], {"log": True}), [1, 2, 4, 8, 16]),
    ],
)
def test_each_type_has_its_values(parameter: Any, values: Any) -> None:
    assert axis(parameter) == values


def test_numbers_are_by_count_for_all_or_each() -> None:
    assert axis(("DOUBLE", [0, 1]), count=2) == [0.0, 1.0]
    space = Searchspace(a=("DOUBLE", [0, 1]), b=("INTEGER", [0, 100]))
    assert len(grid(space, count={"a": 3})) == 3 * 5


def test_the_last_hyperparameter_changes_fastest() -> None:
    space = Searchspace(a=("CATEGORICAL", ["x", "y"]), b=("INTEGER", [1, 2]))
    assert [tuple(p.values()) for p in grid(space)] == [("x", 1), ("x", 2), ("y", 1), ("y", 2)]


def test_the_number_of_trials_follows_from_the_grid_where_it_is_smaller() -> None:
    optimizer = GridSearch()
    optimizer.setup(Searchspace(b=("INTEGER", [1, 4])), 100, "max")
    optimizer.initialize()
    assert optimizer.num_trials == 4


@given(st.integers(1, 30), st.integers(2, 5))
def test_a_part_of_the_grid_is_points_of_the_whole_none_twice(num_trials: int, count: int) -> None:
    space = Searchspace(a=("DOUBLE", [0, 1]), b=("CATEGORICAL", ["x", "y", "z"]))
    whole = [tuple(p.values()) for p in grid(space, count=count)]
    part = [tuple(p.values()) for p in grid(space, num_trials, count=count)]
    assert len(part) == len(set(part)) == min(num_trials, len(whole))
    assert set(part) <= set(whole)


def test_a_huge_grid_costs_no_memory() -> None:
    space = Searchspace(**{f"p{n}": ("INTEGER", [0, 999], {"step": 1}) for n in range(12)})
    assert len(grid(space, 3)) == 3


@pytest.mark.parametrize("count", [0, 1, 2.0, True, "3", {"x": 1}, {"x": None}])
def test_a_wrong_count_is_refused(count: Any) -> None:
    with pytest.raises(ValueError, match="count must be an int of at least 2"):
        GridSearch(count)


def test_a_count_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="count is given for 'y', which is not in the search space"):
        axis(("DOUBLE", [0, 1]), count={"y": 3})
