"""The loop's own life: starting, crashing and closing, at any moment."""

from __future__ import annotations

import errno
import math
import socket
import threading

import pytest

from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.driver import loop
from maggy.driver.journal import read_journal
from tests.driver import functions
from tests.driver.searches import Fixed, Search, search
from tests.waiting import eventually


@pytest.fixture
def idle(tmp_path):
    """A search that is not started."""
    idle = Search(functions.square, tmp_path)
    yield idle
    idle.folder.close()


def threads_of_maggy():
    return [t.name for t in threading.enumerate() if t.name.startswith("maggy-")]


def test_while_the_journal_cannot_be_written_the_search_rests_and_then_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "RETRY", 0.05)
    gate = tmp_path / "gate"
    six = Fixed(*[{"path": str(gate)}] * 6)
    with search(functions.waits_for, tmp_path, six, num_trials=6, workers=2) as running:
        running.await_event(ev.TrialStarted)
        monkeypatch.setattr(running.folder, "append", refused := Refusing(running.folder.append))
        gate.touch()
        eventually(lambda: refused.times > 3)
        assert running.loop.trouble.startswith("No space left on device; no trials start until")
        told = len(running.records)
        eventually(lambda: refused.times > 6)
        assert len(running.records) == told
        refused.full = False
        assert running.loop.wait(20)
        assert running.loop.trouble is None
        running.await_event(ev.ExperimentEnded)
    assert read_journal(running.folder.path) == running.records
    assert len(running.seen(ev.TrialFinished)) == 6


class Refusing:
    """Appends to a journal whose disk is full, or not."""

    def __init__(self, append):
        self._append = append
        self.full = True
        self.times = 0

    def __call__(self, records):
        self.times += 1
        if self.full:
            self._kept = [*getattr(self, "_kept", ()), *records]
            raise OSError(errno.ENOSPC, "No space left on device")
        kept, self._kept = getattr(self, "_kept", ()), []
        self._append([*kept, *records])


def test_nothing_acts_on_what_is_not_in_the_journal(tmp_path, monkeypatch):
    with search(functions.until_stopped, tmp_path, num_trials=1) as running:
        trial = running.await_event(ev.TrialProgressed).trial
        sent = []
        monkeypatch.setattr(running.loop._server, "send", lambda *message: sent.append(message))
        monkeypatch.setattr(running.folder, "append", Refusing(running.folder.append))
        running.loop.put(inp.TrialStopRequested(trial, "stop"))
        eventually(lambda: running.loop.trouble)
        assert sent == []
        assert running.seen(ev.TrialStopDecided) == []


def test_an_input_that_nobody_knows_is_a_crash_and_not_a_hang(tmp_path):
    with search(functions.square, tmp_path) as running:
        running.loop.put("nonsense")
        assert running.loop.wait(10)
        assert isinstance(running.loop.crash, KeyError)


def test_after_a_crash_nothing_more_is_taken(tmp_path):
    with search(functions.until_stopped, tmp_path, num_trials=1) as running:
        running.await_event(ev.TrialProgressed)
        running.loop.put("nonsense")
        assert running.loop.wait(10)
        running.loop.put(inp.StopRequested("too late"))
    assert all(not isinstance(r.event, ev.ExperimentStopping) for r in read_journal(running.folder.path))


def test_close_twice_does_not_hang_and_leaves_no_thread(tmp_path):
    with search(functions.square, tmp_path) as running:
        running.finish()
        running.loop.close()
        running.loop.close()
    running.folder.close()
    running.algorithms.close(5)
    assert threads_of_maggy() == []


def test_close_before_the_start_does_not_hang(idle):
    idle.loop.close()
    idle.algorithms.close(5)
    assert not idle.loop.wait(0)


def test_close_in_the_middle_of_a_trial_sends_the_workers_home(tmp_path):
    with search(functions.until_stopped, tmp_path, num_trials=2) as running:
        eventually(lambda: len({e.trial for e in running.seen(ev.TrialProgressed)}) == 2)
        running.pool.want(0)
        running.loop.close()
        for process in running.pool.processes:
            assert process.wait(5) == 0


def test_what_happens_after_the_close_is_passed_over(idle):
    idle.start()
    idle.loop.close()
    idle.loop.put(inp.StopRequested("too late"))
    idle.algorithms.close(5)
    idle.pool.close()


def test_an_answer_that_meets_the_closing_of_the_loop_harms_nobody(idle, monkeypatch):
    idle.loop.close()
    # The moment between a look at the loop and its closing by another thread.
    monkeypatch.setattr(idle.loop._aio, "is_closed", lambda: False)
    idle.loop.put(inp.SuggestionsExhausted())


def test_a_port_that_is_taken_is_an_error_and_leaves_no_thread(idle):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        idle.loop.start("127.0.0.1", taken.getsockname()[1])
    assert "maggy-loop" not in threads_of_maggy()


def test_a_worker_that_connects_after_the_end_is_sent_home(tmp_path):
    with search(functions.square, tmp_path, Fixed()) as running:
        assert running.loop.wait(10)
        eventually(lambda: running.pool.processes)
        for process in running.pool.processes:
            assert process.wait(10) == 0


def test_times_never_go_back_and_numbers_have_no_gap(tmp_path):
    with search(functions.five_epochs, tmp_path, num_trials=20) as running:
        running.finish()
    times = [r.time for r in running.records]
    assert times == sorted(times)
    assert all(math.isfinite(t) for t in times)
    assert [r.number for r in running.records] == list(range(1, len(times) + 1))
