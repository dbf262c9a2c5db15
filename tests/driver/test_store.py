"""Searches whose folder is in a store: in this process's memory, and on a file system behind fsspec."""

from __future__ import annotations

import json

import pytest

from maggy.core import events as ev
from maggy.past import read_journal, sizes
from maggy.places import as_place, spool_of
from tests.driver import functions
from tests.driver.test_resume import finished


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path, monkeypatch):
    """The URL of an empty place in a store."""
    monkeypatch.setenv("MAGGY_SPOOL", str(tmp_path / "spool"))
    if request.param == "file":
        return f"file://{tmp_path}/store"
    return f"memory://{tmp_path.name}/store"


def test_a_search_leaves_in_the_store_what_it_leaves_in_a_folder(lagom, store):
    handle = lagom(functions.square, directory=store)
    result = handle.result(20)
    assert str(handle.path) == result["path"] == f"{store}/{handle.id}"
    place = as_place(result["path"])
    records = read_journal(place)
    assert isinstance(records[-1].event, ev.ExperimentEnded)
    assert len(finished(records)) == 4
    assert json.loads((place / "result.json").read_text())["best_val"] == result["best_val"]
    names = set(sizes(place))
    assert len(names) == 3, names
    assert {"result.json", "search.pickle"} < names
    assert not spool_of(place).exists()
