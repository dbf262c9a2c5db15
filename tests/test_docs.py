"""The documents say what the code does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import state_diagram

ROOT = Path(__file__).parents[1]


def python_blocks(document: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def test_the_diagram_is_drawn_from_the_table():
    document = state_diagram.DOCUMENT.read_text()
    assert state_diagram.diagram() in document
    assert state_diagram.redrawn(document) == document


def test_the_architecture_fits_on_a_hundred_lines():
    assert len(state_diagram.DOCUMENT.read_text().splitlines()) <= 100


@pytest.mark.spark
def test_the_searches_of_the_readme_run_as_written(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    first, second = python_blocks("README.md")
    found: dict = {}
    exec(first, found)
    assert found["result"]["num_trials"] == 20
    assert str(found["result"]["best_val"]) in capsys.readouterr().out
    exec(second, found)
    assert found["running"].result()["status"] == "stopped"


@pytest.mark.spark
def test_the_guide_to_search_spaces_runs_as_written_and_prints_what_it_says(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    found: dict = {}
    for block in python_blocks("docs/search-space.md"):
        exec(block, found)
        printed = capsys.readouterr().out.splitlines()
        for line in re.findall(r"^ *print\(.*\)  # (.+)$", block, re.MULTILINE):
            assert line in printed
    assert found["result"]["num_trials"] == 30


@pytest.mark.spark
def test_the_searches_in_a_store_run_as_written(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("MAGGY_SPOOL", str(tmp_path))
    stored, taken_up, read = python_blocks("docs/storage.md")
    found: dict = {}
    exec(stored, found)
    assert capsys.readouterr().out.splitlines()[-1] == found["result"]["path"]
    exec(taken_up, found)
    assert capsys.readouterr().out.splitlines()[-1] == "6"
    exec(read, found)
    assert len(found["finished"]) == len(found["state"].trials) == 6
    assert str(found["state"].best.params) in capsys.readouterr().out


@pytest.mark.spark
def test_the_optimizer_and_the_rule_of_contributing_run_as_written(tmp_path):
    from maggy import Searchspace, experiment

    given: dict = {}
    for block in python_blocks("CONTRIBUTING.md"):
        exec(block, given)
    result = experiment.lagom(
        flat,
        Searchspace(x=("DOUBLE", [0.0, 1.0])),
        given["Halving"](),
        num_trials=6,
        es_policy=given["Patience"],
        es_interval=0,
        es_min=0,
        hb_interval=0.01,
        display=False,
        directory=tmp_path,
    )
    assert result["num_trials"] == result["early_stopped"] == 6


@pytest.mark.spark
def test_the_searches_of_the_algorithms_document_run_as_written(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    found: dict = {}
    halving, rules, several, _ = python_blocks("docs/algorithms.md")
    exec(halving, found)
    assert found["result"]["best_hp"]["budget"] == 9
    exec(rules, found)
    exec(several, found)
    assert found["result"]["directions"] == {"accuracy": "max", "latency": "min"}
    assert found["result"]["pareto_front"][0]["objectives"]["accuracy"] == found["result"]["best_val"]
    assert len(list((tmp_path / "maggy-experiments").iterdir())) == 4


def test_the_contracts_of_the_algorithms_document_hold(tmp_path):
    (tmp_path / "test_own.py").write_text(python_blocks("docs/algorithms.md")[-1])
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-2000:]
    assert re.search(r"[3-9]\d passed", told.stdout)


def test_the_algorithms_document_lists_every_name():
    from maggy import earlystop, optimizer

    text = (ROOT / "docs/algorithms.md").read_text()
    named = text.split("## Optimizers")[1].split("What they make")[0]
    assert set(re.findall(r"^\| `'(\w+)'`", named, re.MULTILINE)) == set(optimizer.BY_NAME)
    rules = text.split("## Stopping rules")[1].split("With the optimizers")[0]
    assert set(re.findall(r"^\| `'(\w+)'`", rules, re.MULTILINE)) == {*earlystop.BY_NAME, "none"}


def flat(x, reporter):
    """Never gets better, so it ends only by being stopped."""
    import itertools

    for _ in itertools.count():
        reporter.broadcast(x)
