"""Searches on a real Spark whose folder is in a store."""

from __future__ import annotations

import pytest

from maggy import Searchspace
from maggy.core.state import State
from maggy.past import read_journal, sizes
from maggy.places import as_place, spool_of
from tests.spark import functions

pytestmark = pytest.mark.spark

SPACE = Searchspace(x=("INTEGER", [1, 1000]))


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_search_leaves_all_of_it_in_the_store(lagom, tmp_path, monkeypatch, kind):
    monkeypatch.setenv("MAGGY_SPOOL", str(tmp_path / "spool"))
    store = f"file://{tmp_path}/store" if kind == "file" else f"memory://{tmp_path.name}/store"
    found = lagom(functions.square, SPACE, num_trials=12, directory=store)
    place = as_place(found["path"])
    assert str(place.parent) == store
    state = State(read_journal(place))
    state.validate()
    assert state.counts["FINALIZED"] == 12
    assert state.best.final_metric == found["best_val"]
    assert "result.json" in sizes(place)
    assert not spool_of(place).exists()
    more = lagom(functions.square, SPACE, num_trials=14, directory=store, resume=found["experiment_id"])
    assert more["num_trials"] == 14
