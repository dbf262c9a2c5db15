"""Much goes wrong at once, in programs with a local session of their own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from maggy.core import events as ev
from tests.spark.programs import environment, requeues, running

pytestmark = pytest.mark.spark


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_all_workers_may_die_together(tmp_path):
    with running(tmp_path, environment("spark.master=local[4]")) as program:
        given = [["folder", str(tmp_path)], ["count", 4]]
        search = program.ask("kills_its_worker_with_others", given=given, num_trials=8)
        found = search.result()
        assert (found.get("num_trials"), found.get("failed")) == (8, 0), found
        assert len(requeues(search)) == 4
        assert program.finish() == 0
        assert "\tat " not in program.errors()  # Java's stack traces


def test_spark_may_die_in_the_middle_of_a_search(tmp_path):
    with running(tmp_path, environment("spark.master=local[2]")) as program:
        search = program.ask("deaf", num_trials=4, grace=0.2)
        search.await_events(ev.TrialStarted, 2)
        [java] = children(program.process.pid)
        os.kill(java, signal.SIGKILL)
        answer = search.result()
        assert answer["raised"] == "ExperimentFailed"
        assert answer["message"].startswith("Spark refused: ")
        assert "\n" not in answer["message"]
        assert program.finish() == 0
        assert "Exception in thread maggy" not in program.errors()
