"""Handles on a real Spark: searches in the background, and programs that end before their searches do."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from maggy.core import events as ev
from maggy.core.state import State
from maggy.driver.journal import read_journal
from tests.spark import functions
from tests.spark.programs import environment
from tests.spark.test_search import SPACE
from tests.waiting import eventually

pytestmark = pytest.mark.spark


def test_a_stopped_trial_gives_its_worker_to_the_next(lagom):
    handle = lagom(functions.tells_until_stopped, SPACE, num_trials=3, hb_interval=0.02, wait=False)
    for number in (1, 2, 3):
        eventually(lambda n=number: told(handle, n), 60)
        handle.stop_trial(number, "no hope")
    found = handle.result(60)
    assert (found["num_trials"], found["early_stopped"], found["failed"]) == (3, 0, 0)
    assert [t.stop_reason for t in State(handle.snapshot()[1]).trials.values()] == ["no hope"] * 3


def told(handle, number):
    trials = list(State(handle.snapshot()[1]).trials.values())
    return len(trials) >= number and trials[number - 1].metric_history


PROGRAM = """
import sys, threading
from maggy import Searchspace, experiment
from maggy.core.events import TrialStarted

def slow(x, reporter):
    while True:
        if {broadcasts}:
            reporter.broadcast(0.5)
        threading.Event().wait(0.01)

handle = experiment.lagom(
    slow, Searchspace(x=("DOUBLE", [0.0, 1.0])), num_trials=9, wait=False, directory={folder!r}
)
while sum(isinstance(r.event, TrialStarted) for r in handle.snapshot()[1]) < 2:
    threading.Event().wait(0.01)
print(handle.path)
"""


@pytest.mark.parametrize("broadcasts", [True, False], ids=["heeds the stop", "deaf"])
def test_a_program_that_ends_first_stops_its_search_without_a_word(broadcasts, tmp_path):
    program = PROGRAM.format(broadcasts=broadcasts, folder=str(tmp_path))
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, timeout=90, cwd=tmp_path, env=environment("spark.master=local[2]"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    (folder,) = tmp_path.glob("no-name-*")
    assert done.stdout.strip() == str(folder)
    events = [r.event for r in read_journal(folder)]
    stopping = [e for e in events if isinstance(e, ev.ExperimentStopping)]
    assert stopping == [ev.ExperimentStopping("the program ended", False)]
    assert (folder / "result.json").exists() == broadcasts
    assert time.monotonic() - began < 60
