"""Records as lines of JSON: every kind of event comes back as it was; anything else is refused."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy.core import events as ev
from maggy.exceptions import WireError

PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=5)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "str": st.text(),
    "str | None": st.none() | st.text(),
    "int": st.integers(),
    "bool": st.booleans(),
    "float | None": st.none() | st.floats(allow_nan=False),
    "float": st.floats(allow_nan=False),
    "tuple[int, ...]": st.lists(st.integers()).map(tuple),
    "tuple[float, ...]": st.lists(st.floats(allow_nan=False)).map(tuple),
    "dict[str, Any]": st.dictionaries(st.text(), VALUES, max_size=4),
    "tuple[str, ...]": st.lists(st.text()).map(tuple),
    "dict[str, float] | None": st.none() | st.dictionaries(st.text(), st.floats(allow_nan=False), max_size=4),
    "dict[str, Any] | None": st.none() | st.dictionaries(st.text(), VALUES, max_size=4),
}


def made_up(kind: type) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{f.name: FIELDS[str(f.type)] for f in dataclasses.fields(kind)})


EVENTS = st.sampled_from(ev.Event.__args__).flatmap(made_up)
RECORDS = st.builds(ev.Record, st.integers(min_value=1), st.floats(allow_nan=False), EVENTS)


@given(RECORDS)
def test_a_record_comes_back_as_it_was(record: ev.Record) -> None:
    line = record.to_json()
    assert "\n" not in line
    assert ev.Record.from_json(line) == record


def test_nan_comes_back_as_nan() -> None:
    record = ev.Record(1, 2.0, ev.TrialProgressed("t", (0,), (float("nan"),)))
    (value,) = ev.Record.from_json(record.to_json()).event.values
    assert value != value


@pytest.mark.parametrize("seq", [None, "1", 1.5, True, [], {}, float("inf")])
def test_a_record_needs_a_whole_seq(seq: Any) -> None:
    with pytest.raises(WireError, match="seq"):
        ev.Record.from_json(json.dumps({"type": "TrialStopped", "trial": "t", "time": 1.0, "seq": seq}))


@pytest.mark.parametrize("time", [None, "soon", True, [], 10**400], ids=lambda t: f"{t!r:.9}")
def test_a_record_needs_a_time(time: Any) -> None:
    with pytest.raises(WireError, match="time"):
        ev.Record.from_json(json.dumps({"type": "TrialStopped", "trial": "t", "seq": 1, "time": time}))


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "7", "null", '{"type":"TrialStopped"}', '{"type":"Sabotage"}']
)
def test_what_is_no_record_is_refused(line: str) -> None:
    with pytest.raises(WireError):
        ev.Record.from_json(line)
