"""The TypeScript types are those that Python's contract makes, and requests travel."""

from __future__ import annotations

import json
import re

import pytest

from maggy.bridge import contract
from maggy.core import events
from maggy.exceptions import WireError
from tools import contract as generator


def test_the_types_in_typescript_are_made_from_the_contract() -> None:
    assert generator.FILE.read_text() == generator.render(), "run python -m tools.contract"


def test_every_event_and_message_has_its_type() -> None:
    text = generator.render()
    for kind in (*events.Event.__args__, *contract.Message.__args__, *contract.Request.__args__):
        assert re.search(rf'export interface {kind.__name__} {{\n  type: "{kind.__name__}";', text)
        assert text.count(f"  | {kind.__name__}") >= 1


REQUESTS = [
    contract.Sync(),
    contract.StopTrial("t1", "no hope"),
    contract.StopExperiment("enough"),
    contract.AddTrials(10),
    contract.EnqueueTrial({"x": 0.5, "shape": ("deep", 3)}),
    contract.ReadLog("t1"),
]


def test_requests_travel() -> None:
    assert [type(r) for r in REQUESTS] == list(contract.Request.__args__)
    for request in REQUESTS:
        travelled = json.loads(json.dumps(contract.REQUESTS.pack(request)))
        assert contract.REQUESTS.unpack(travelled) == request


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        {"type": "Explode"},
        {"type": "Snapshot"},
        {"type": "StopTrial", "trial": 7, "reason": ""},
        {"type": "AddTrials", "count": "10"},
        {"type": "AddTrials", "count": 1.5},
        {"type": "EnqueueTrial", "params": [1]},
    ],
)
def test_what_is_no_request_is_refused(wrong: object) -> None:
    with pytest.raises(WireError):
        contract.REQUESTS.unpack(wrong)
