"""The command line, on folders that searches have left."""

from __future__ import annotations

import csv
import io
import json

import pytest

from maggy import Searchspace
from maggy.cli import main
from tests.driver import functions
from tests.driver.handles import cut_off, running, state
from tests.driver.searches import Fixed


@pytest.fixture
def maggy(tmp_path, monkeypatch, capsys):
    """Runs a command; returns its exit code and what it printed, errors too."""
    monkeypatch.setenv("MAGGY_DIR", str(tmp_path))

    def run(*words):
        code = main([str(word) for word in words])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return run


def test_experiments_are_listed_the_latest_first(lagom, maggy):
    assert "no experiments in " in maggy("list")[1]
    done = lagom(functions.square, name="one")
    done.result(20)
    runs = lagom(functions.until_stopped, name="two")
    running(runs)
    code, listed = maggy("list")
    assert code == 0
    assert [line.split()[:3] for line in listed.splitlines()[1:]] == [
        [runs.id, "two", "running"],
        [done.id, "one", "finished"],
    ]
    cut_off(runs)
    assert "interrupted" in maggy("list")[1]
    found = json.loads(maggy("list", "--json")[1])
    assert [(f["experiment_id"], f["status"]) for f in found] == [
        (runs.id, "interrupted"),
        (done.id, "finished"),
    ]


def test_one_is_shown_by_the_beginning_of_its_id(lagom, maggy):
    handle = lagom(functions.square, name="one")
    result = handle.result(20)
    code, shown = maggy("show", handle.id[:-2])
    assert (code, shown.splitlines()[0]) == (0, "one: finished")
    assert json.loads(maggy("show", handle.id, "--json")[1]) == json.loads(json.dumps(result))
    assert maggy("show", "nothing")[0] == 1
    assert maggy("show", "nothing")[1].startswith("maggy: no experiments in ")


def test_one_is_taken_up_again(lagom, maggy):
    handle = lagom(functions.slow_square, num_trials=6)
    running(handle, 1)
    cut_off(handle)
    assert f"maggy resume {handle.id}" in maggy("show", handle.id)[1]
    code, shown = maggy("resume", handle.id)
    assert code == 0
    assert "finished" in shown
    assert "interrupted" not in maggy("list")[1]
    assert maggy("resume", handle.id, "--num-trials", 7)[0] == 0
    assert "7 of 7" in maggy("list")[1]


def test_what_cannot_be_taken_up_from_here_is_refused_in_a_line(lagom, maggy):
    handle = lagom(functions.square)
    handle.result(20)
    (handle.path / "search.pickle").unlink()
    code, shown = maggy("resume", handle.id)
    assert code == 1
    assert "call lagom(..., resume=...)" in shown


def test_what_a_trial_lacks_is_an_empty_cell(lagom, maggy):
    trees = {"when": {"model": ["tree", None]}}
    space = Searchspace(
        model=("CATEGORICAL", ["svm", "tree", None]),
        depth=("INTEGER", [1, 9], trees),
        rate=("DOUBLE", [0, 1]),
    )
    points = [{"model": "svm", "rate": 0.5}, {"model": "tree", "depth": 3, "rate": 0.5}]
    points.append({"model": None, "depth": 4, "rate": 0.5})
    handle = lagom(functions.rate_of_a_model, searchspace=space, optimizer=Fixed(*points), num_trials=3)
    handle.result(20)
    rows = list(csv.reader(io.StringIO(maggy("export", handle.id)[1])))
    assert rows[0][-3:] == ["model", "depth", "rate"]
    assert [row[-3:] for row in rows[1:]] == [["svm", "", "0.5"], ["tree", "3", "0.5"], ["None", "4", "0.5"]]
    code, shown = maggy("show", handle.id)
    assert code == 0
    assert "model=svm, rate=0.5" in shown


def test_trials_are_exported_as_a_table(lagom, maggy, tmp_path):
    handle = lagom(functions.raises_if_odd, max_failures=9)
    handle.result(20)
    rows = list(csv.DictReader(io.StringIO(maggy("export", handle.id)[1])))
    trials = list(state(handle).trials.values())
    assert [row["x"] for row in rows] == [str(t.params["x"]) for t in trials]
    assert [row["status"] for row in rows] == [t.status for t in trials]
    table = tmp_path / "table.csv"
    assert maggy("export", handle.id, "--csv", table) == (0, "")
    assert len(table.read_text().splitlines()) == 5


@pytest.mark.parametrize("open_to_others", ["", "search.pickle"], ids=["the folder", "the file"])
def test_what_others_may_have_left_is_run_only_where_that_is_trusted(lagom, maggy, open_to_others):
    handle = lagom(functions.square)
    handle.result(20)
    (handle.path / open_to_others).chmod(0o777)
    code, shown = maggy("resume", handle.id, "--num-trials", 5)
    assert (code, "give --trust where only people you trust can write to it" in shown) == (1, True)
    assert maggy("resume", handle.id, "--num-trials", 5, "--trust")[0] == 0


def test_what_was_pickled_and_cannot_be_read_is_told_in_a_line(lagom, maggy):
    handle = lagom(functions.square)
    handle.result(20)
    (handle.path / "search.pickle").write_bytes(b"cut short")
    code, shown = maggy("resume", handle.id)
    assert (code, len(shown.splitlines())) == (1, 1)
    assert "search.pickle cannot be read here (" in shown
    assert "call lagom(..., resume=...) where it is defined" in shown
