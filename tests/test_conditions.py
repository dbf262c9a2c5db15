"""Hyperparameters that exist only where another has some value, and points that are left out."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy import Searchspace
from maggy.optimizer import GridSearch
from maggy.testing import IRREGULAR

TREES = {"when": {"model": "tree"}}


def space():
    return Searchspace(
        model=("CATEGORICAL", ["svm", "tree", True, 1]),
        depth=("INTEGER", [1, 3], TREES),
        leaf=("DISCRETE", [1, 2], {"when": {"depth": [2, 3]}}),
    )


@given(st.integers(0, 2**32))
def test_a_draw_has_what_exists_and_nothing_else(seed):
    point = space().sample(random.Random(seed))
    assert ("depth" in point) == (point["model"] == "tree")
    assert ("leaf" in point) == (point.get("depth", 1) > 1)
    assert space().fit(point) == point
    assert list(point) == [name for name in space().names() if name in point]


def test_every_value_is_drawn():
    drawn = {tuple(space().sample(random.Random(seed)).items()) for seed in range(500)}
    trees = [(("model", "tree"), ("depth", 1))]
    trees += [(("model", "tree"), ("depth", d), ("leaf", f)) for d in (2, 3) for f in (1, 2)]
    assert drawn == {(("model", "svm"),), (("model", True),), (("model", 1),), *trees}


def test_true_is_not_one():
    on = Searchspace(a=("CATEGORICAL", [True, 1]), b=("DISCRETE", [5], {"when": {"a": True}}))
    assert on.fit({"a": True, "b": 5}) == {"a": True, "b": 5}
    assert on.fit({"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"model": "svm", "depth": 1}, "'depth' exists only where model is 'tree'; leave it out"),
        ({"model": "tree", "depth": 1, "leaf": 1}, "'leaf' exists only where depth is 2 or 3; leave it out"),
        ({"model": "tree"}, "'depth' is missing"),
        ({"model": "tree", "depth": 4}, "depth must be a whole number from 1 to 3"),
    ],
)
def test_a_point_with_too_much_or_too_little_is_refused(params, words):
    with pytest.raises(ValueError, match=words):
        space().fit(params)


def test_conditions_survive_json():
    again = Searchspace(**json.loads(space().json()))
    assert again == space()
    assert list(again) == list(space())
    assert again.fit({"model": "tree", "depth": 1}) == {"model": "tree", "depth": 1}
    assert "when" in repr(again)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({}, "'when' must be a dict"),
        ("model", "'when' must be a dict"),
        ({"other": 1}, "names 'other', which must be added before it; there is model"),
        ({"b": 1}, "names 'b', which must be added before it"),
        ({"model": "forest"}, "'when' cannot hold: model must be one of 'svm', 'tree', not 'forest'"),
    ],
)
def test_a_condition_that_cannot_be_is_refused(when, words):
    with pytest.raises(ValueError, match=f"^b: .*{words}"):
        Searchspace(model=("CATEGORICAL", ["svm", "tree"]), b=("DOUBLE", [0, 1], {"when": when}))


def small(point):
    return point["x"] + point["y"] <= 3


def square():
    return Searchspace(x=("INTEGER", [0, 5]), y=("INTEGER", [0, 5]))


def test_a_constraint_leaves_points_out():
    points = square().constrain(small).get_random_parameter_values(300)
    assert all(small(point) for point in points)
    assert len({tuple(point.values()) for point in points}) == 10
    with pytest.raises(ValueError, match="constraint small does not hold at "):
        square().constrain(small).fit({"x": 2, "y": 2})
    assert square() != square().constrain(small) == square().constrain(small)


def impossible(point):
    return False


def test_a_constraint_that_leaves_nothing_or_raises_is_an_error_of_one_line():
    with pytest.raises(ValueError, match="constraint impossible leaves so little"):
        square().constrain(impossible).sample(random.Random(0))
    with pytest.raises(ValueError, match="constraint <lambda> raised KeyError: 'z' at "):
        square().constrain(lambda point: point["z"]).fit({"x": 1, "y": 1})
    with pytest.raises(TypeError, match="a constraint must be a function"):
        square().constrain(7)


def test_a_constraint_may_change_its_copy():
    assert square().constrain(lambda point: point.pop("x") >= 0).fit({"x": 1, "y": 1}) == {"x": 1, "y": 1}


def suggestions(optimizer, of, num_trials=1000):
    optimizer.setup(of, num_trials, "max")
    optimizer.initialize()
    return [trial.params for trial in iter(optimizer.get_suggestion, None)]


def test_a_grid_has_each_point_that_there_is_once():
    found = suggestions(GridSearch(), space())
    assert len(found) == 3 + 1 + 4
    assert all(space().fit(point) == point for point in found)
    assert [tuple(p.values()) for p in suggestions(GridSearch(count=6), square().constrain(small))] == [
        (x, y) for x in range(6) for y in range(6) if x + y <= 3
    ]
    assert len(suggestions(GridSearch(count=3), IRREGULAR)) == 3 + 8 * 3 + 2 + 2 * 2 * 3


def test_a_grid_too_large_to_look_through_or_empty_is_refused():
    large = Searchspace(**{f"x{i}": ("INTEGER", [0, 9], {"step": 1}) for i in range(7)}).constrain(bool)
    with pytest.raises(ValueError, match="may have 1,000,000 points, not 10,000,000"):
        suggestions(GridSearch(), large)
    with pytest.raises(ValueError, match="the constraints leave no point of the grid"):
        suggestions(GridSearch(), square().constrain(impossible))
