"""Workers that fall silent though their connection stands: they are paused, or hang."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing

import pytest

from maggy.core import events as ev
from maggy.driver.journal import read_journal
from maggy.rpc.client import Client
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.handles import state
from tests.driver.searches import OneByOne
from tests.waiting import eventually

LIMIT = 1.0


def exit_code(pid):
    """How a child of ours came to its end; None while it runs."""
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    return ended and ended.si_status


def seen(handle, kind):
    return [r.event for r in read_journal(handle.path) if isinstance(r.event, kind)]


def test_a_worker_that_is_paused_is_given_up_and_not_heard_when_it_goes_on(lagom):
    handle = lagom(functions.long_square, num_trials=8, worker_timeout=LIMIT)
    paused = eventually(lambda: seen(handle, ev.TrialStarted), 20)[0]
    pid = next(w.pid for w in seen(handle, ev.WorkerJoined) if w.worker == paused.worker)
    os.kill(pid, signal.SIGSTOP)
    since = time.monotonic()
    try:
        eventually(lambda: [e for e in seen(handle, ev.TrialStarted) if e.attempt == 2], 20)
        print(f"a worker that is paused: its trial ran again after {time.monotonic() - since:.1f} s")
    finally:
        os.kill(pid, signal.SIGCONT)
    eventually(lambda: exit_code(pid) == 0)
    assert not handle.done
    result = handle.result(60)
    assert (result["status"], result["num_trials"], result["failed"]) == ("finished", 8, 0)
    [requeued] = seen(handle, ev.TrialRequeued)
    assert (requeued.trial, requeued.reason) == (paused.trial, "it was silent for worker_timeout=1 seconds")
    trials = state(handle).trials.values()
    assert {t.attempt for t in trials if t.trial_id != paused.trial} == {1}
    assert all(t.status == Trial.FINALIZED and t.final_metric == t.params["x"] ** 2 for t in trials)
    assert all(len(t.step_history) == 100 for t in trials)
    ended = [e.trial for e in seen(handle, ev.TrialFinished)]
    assert sorted(ended) == sorted(state(handle).trials)


def test_a_worker_that_neither_reads_nor_says_anything_is_given_up(lagom):
    handle = lagom(functions.long_square, num_trials=4, worker_timeout=LIMIT)
    task = handle._driver._pool.task
    with closing(Client(task.host, task.port, task.secret)) as lazy:
        given = eventually(lambda: [e for e in seen(handle, ev.TrialStarted) if e.worker == lazy.worker], 20)
        since = time.monotonic()
        eventually(lambda: [e for e in seen(handle, ev.TrialStarted) if e.attempt == 2], 20)
        print(f"a worker that does not read: its trial ran again after {time.monotonic() - since:.1f} s")
        result = handle.result(60)
    assert (result["num_trials"], result["failed"]) == (4, 0)
    [requeued] = seen(handle, ev.TrialRequeued)
    assert [requeued.trial] == [e.trial for e in given]
    assert requeued.reason.startswith("it was silent for worker_timeout=1 ")


def test_workers_with_nothing_to_do_may_be_silent(lagom):
    handle = lagom(functions.long_square, num_trials=3, worker_timeout=LIMIT / 2, optimizer=OneByOne())
    assert handle.result(60)["failed"] == 0
    assert len(seen(handle, ev.WorkerJoined)) == 2
    assert seen(handle, ev.TrialRequeued) == []


@pytest.mark.parametrize(
    ("given", "words"), [(0.03, "at least four times hb_interval, 0.04, not 0.03"), ("1", "a number of")]
)
def test_a_limit_that_no_heartbeat_could_keep_is_refused(lagom, given, words):
    with pytest.raises((TypeError, ValueError), match=f"worker_timeout must be {words}"):
        lagom(functions.square, worker_timeout=given)
