"""Messages that are nearly right: of known types, with fields that anybody may have filled."""

from __future__ import annotations

import dataclasses
import json
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maggy.exceptions import WireError
from maggy.rpc import messages as msg
from maggy.rpc.codec import FRAME_LIMIT, HANDSHAKE_LIMIT, Frames, encode
from maggy.wire import Vocabulary

VOCABULARIES = {
    msg.HANDSHAKE: (msg.Challenge, msg.Hello, msg.Welcome),
    msg.TO_WORKER: (msg.Run, msg.Stop, msg.Dismiss),
    msg.TO_DRIVER: (msg.Heartbeat, msg.Output, msg.Saved, msg.Returned, msg.Raised, msg.Halted),
}
KINDS = [(vocabulary, kind) for vocabulary, kinds in VOCABULARIES.items() for kind in kinds]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FREE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
OF_TYPE = {
    str: st.text(),
    int: st.integers(),
    float: st.floats(allow_nan=False),
    dict[str, Any]: st.dictionaries(st.text(), FREE, max_size=3),
    dict[str, float] | None: st.none() | st.dictionaries(st.text(), st.floats(allow_nan=False), max_size=3),
    str | None: st.none() | st.text(),
    tuple[int, ...]: st.lists(st.integers()).map(tuple),
    tuple[float, ...]: st.lists(st.floats(allow_nan=False)).map(tuple),
}


def made(kind: type) -> st.SearchStrategy[Any]:
    """Messages of a kind, as they should be."""
    return st.builds(kind, **{name: OF_TYPE[hint] for name, hint in get_type_hints(kind).items()})


def nearly(kind: type) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with this type and its fields, some of them right, some missing, some of any kind."""
    fields = {name: OF_TYPE[hint] | JSON for name, hint in get_type_hints(kind).items()}
    return st.fixed_dictionaries({"type": st.just(kind.__name__)}, optional=fields)


def fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) is tuple:
        return type(value) is tuple and all(fits(v, get_args(hint)[0]) for v in value)
    if get_origin(hint) is dict:
        inner = get_args(hint)[1]
        return type(value) is dict and (inner is Any or all(fits(v, inner) for v in value.values()))
    if get_origin(hint) is UnionType:
        return any(fits(value, one) for one in get_args(hint))
    return type(value) is hint


def read(vocabulary: Vocabulary, body: bytes) -> tuple[Any, str | None]:
    """The message, and why there is none."""
    try:
        return vocabulary.loads(body), None
    except WireError as error:
        return None, str(error)


@pytest.mark.parametrize(("vocabulary", "kind"), KINDS, ids=[kind.__name__ for _, kind in KINDS])
@settings(max_examples=50)
@given(data=st.data())
def test_a_message_comes_back_as_it_was(vocabulary, kind, data):
    message, frames = data.draw(made(kind)), Frames(FRAME_LIMIT)
    frames.feed(encode(vocabulary, message))
    assert vocabulary.loads(frames.next()) == message


@pytest.mark.parametrize(("vocabulary", "kind"), KINDS, ids=[kind.__name__ for _, kind in KINDS])
@settings(max_examples=50)
@given(data=st.data())
def test_fields_have_the_types_that_they_should_or_the_message_is_refused(vocabulary, kind, data):
    body = json.dumps(data.draw(nearly(kind))).encode()
    message, refusal = read(vocabulary, body)
    if refusal is not None:  # which a log and a person will read
        assert len(refusal) < 300
        assert refusal.isprintable()
        return
    assert type(message) is kind
    hints = get_type_hints(kind)
    assert all(fits(getattr(message, f.name), hints[f.name]) for f in dataclasses.fields(kind))


@given(st.sampled_from(KINDS), st.sampled_from(KINDS), st.data())
def test_only_the_side_that_may_say_it_is_understood(one, other, data):
    message = data.draw(made(one[1]))
    if one[0] is other[0]:
        assert other[0].loads(encode(one[0], message)[4:]) == message
    else:
        with pytest.raises(WireError, match="unknown type"):
            other[0].loads(encode(one[0], message)[4:])


def test_a_handshake_fits_into_its_limit_whatever_the_host_is_called():
    longest = msg.Hello("f" * 32, "f" * 64, "h" * 255, 2**31)
    assert len(encode(msg.HANDSHAKE, longest)) < HANDSHAKE_LIMIT
