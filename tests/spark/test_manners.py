"""What a search leaves behind in the user's session and process: nothing."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from maggy.driver.journal import read_journal
from maggy.exceptions import ExperimentFailed
from tests.spark import functions
from tests.spark.test_search import SPACE
from tests.waiting import eventually

pytestmark = pytest.mark.spark


@pytest.fixture
def context(spark):
    return spark.sparkContext


@pytest.fixture
def thread():
    """Runs things beside the test."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


def searching(folder: Path) -> bool:
    """Whether a search has its folder there, and a trial that runs."""
    return any('"TrialStarted"' in path.read_text() for path in folder.glob("*/events.jsonl"))


def listeners() -> set[str]:
    """The ports on which this process listens."""
    ours = {os.readlink(fd) for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()}
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in ours}


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("maggy")}


def properties(context) -> dict[str, str]:
    return dict(context._jsc.sc().getLocalProperties())


def active_jobs(context) -> list[int]:
    return list(context.statusTracker().getActiveJobsIds())


def test_nothing_is_left_behind(lagom, context, tmp_path):
    context.setJobGroup("mine", "my job")
    context.setLocalProperty("spark.scheduler.pool", "my pool")
    before = (listeners(), threading.enumerate(), properties(context), list(sys.path), context.pythonExec)
    lagom(functions.square, SPACE, num_trials=4)
    with pytest.raises(ExperimentFailed):
        lagom(functions.always_raises, SPACE, num_trials=2)
    after = (listeners(), threading.enumerate(), properties(context), list(sys.path), context.pythonExec)
    assert after == before
    assert properties(context)["spark.jobGroup.id"] == "mine"
    assert active_jobs(context) == []
    context.setLocalProperty("spark.scheduler.pool", None)
    context.setLocalProperty("spark.jobGroup.id", None)


def noise(context):
    """Whether Spark draws its progress bar, and at which levels it logs lost workers."""
    java = context._jvm.java.lang.Thread.getAllStackTraces().keySet()
    bar = any(t.getName() == "refresh progress" for t in java)
    loggers = context._jvm.org.apache.logging.log4j.LogManager.getContext(False).getConfiguration()
    names = ("executor.Executor", "scheduler.TaskSetManager")
    return bar, [str(loggers.getLoggerConfig(f"org.apache.spark.{name}").getLevel()) for name in names]


def test_sparks_progress_bar_and_stack_traces_pause_while_a_search_runs(lagom, context, thread, tmp_path):
    before = noise(context)
    assert before[0]
    assert before[1] != ["OFF", "OFF"]
    running = thread.submit(lagom, partial(functions.waits_for, path=tmp_path / "go"), SPACE)
    eventually(lambda: searching(tmp_path), 30)
    eventually(lambda: noise(context) == (False, ["OFF", "OFF"]))
    (tmp_path / "go").touch()
    running.result(30)
    assert noise(context) == before


def test_the_session_serves_its_user_afterwards(lagom, spark):
    lagom(functions.square, SPACE, num_trials=2)
    assert spark.range(10).count() == 10


def test_the_checks_of_this_file_see_a_search_that_runs(lagom, context, thread, tmp_path):
    before = listeners()
    running = thread.submit(lagom, partial(functions.waits_for, path=tmp_path / "go"), SPACE)
    eventually(lambda: searching(tmp_path), 30)
    seen = (len(listeners() - before), threads(), len(active_jobs(context)))
    (tmp_path / "go").touch()
    running.result(30)
    names = {"maggy-loop", "maggy-spark", "maggy-algorithms", "maggy-logs", "maggy-journal", "maggy-watch"}
    assert seen == (1, names, 1)


def test_searches_run_side_by_side_and_the_last_one_tidies_up(lagom, context, thread, tmp_path):
    before = (gc.get_freeze_count(), noise(context), listeners())
    first = thread.submit(lagom, partial(functions.waits_for, path=tmp_path / "go"), SPACE)
    eventually(lambda: searching(tmp_path), 30)
    assert lagom(functions.square, SPACE, num_trials=3)["status"] == "finished"
    assert gc.get_freeze_count() > 0
    assert noise(context) == (False, ["OFF", "OFF"])
    (tmp_path / "go").touch()
    assert first.result(30)["status"] == "finished"
    assert (gc.get_freeze_count(), noise(context), listeners()) == before


def test_a_search_waits_for_the_slots_of_another(lagom, tmp_path):
    first = lagom(partial(functions.waits_for, path=tmp_path / "go"), SPACE, num_trials=4, wait=False)
    eventually(lambda: len(first.snapshot()[1]) > 4, 30)  # both slots are taken
    second = lagom(functions.square, SPACE, num_trials=2, wait=False)
    with pytest.raises(TimeoutError, match="is still running after"):
        second.result(timeout=0.1)
    (tmp_path / "go").touch()
    assert (first.result(60)["num_trials"], second.result(60)["num_trials"]) == (4, 2)


def test_the_users_own_job_runs_beside_a_search(lagom, spark, thread, tmp_path):
    context = spark.sparkContext
    running = thread.submit(lagom, partial(functions.waits_for, path=tmp_path / "go"), SPACE)
    eventually(lambda: searching(tmp_path), 30)
    try:
        context.setJobGroup("mine", "my job")
        context.setLocalProperty("spark.scheduler.pool", "my pool")
        assert spark.range(1000).count() == 1000  # one slot is free
        assert context.statusTracker().getJobIdsForGroup("mine")
        assert context.getLocalProperty("spark.scheduler.pool") == "my pool"
        context.cancelJobGroup("mine")  # does not touch the search
    finally:
        (tmp_path / "go").touch()
        context.setLocalProperty("spark.scheduler.pool", None)
        context.setLocalProperty("spark.jobGroup.id", None)
    found = running.result(30)
    assert (found["status"], found["failed"]) == ("finished", 0)


def test_all_jobs_cancelled_by_the_user_are_submitted_again(lagom, context, thread, tmp_path):
    running = thread.submit(lagom, partial(functions.waits_for, path=tmp_path / "go"), SPACE, num_trials=2)
    eventually(lambda: len(active_jobs(context)) == 2 and searching(tmp_path), 30)
    context.cancelAllJobs()
    eventually(lambda: not active_jobs(context), 30)
    (tmp_path / "go").touch()
    found = running.result(60)
    assert (found["num_trials"], found["failed"]) == (2, 0)


def test_ctrl_c_twice_leaves_nothing_behind(lagom, context, thread, tmp_path):
    def press_twice():
        eventually(lambda: searching(tmp_path), 30)
        os.kill(os.getpid(), signal.SIGINT)
        [journal] = tmp_path.glob("*/events.jsonl")
        eventually(lambda: '"ExperimentStopping"' in journal.read_text())
        os.kill(os.getpid(), signal.SIGINT)

    before = (listeners(), signal.getsignal(signal.SIGINT))
    pressed = thread.submit(press_twice)
    with pytest.raises(KeyboardInterrupt):
        lagom(partial(functions.waits_for, path=tmp_path / "go"), SPACE)
    pressed.result(10)
    eventually(lambda: threads() == set(), 10)  # the optimizer's thread is not waited for
    assert (listeners(), signal.getsignal(signal.SIGINT)) == before
    eventually(lambda: not active_jobs(context))
    assert lagom(functions.square, SPACE)["status"] == "finished"


def test_a_port_that_is_taken_is_an_error_that_leaves_nothing_behind(lagom, context, tmp_path, monkeypatch):
    before = threads()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        conf = context.getConf().set("spark.maggy.driver.port", port)
        monkeypatch.setattr(context, "getConf", lambda: conf)
        with pytest.raises(OSError, match="in use"):
            lagom(functions.square, SPACE)
    assert threads() == before
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_the_search_is_set_up_leaves_nothing_behind(lagom, context, monkeypatch):
    before = (listeners(), threading.enumerate())

    def no_disk(path):
        raise OSError("no space left")

    monkeypatch.setattr(context, "addPyFile", no_disk)
    monkeypatch.setattr(context, "_python_includes", [])
    with pytest.raises(OSError, match="no space left"):
        lagom(functions.square, SPACE)
    assert (listeners(), threading.enumerate()) == before


def test_the_journal_can_be_read_while_the_search_runs(lagom, thread, tmp_path):
    running = thread.submit(lagom, partial(functions.waits_for, path=tmp_path / "go"), SPACE)
    eventually(lambda: searching(tmp_path), 30)
    [folder] = [path.parent for path in tmp_path.glob("*/events.jsonl")]
    records = read_journal(folder)
    (tmp_path / "go").touch()
    running.result(30)
    assert read_journal(folder)[: len(records)] == records
