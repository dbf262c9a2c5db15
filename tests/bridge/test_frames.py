"""Records on their way to a view: JSON, and numbers in a buffer. What does not fit together is refused."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy.bridge.frames import pack, unpack
from maggy.core import events as ev
from maggy.exceptions import WireError
from tests.core.test_records import RECORDS

NAN, INF = float("nan"), float("inf")
PROGRESS = ev.Record(7, 5.0, ev.TrialProgressed("t", (1, 2**53), (0.5, -INF)))


@st.composite
def reals(draw: st.DrawFn) -> list[ev.Record]:
    """Records as they come: steps are rising numbers below 2**53, as many as values."""
    progress = st.lists(st.floats(allow_nan=False), max_size=4).map(
        lambda v: ev.Record(1, 2.0, ev.TrialProgressed("t", tuple(range(len(v))), tuple(v)))
    )
    other = RECORDS.filter(lambda r: not isinstance(r.event, ev.TrialProgressed))
    return draw(st.lists(progress | other, max_size=6))


@given(reals())
def test_records_come_back_as_they_were(records: list[ev.Record]) -> None:
    packed, buffer = pack(records)
    travelled = json.loads(json.dumps(packed, allow_nan=False, ensure_ascii=False).encode())
    assert unpack(travelled, buffer) == records


def test_the_numbers_of_curves_stand_in_the_buffer_one_record_after_the_other() -> None:
    other = ev.Record(8, 6.0, ev.TrialCancelled("t"))
    packed, buffer = pack([PROGRESS, other, PROGRESS])
    assert packed[0] == {"seq": 7, "time": 5.0, "type": "TrialProgressed", "trial": "t", "points": 2}
    assert packed[1] == {"seq": 8, "time": 6.0, "type": "TrialCancelled", "trial": "t"}
    assert struct.unpack("<8d", buffer) == (1.0, 2.0**53, 0.5, -INF) * 2


def test_numbers_that_json_does_not_know_are_spelled_at_any_depth() -> None:
    created = ev.TrialCreated("t", 1, {"x": (NAN, {"y": INF})}, "person")
    (packed,), buffer = pack([ev.Record(1, -INF, created)])
    assert packed["params"] == {"x": ["NaN", {"y": "Infinity"}]}
    json.dumps(packed["params"], allow_nan=False)
    assert buffer == b""


def test_half_a_character_does_not_stop_a_message() -> None:
    failed = ev.TrialFailed("t", "half \ud800", "\udfff 宽")
    (packed,), _ = pack([ev.Record(1, 2.0, failed)])
    assert (packed["error"], packed["traceback"]) == ("half ?", "? 宽")


@pytest.mark.parametrize("cut", [-8, -3, 5, 8])
def test_a_buffer_that_does_not_fit_is_refused(cut: int) -> None:
    packed, buffer = pack([PROGRESS])
    changed = buffer[:cut] if cut < 0 else buffer + bytes(cut)
    with pytest.raises(WireError, match="the buffer has"):
        unpack(packed, changed)


@pytest.mark.parametrize("wrong", [{"points": "2"}, {"seq": None}, {"time": "soon"}, {"type": "Sabotage"}])
def test_what_is_no_record_is_refused(wrong: dict[str, Any]) -> None:
    packed, buffer = pack([PROGRESS])
    with pytest.raises(WireError):
        unpack([{**packed[0], **wrong}], buffer if "type" not in wrong else b"")
