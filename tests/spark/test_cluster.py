"""Searches on a standalone cluster whose Python has no Maggy: a real master, two workers, no mercy."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from maggy.core import events as ev
from tests.spark.cluster import Cluster
from tests.spark.programs import environment, parent, requeues, running

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        started.start_worker("one")
        started.start_worker("two")
        yield started
    finally:
        started.close()


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """A virtual environment with nothing in it."""
    folder = tmp_path_factory.mktemp("python") / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    missing = subprocess.run(
        [folder / "bin" / "python", "-c", "import maggy"], cwd=folder, capture_output=True
    )
    assert b"ModuleNotFoundError" in missing.stderr
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def program(cluster, bare_python, tmp_path_factory):
    """A driver program on the cluster, for all tests here."""
    settings = [f"spark.master={cluster.url}", "spark.driver.host=127.0.0.1"]
    env = environment(*settings, PYSPARK_PYTHON=str(bare_python))
    with running(tmp_path_factory.mktemp("program"), env) as program:
        yield program
        assert program.finish() == 0


def test_maggy_ships_itself_to_executors_that_lack_it(program, bare_python):
    search = program.ask("where_it_runs", num_trials=4)
    found = search.result()
    assert (found.get("num_trials"), found.get("failed")) == (4, 0), found
    assert len(search.logs()) == 4
    for log in search.logs():
        where = json.loads(log)
        assert where["python"] == str(bare_python.parents[1])
        assert "/maggy-" in where["maggy"]
        assert ".zip/maggy/__init__.py" in where["maggy"]
        assert not (Path(where["cwd"]) / "maggy").exists()


@pytest.mark.parametrize(("num_trials", "workers"), [(1, 1), (6, 2)])
def test_there_is_a_worker_for_each_slot_but_no_more_than_trials(program, tmp_path, num_trials, workers):
    given = [["folder", str(tmp_path)], ["count", workers]]
    search = program.ask("meets", given=given, num_trials=num_trials)
    assert search.result()["num_trials"] == num_trials
    assert len(search.seen(ev.WorkerJoined)) == workers


def test_a_trial_whose_python_worker_dies_runs_again(program, tmp_path):
    search = program.ask("kills_its_worker_once", given=[["folder", str(tmp_path)]], num_trials=6)
    found = search.result()
    assert (found["num_trials"], found["failed"]) == (6, 0)
    [reason] = requeues(search)
    assert re.match(r"its (process|connection)", reason)


def test_a_python_worker_killed_from_outside_is_replaced(program, tmp_path):
    search = program.ask("waits_for", given=[["path", str(tmp_path / "go")]], num_trials=4)
    workers = search.await_events(ev.WorkerJoined, 2)
    search.await_events(ev.TrialStarted, 2)
    os.kill(workers[0].pid, 9)
    search.await_events(ev.TrialRequeued)
    assert len(search.await_events(ev.WorkerJoined, 3)) == 3
    (tmp_path / "go").touch()
    found = search.result()
    assert (found["num_trials"], found["failed"]) == (4, 0)
    assert len(requeues(search)) == 1


def test_trials_that_kill_every_worker_fail_and_the_cluster_serves_the_next_search(program):
    search = program.ask("kills_its_worker_if_one", values=[1], num_trials=3)
    answer = search.result()
    assert answer["raised"] == "ExperimentFailed"
    assert re.search(
        r"its worker was lost 3 times, the last time: its (process|connection)", answer["message"]
    )
    assert len(search.seen(ev.TrialStarted)) == 9
    assert program.run("square", num_trials=4)["failed"] == 0


def test_a_killed_executor_is_replaced(program, tmp_path):
    search = program.ask("waits_for", given=[["path", str(tmp_path / "go")]], num_trials=4)
    workers = search.await_events(ev.WorkerJoined, 2)
    search.await_events(ev.TrialStarted, 2)
    executor = parent(parent(workers[0].pid))  # pyspark.daemon is between them
    assert b"CoarseGrainedExecutorBackend" in Path(f"/proc/{executor}/cmdline").read_bytes()
    os.kill(executor, 9)
    search.await_events(ev.TrialRequeued)
    search.await_events(ev.WorkerJoined, 3)
    (tmp_path / "go").touch()
    found = search.result()
    assert (found["num_trials"], found["failed"]) == (4, 0)


def test_a_spark_worker_that_joins_later_gets_trials(program, cluster, tmp_path):
    search = program.ask("meets", given=[["folder", str(tmp_path)], ["count", 3]], num_trials=5)
    search.await_events(ev.TrialStarted, 2)
    cluster.start_worker("three")
    try:
        found = search.result()  # the trials wait until three run at once
        assert (found.get("num_trials"), found.get("failed")) == (5, 0), found
        assert len(search.seen(ev.WorkerJoined)) == 3
    finally:
        cluster.stop_worker("three")
