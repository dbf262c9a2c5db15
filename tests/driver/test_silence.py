"""Workers that fall silent though their connection stands: they are paused, or hang."""

from __future__ import annotations

import os
import signal

import pytest

from maggy.core import events as ev
from maggy.driver.journal import read_journal
from maggy.optimizer import AbstractOptimizer
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.test_handle import state
from tests.waiting import eventually

LIMIT = 1.0


class OneByOne(AbstractOptimizer):
    """Suggests a trial when the one before has ended; so one of two workers is always idle."""

    def initialize(self):
        self.suggested = 0

    def get_suggestion(self, trial=None):
        if self.suggested > len(self.final_store):
            return "IDLE"
        self.suggested += 1
        return Trial({"x": self.suggested})


def seen(handle, kind):
    return [r.event for r in read_journal(handle.path) if isinstance(r.event, kind)]


def test_a_worker_that_is_paused_is_given_up_and_not_heard_when_it_goes_on(lagom):
    handle = lagom(functions.long_square, num_trials=8, worker_timeout=LIMIT)
    paused = eventually(lambda: seen(handle, ev.TrialStarted), 20)[0]
    pid = next(w.pid for w in seen(handle, ev.WorkerJoined) if w.worker == paused.worker)
    os.kill(pid, signal.SIGSTOP)
    try:
        eventually(lambda: [e for e in seen(handle, ev.TrialStarted) if e.attempt == 2], 20)
    finally:
        os.kill(pid, signal.SIGCONT)
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
