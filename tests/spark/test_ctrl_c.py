"""Ctrl-C: once stops kindly, twice raises. In programs of their own, with a session that `lagom` starts."""

from __future__ import annotations

import os
import signal

import pytest

from maggy.core import events as ev
from tests.spark.programs import environment, running
from tests.waiting import eventually

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    env = environment("spark.master=local[2]")
    with running(tmp_path_factory.mktemp("ctrl-c"), env) as program:
        yield program
        assert program.finish() == 0


def press_ctrl_c(program):
    """As a terminal does it: Spark's Java and the workers are told too."""
    os.killpg(program.process.pid, signal.SIGINT)


def test_ctrl_c_stops_the_running_trials_and_returns_what_there_is(program):
    search = program.ask("broadcasts_for_ever", num_trials=50)
    search.await_events(ev.TrialProgressed, 4)
    press_ctrl_c(program)
    found = search.result(20)
    assert (found["status"], found["num_trials"], found["failed"]) == ("stopped", 2, 0)
    assert found["metric_list"] == [0.5, 0.5]
    assert search.seen(ev.ExperimentEnded) == [ev.ExperimentEnded("stopped", "interrupted by Ctrl-C")]
    assert not search.seen(ev.TrialRequeued)  # the workers were not cut off


def test_a_signal_to_the_program_alone_does_the_same(program):
    search = program.ask("broadcasts_for_ever", num_trials=50)
    search.await_events(ev.TrialProgressed, 1)
    program.process.send_signal(signal.SIGINT)
    found = search.result(20)
    assert (found["status"], found["failed"]) == ("stopped", 0)


def test_a_function_that_never_broadcasts_is_given_up_after_the_grace(program):
    search = program.ask("deaf", num_trials=50, grace=0.2)
    search.await_events(ev.TrialStarted, 2)
    press_ctrl_c(program)
    found = search.result(20)
    assert (found["status"], found["num_trials"], found["metric_list"]) == ("stopped", 2, [])
    assert program.run("square", num_trials=2, values=[3])["metric_list"] == [9, 9]


def test_ctrl_c_twice_raises_and_the_program_ends(tmp_path):
    with running(tmp_path, environment("spark.master=local[2]")) as program:
        search = program.ask("deaf", num_trials=50)
        search.await_events(ev.TrialStarted, 2)
        press_ctrl_c(program)
        search.await_events(ev.ExperimentStopping)
        press_ctrl_c(program)
        program.process.wait(8)  # less than the grace
        assert program.process.returncode != 0
        assert program.errors().splitlines()[-1].startswith("KeyboardInterrupt")
        workers = [e.pid for e in search.seen(ev.WorkerJoined)]
        eventually(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers), 10)
