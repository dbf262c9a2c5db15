"""Stores on the command line, and which there are."""

from __future__ import annotations

import json
import sys

import pytest
from upath import UPath

from maggy.cli import main
from tests.driver import functions
from tests.driver.handles import cut_off, running
from tests.waiting import eventually


@pytest.fixture
def maggy(store, monkeypatch, capsys):
    monkeypatch.setenv("MAGGY_DIR", store)

    def run(*words):
        code = main([str(word) for word in words])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return run


def test_the_command_line_takes_stores(lagom, store, maggy, other_machine, tmp_path):
    assert maggy("list") == (0, f"no experiments in {store}\n")
    done = lagom(functions.square, directory=store, name="one")
    result = done.result(20)
    assert maggy("show", done.id[:-2])[1].splitlines()[0] == "one: finished"
    assert json.loads(maggy("show", result["path"], "--json")[1]) == json.loads(json.dumps(result))
    assert len(maggy("export", done.id)[1].splitlines()) == 5
    runs = lagom(functions.slow_square, directory=store, name="two", num_trials=6)
    running(runs, 1)
    eventually(lambda: "running" in maggy("list")[1])
    cut_off(runs)
    assert [line.split()[:3] for line in maggy("list")[1].splitlines()[1:]] == [
        [runs.id, "two", "interrupted"],
        [done.id, "one", "finished"],
    ]
    other_machine()
    code, shown = maggy("resume", runs.id)
    assert (code, "give --trust" in shown) == (1, True)
    assert maggy("resume", runs.id, "--trust")[0] == 0
    assert "6 of 6" in maggy("list")[1]


def test_true_takes_the_latest_of_this_name_in_the_store(lagom, store):
    first = lagom(functions.square, name="one", directory=store, resume=True)
    first.result(20)
    assert lagom(functions.square, name="one", directory=store, resume=True).id == first.id


@pytest.mark.parametrize(
    ("url", "missing", "words"),
    [
        ("s3://bucket/x", "upath", r"s3://bucket/x: stores need fsspec: pip install 'maggy\[fsspec\]'"),
        ("gs://bucket/x", "gcsfs", "gs://bucket/x: Please install gcsfs"),
    ],
)
def test_what_is_missing_is_told_in_one_line(lagom, monkeypatch, url, missing, words):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=words):
        lagom(functions.square, directory=url)


def test_a_url_that_makes_no_sense_is_refused(lagom):
    with pytest.raises(ValueError, match="nonsense://x: Unsupported filesystem"):
        lagom(functions.square, directory="nonsense://x")
    with pytest.raises(ValueError, match="a store's URL must not hold a password"):
        lagom(functions.square, directory="sftp://me:secret@host/x")
    with pytest.raises(ValueError, match=r"memory://x/a\[1\]: \*, \? and \[ are signs of patterns to fsspec"):
        lagom(functions.square, directory="memory://x/a[1]")


def test_a_lease_that_makes_no_sense_does_not_hide_the_others(lagom, store, maggy):
    runs = lagom(functions.until_stopped, directory=store, name="one")
    running(runs, 1)
    cut_off(runs)
    for odd in ("[]", '{"time": "now"}', '{"time": [1]}', "{"):
        (runs.path / "lease.json").write_text(odd)
        code, listed = maggy("list")
        assert (code, listed.splitlines()[1].split()[:3]) == (0, [runs.id, "one", "interrupted"])


def test_the_keys_of_a_store_are_not_left_in_it(lagom, store):
    place = UPath(store, secret="the key to everything")
    handle = lagom(functions.square, directory=place)
    assert handle.result(20)["path"] == f"{store}/{handle.id}"
    left = [path.read_bytes() for path in (handle.path / "search.pickle", *handle.path.glob("events-*"))]
    assert len(left) > 1
    assert not any(b"the key to everything" in content for content in left)
    assert lagom(functions.square, directory=place, resume=handle.id).id == handle.id
