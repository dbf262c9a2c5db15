"""Search spaces: what may be in them, what is drawn from them, and how they travel."""

from __future__ import annotations

import json
import math
import pickle
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy import Searchspace

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
POSITIVE = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
INTS = st.integers(-(10**30), 10**30)
PLAIN = st.none() | st.booleans() | st.integers() | FLOATS | st.text(max_size=5)
CHOICES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
NAMES = st.text(min_size=1, max_size=8).filter(
    lambda n: not n.startswith("_") and not hasattr(Searchspace, n) and n != "reporter"
)


def pairs(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(numbers, min_size=2, max_size=2, unique=True).map(sorted)


def stepped(kind: str, region: list[Any], parts: int) -> tuple[Any, ...]:
    step = region[1] - region[0] if kind == "DOUBLE" else 1
    for divisor in (parts, 1):
        part = step / divisor if kind == "DOUBLE" else max(1, (region[1] - region[0]) // divisor)
        if 0 < Fraction(repr(part)) <= Fraction(repr(region[1])) - Fraction(repr(region[0])):
            return (kind, region, {"step": part})
    return (kind, region)


REGIONS = pairs(FLOATS)
INTERVALS = st.one_of(
    st.tuples(st.just("DOUBLE"), REGIONS),
    st.tuples(st.just("INTEGER"), pairs(INTS)),
    st.tuples(st.just("DOUBLE"), pairs(POSITIVE), st.just({"log": True})),
    st.tuples(st.just("INTEGER"), pairs(st.integers(1, 10**30)), st.just({"log": True})),
    st.builds(stepped, st.just("INTEGER"), pairs(INTS), st.integers(1, 50)),
    st.builds(
        stepped,
        st.just("DOUBLE"),
        pairs(st.floats(-1e9, 1e9).map(lambda f: round(f, 3))),
        st.integers(1, 50),
    ),
)
OPTIONS = st.tuples(st.sampled_from(["DISCRETE", "CATEGORICAL"]), st.lists(CHOICES, min_size=1, max_size=4))
SPACES = st.dictionaries(NAMES, INTERVALS | OPTIONS, max_size=4).map(lambda d: Searchspace(**d))


@given(SPACES)
def test_a_space_comes_back_from_its_dict_its_json_and_its_pickle(space: Searchspace) -> None:
    assert Searchspace(**space.to_dict()) == space
    assert Searchspace(**json.loads(space.json())) == space
    assert pickle.loads(pickle.dumps(space)) == space


@given(SPACES, st.integers())
def test_samples_lie_in_the_region_and_have_its_type(space: Searchspace, seed: int) -> None:
    sample = space.sample(random.Random(seed))
    assert list(sample) == list(space.names())
    for p in space:
        value, region = sample[p["name"]], p["values"]
        if p["type"] in ("DISCRETE", "CATEGORICAL"):
            assert value in region
        else:
            assert type(value) is (int if p["type"] == "INTEGER" else float)
            assert region[0] <= value <= region[1]


@given(INTERVALS.filter(lambda value: len(value) == 3 and "step" in value[2]), st.integers())
def test_samples_lie_on_the_grid(value: Any, seed: int) -> None:
    space = Searchspace(x=value)
    ((_, (low, _), options),) = space.to_dict().values()
    drawn = space.sample(random.Random(seed))["x"]
    k = round((Fraction(drawn) - Fraction(low)) / Fraction(options["step"]))
    on_grid = Fraction(repr(low)) + k * Fraction(repr(options["step"]))
    assert drawn == (float(on_grid) if isinstance(drawn, float) else on_grid)


def test_a_grid_has_both_its_ends_and_the_values_as_a_person_writes_them() -> None:
    space = Searchspace(a=("DOUBLE", [0.1, 0.5], {"step": 0.1}), b=("INTEGER", [16, 50], {"step": 16}))
    samples = space.get_random_parameter_values(500)
    assert {s["a"] for s in samples} == {0.1, 0.2, 0.3, 0.4, 0.5}
    assert {s["b"] for s in samples} == {16, 32, 48}


def test_a_step_as_wide_as_the_region_fits_though_floats_say_otherwise() -> None:
    assert 0.3 - 0.1 < 0.2
    samples = Searchspace(x=("DOUBLE", [0.1, 0.3], {"step": 0.2})).get_random_parameter_values(100)
    assert {s["x"] for s in samples} == {0.1, 0.3}


def draw(value: Any, count: int = 4000) -> list[Any]:
    rng = random.Random(1)
    space = Searchspace(x=value)
    return [space.sample(rng)["x"] for _ in range(count)]


@pytest.mark.parametrize(
    ("value", "quartiles"),
    [
        (("DOUBLE", [1e-8, 1.0], {"log": True}), [1e-6, 1e-4, 1e-2]),
        (("DOUBLE", [0.0, 4.0]), [1.0, 2.0, 3.0]),
        (("DOUBLE", [-1.7e308, 1.7e308]), [-0.85e308, 0.0, 0.85e308]),
        (("INTEGER", [1, 400]), [100, 200, 300]),
    ],
)
def test_draws_are_uniform_on_their_scale(value: Any, quartiles: list[float]) -> None:
    drawn = draw(value)
    for share, bound in zip((0.25, 0.5, 0.75), quartiles, strict=True):
        assert sum(v <= bound for v in drawn) / len(drawn) == pytest.approx(share, abs=0.03)


def test_log_draws_of_whole_numbers_give_each_its_share() -> None:
    drawn = draw(("INTEGER", [1, 8], {"log": True}))
    whole = math.log(8.5 / 0.5)
    for number in range(1, 9):
        share = math.log((number + 0.5) / (number - 0.5)) / whole
        assert drawn.count(number) / len(drawn) == pytest.approx(share, abs=0.03)


def test_names_types_and_regions_can_be_asked_for() -> None:
    space = Searchspace(kernel=("INTEGER", [2, 8]))
    space.add("act", ("categorical", ["relu", "tanh"]))
    assert space.names() == {"kernel": "INTEGER", "act": "CATEGORICAL"}
    assert (space.get("kernel"), space.kernel, space.get("pool", 7)) == ([2, 8], [2, 8], 7)
    assert ("act" in space, "pool" in space, len(space)) == (True, False, 2)
    with pytest.raises(AttributeError, match="pool"):
        _ = space.pool


def test_iteration_tells_everything_about_each_hyperparameter() -> None:
    space = Searchspace(lr=("DOUBLE", [0.1, 1], {"log": True}), n=("INTEGER", [0, 9], {"step": 3}))
    assert list(space) == [
        {"name": "lr", "type": "DOUBLE", "values": [0.1, 1.0], "log": True},
        {"name": "n", "type": "INTEGER", "values": [0, 9], "step": 3},
    ]


def test_what_is_given_out_is_a_copy() -> None:
    space = Searchspace(kernel=("INTEGER", [2, 8]))
    space.kernel.append(9)
    space.to_dict()["kernel"][1].append(9)
    assert space.kernel == [2, 8]


def test_the_representation_makes_an_equal_space() -> None:
    space = Searchspace(lr=("DOUBLE", [0.1, 1.0], {"log": True}), act=("CATEGORICAL", ["relu", None]))
    assert eval(repr(space), {"Searchspace": Searchspace}) == space
    assert space != Searchspace(lr=("DOUBLE", [0.1, 1.0]))


@pytest.mark.parametrize("name", ["add", "get", "names", "reporter", "json", "_x", "__init__", "", 7, None])
def test_a_reserved_or_impossible_name_is_refused(name: Any) -> None:
    with pytest.raises(ValueError, match="name"):
        Searchspace().add(name, ("INTEGER", [1, 2]))


def test_a_name_is_taken_once() -> None:
    space = Searchspace(x=("INTEGER", [1, 2]))
    with pytest.raises(ValueError, match="'x' is in the search space already"):
        space.add("x", ("INTEGER", [3, 4]))
    assert space.x == [1, 2]


HUGE = 10**400


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "INTEGER",
        ("INTEGER",),
        ("INTEGER", [1, 2], {}, 4),
        ("FLOAT", [1, 2]),
        (7, [1, 2]),
        ("INTEGER", []),
        ("INTEGER", "12"),
        ("INTEGER", [1]),
        ("INTEGER", [1, 2, 3]),
        ("INTEGER", [2, 1]),
        ("INTEGER", [1, 1]),
        ("INTEGER", [1.0, 2.0]),
        ("INTEGER", [False, True]),
        ("INTEGER", [0, HUGE]),
        ("INTEGER", [1, 2], None),
        ("INTEGER", [1, 2], {"logg": True}),
        ("INTEGER", [0, 2], {"log": True}),
        ("INTEGER", [1, 2], {"log": 1}),
        ("INTEGER", [1, 9], {"log": True, "step": 2}),
        ("INTEGER", [1, 9], {"step": 0}),
        ("INTEGER", [1, 9], {"step": 0.5}),
        ("INTEGER", [1, 9], {"step": 9}),
        ("INTEGER", [1, 9], {"step": "2"}),
        ("DOUBLE", ["0", "1"]),
        ("DOUBLE", [0.0, math.inf]),
        ("DOUBLE", [math.nan, 1.0]),
        ("DOUBLE", [0, HUGE]),
        ("DOUBLE", [-1.0, 1.0], {"log": True}),
        ("DOUBLE", [0.0, 1.0], {"step": -0.1}),
        ("DOUBLE", [0.0, 1.0], {"step": 1e-400}),
        ("DOUBLE", [0.0, 1.0], {"step": math.nan}),
        ("DISCRETE", []),
        ("DISCRETE", [math.inf]),
        ("DISCRETE", [HUGE]),
        ("CATEGORICAL", [object()]),
        ("CATEGORICAL", [{"a": 1}]),
        ("CATEGORICAL", ["a"], {"log": True}),
    ],
    ids=lambda value: f"{value!r:.60}",
)
def test_a_malformed_value_is_refused_by_name(value: Any) -> None:
    space = Searchspace()
    with pytest.raises(ValueError, match=r"^x: "):
        space.add("x", value)
    assert len(space) == 0


class Half(float):
    """A float that is not written as one, as numpy's are not."""

    def __repr__(self) -> str:
        return f"Half({float(self)})"


def test_numbers_that_are_not_pythons_own_become_so() -> None:
    space = Searchspace(x=("DOUBLE", [Half(0.0), Half(1.0)], {"step": Half(0.5)}))
    assert repr(space) == "Searchspace(x=('DOUBLE', [0.0, 1.0], {'step': 0.5}))"
    assert space.sample(random.Random(1))["x"] in (0.0, 0.5, 1.0)


def test_random_values_follow_the_module_random() -> None:
    space = Searchspace(x=("DOUBLE", [0.0, 1.0]))
    random.seed(3)
    first = space.get_random_parameter_values(3)
    random.seed(3)
    assert space.get_random_parameter_values(3) == first
    assert len({p["x"] for p in first}) == 3
    assert space.get_random_parameter_values(0) == []


@pytest.mark.parametrize("num", [-1, 1.0, "3", None, True])
def test_a_number_of_draws_must_be_whole(num: Any) -> None:
    with pytest.raises(ValueError, match="num must be"):
        Searchspace().get_random_parameter_values(num)


FITTED = Searchspace(
    rate=("DOUBLE", [1e-3, 1.0], {"log": True}),
    share=("DOUBLE", [0.0, 0.5], {"step": 0.1}),
    width=("INTEGER", [16, 256], {"step": 16}),
    depth=("INTEGER", [1, 8]),
    batch=("DISCRETE", [16, 32]),
    mixed=("CATEGORICAL", [1, True, 0, "1", None, ("deep", (3, 4))]),
)
GOOD = {"rate": 0.5, "share": 0.3, "width": 32, "depth": 2, "batch": 16, "mixed": "1"}


def fitted(**changed: Any) -> dict[str, Any]:
    return FITTED.fit({**GOOD, **changed})


@given(st.integers(0, 2**32))
def test_what_is_drawn_fits_as_it_is_and_after_a_journey_as_json(seed: int) -> None:
    drawn = FITTED.sample(random.Random(seed))
    assert repr(FITTED.fit(drawn)) == repr(drawn)
    assert repr(FITTED.fit(json.loads(json.dumps(drawn)))) == repr(drawn)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("rate", 1, 1.0),
        ("depth", 8.0, 8),
        ("width", 48.0, 48),
        ("share", 0.1 + 0.2, 0.3),
        ("share", 0, 0.0),
        ("share", 0.5, 0.5),
        ("batch", 16.0, 16),
        ("mixed", True, True),
        ("mixed", 1, 1),
        ("mixed", 1.0, 1),
        ("mixed", 0, 0),
        ("mixed", "1", "1"),
        ("mixed", None, None),
        ("mixed", ["deep", [3, 4]], ("deep", (3, 4))),
        ("rate", np.float64(0.25), 0.25),
        ("depth", np.int64(3), 3),
    ],
)
def test_a_value_becomes_what_the_space_has(name: str, given: Any, expected: Any) -> None:
    assert repr(fitted(**{name: given})[name]) == repr(expected)


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("rate", 0.0, "rate must be a number from 0.001 to 1.0, not 0.0"),
        ("rate", 1.5, "not 1.5"),
        ("rate", math.nan, "not nan"),
        ("rate", "0.5", "not '0.5'"),
        ("rate", True, "not True"),
        ("rate", None, "not None"),
        ("rate", 10**400, "rate must be a number"),
        ("share", 0.25, "share must be a number from 0.0 to 0.5 in steps of 0.1, not 0.25"),
        ("width", 40, "width must be a whole number from 16 to 256 in steps of 16, not 40"),
        ("depth", 2.5, "depth must be a whole number from 1 to 8, not 2.5"),
        ("depth", 9, "not 9"),
        ("batch", 24, "batch must be one of 16, 32, not 24"),
        ("batch", "16", "not '16'"),
        ("mixed", False, "not False"),
        ("mixed", "x" * 1000, "mixed must be one of"),
    ],
)
def test_a_value_outside_the_space_is_refused_in_a_line(name: str, given: Any, why: str) -> None:
    with pytest.raises(ValueError, match=name) as error:
        fitted(**{name: given})
    assert why in str(error.value)
    assert len(str(error.value)) < 250


def test_parameters_are_neither_missing_nor_more_than_the_space_has() -> None:
    with pytest.raises(
        ValueError, match="hyperparameter 'rate' is missing; the search space has rate, share"
    ):
        FITTED.fit({name: GOOD[name] for name in reversed(GOOD) if name != "rate"})
    with pytest.raises(ValueError, match="there is no hyperparameter 'speed'; the search space has rate"):
        fitted(speed=1)
    with pytest.raises(ValueError, match="has no hyperparameters"):
        Searchspace().fit({"x": 1})
    with pytest.raises(ValueError, match="params must be a dict of hyperparameters, not \\['rate'\\]"):
        FITTED.fit(["rate"])
    assert Searchspace().fit({}) == {}
    assert list(FITTED.fit(dict(reversed(GOOD.items())))) == list(GOOD)
