"""JSON to dataclasses and back: what was packed comes back, and anything else is a WireError."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy.exceptions import WireError
from maggy.wire import Vocabulary, dumps, freeze, loads


@dataclass(frozen=True)
class Everything:
    text: str
    whole: int
    number: float
    flag: bool
    maybe: str | None
    wholes: tuple[int, ...]
    numbers: tuple[float, ...]
    free: dict[str, Any]
    named: dict[str, float]


@dataclass(frozen=True)
class Nothing:
    pass


WORDS = Vocabulary(Everything, Nothing)
EXAMPLE = Everything("a", 1, 0.5, True, None, (1, 2), (0.5, math.inf), {"k": ("v", None)}, {"k": math.inf})
FINITE = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | st.integers() | FINITE | st.text()
FREE = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
JSON = st.recursive(
    PLAIN | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
THINGS = st.builds(
    Everything,
    text=st.text(),
    whole=st.integers(),
    number=st.floats(),
    flag=st.booleans(),
    maybe=st.none() | st.text(),
    wholes=st.lists(st.integers()).map(tuple),
    numbers=st.lists(st.floats()).map(tuple),
    free=st.dictionaries(st.text(), FREE, max_size=3),
    named=st.dictionaries(st.text(), st.floats(), max_size=3),
)


@given(THINGS)
def test_a_thing_comes_back_as_it_was(thing: Everything) -> None:
    line = WORDS.dumps(thing)
    assert "\n" not in line
    json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert repr(WORDS.loads(line)) == repr(thing)  # NaN is not equal to itself, its spelling is


def test_a_thing_without_fields_comes_back() -> None:
    assert WORDS.loads(WORDS.dumps(Nothing())) == Nothing()


@pytest.mark.parametrize(
    ("number", "spelled"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]
)
def test_what_json_has_no_number_for_is_spelled(number: float, spelled: str) -> None:
    assert json.loads(dumps({"a": [number]})) == {"a": [spelled]}


def test_a_whole_number_is_a_float_too_and_comes_back_as_one() -> None:
    packed = {**WORDS.pack(EXAMPLE), "number": 2}
    assert type(WORDS.unpack(packed).number) is float


def test_fields_that_nobody_knows_are_passed_over() -> None:
    assert WORDS.unpack({**WORDS.pack(EXAMPLE), "more": 1}) == EXAMPLE


WRONG: dict[str, list[Any]] = {
    "text": [None, 1, [], {}],
    "whole": [None, 1.0, "1", True, []],
    "number": [None, "1", "nan", "inf", True, [], 10**400],
    "flag": [None, 0, 1, "true"],
    "maybe": [1, False, []],
    "wholes": [None, 1, "12", {}, [1.5], [[1]], [None]],
    "numbers": [None, 0.5, "0.5", [True], ["x"]],
    "free": [None, 1, "{}", []],
    "named": [None, 1, "{}", [], {"a": "1"}, {"a": None}, {"a": [0.5]}],
}


def test_every_field_is_tried() -> None:
    assert list(WRONG) == list(asdict(EXAMPLE))


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, values in WRONG.items() for v in values])
def test_a_field_of_a_wrong_type_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(WireError, match=rf"Everything\.{field}: expected"):
        WORDS.unpack({**WORDS.pack(EXAMPLE), field: value})


@pytest.mark.parametrize("field", WRONG)
def test_a_missing_field_is_refused_by_name(field: str) -> None:
    packed = WORDS.pack(EXAMPLE)
    del packed[field]
    with pytest.raises(WireError, match=f"Everything lacks {field}"):
        WORDS.unpack(packed)


@dataclass(frozen=True)
class Grown:
    old: int
    new: str = "what was so before"


def test_what_an_earlier_version_wrote_lacks_fields_that_have_defaults() -> None:
    assert Vocabulary(Grown).unpack({"type": "Grown", "old": 1}) == Grown(1)
    with pytest.raises(WireError, match="Grown lacks old"):
        Vocabulary(Grown).unpack({"type": "Grown", "new": "x"})
    with pytest.raises(WireError, match=r"Grown\.new"):
        Vocabulary(Grown).unpack({"type": "Grown", "old": 1, "new": 7})


@pytest.mark.parametrize("kind", [None, 7, [], {}, "", "Something", "object", "__class__"])
def test_an_unknown_type_is_refused(kind: Any) -> None:
    with pytest.raises(WireError, match="type"):
        WORDS.unpack({"type": kind})


@given(JSON, st.sampled_from([*WRONG, "type", "more"]))
def test_any_other_json_raises_nothing_but_wire_errors(value: Any, field: str) -> None:
    for packed in (value, {**WORDS.pack(EXAMPLE), field: value}):
        try:
            unpacked = WORDS.loads(json.dumps(packed))
        except WireError:
            continue
        assert isinstance(unpacked, (Everything, Nothing))


@given(st.binary(max_size=40) | st.text(max_size=40))
def test_any_other_text_raises_nothing_but_wire_errors(text: bytes | str) -> None:
    with pytest.raises(WireError):
        WORDS.loads(text)


@pytest.mark.parametrize("field", ["free", "type", "text"])
@pytest.mark.parametrize("depth", [100, 600, 900, 5000, 100_000])
def test_deep_nesting_raises_nothing_but_wire_errors(depth: int, field: str) -> None:
    nested = '{"k":' * depth + "1" + "}" * depth
    line = dumps({**WORDS.pack(EXAMPLE), field: "here"}).replace('"here"', nested)
    try:
        assert isinstance(WORDS.loads(line), Everything)
    except WireError:
        assert depth > 100 or field != "free"


def test_a_number_too_long_to_read_is_refused() -> None:
    with pytest.raises(WireError, match="not JSON"):
        loads("1" * 10_000)


def test_frozen_values_can_be_keys() -> None:
    assert freeze([1, ["a", [None]]]) == (1, ("a", (None,)))
    assert freeze({1: [2]}) == {"1": (2,)}
