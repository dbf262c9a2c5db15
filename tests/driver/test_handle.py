"""A search in the hands of its user: its end, its result, how it is given up."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
import time

import pytest

from maggy import experiment
from maggy import handle as handles
from maggy.driver import watch
from maggy.driver.folder import Folder
from maggy.exceptions import ExperimentFailed, MaggyError
from maggy.optimizer import AbstractOptimizer
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.handles import running
from tests.driver.searches import Fixed
from tests.waiting import eventually


def test_a_search_comes_to_its_end_though_nobody_asks_for_the_result(lagom):
    handle = lagom(functions.square)
    eventually(lambda: handle.done, 20)
    written = json.loads((handle.path / "result.json").read_text())
    assert handle.result() == {**written, "best_hp": written["best_hp"]}
    assert (written["num_trials"], written["path"]) == (4, str(handle.path))
    assert handle["best_val"] == written["best_val"]
    assert handle.closed is None


def test_a_handle_knows_its_search_from_the_start(lagom, monkeypatch):
    """Else what a notebook's next cell asks of it, such as a figure of two hyperparameters, fails."""
    monkeypatch.setattr(watch, "REFRESH", 0.5)
    handle = lagom(functions.until_stopped)
    with handle.looking() as state:
        assert state.settings.num_trials == 4


def test_a_handle_is_there_though_its_search_cannot_begin(lagom, monkeypatch):
    monkeypatch.setattr(experiment, "PATIENCE", 60.0)
    monkeypatch.setattr(Folder, "append", no_room)
    began = time.monotonic()
    handle = lagom(functions.square)
    assert time.monotonic() - began < 30
    assert "No space left on device" in handle.notice


def no_room(folder, records):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_what_is_done_to_a_result_does_not_change_the_next(lagom):
    handle = lagom(functions.square)
    handle.result(20).clear()
    assert handle["num_trials"] == 4


def test_a_result_that_takes_too_long_is_a_timeout_and_the_search_goes_on(lagom):
    handle = lagom(functions.until_stopped)
    with pytest.raises(TimeoutError, match=f"experiment {handle.id} is still running after 0.01 seconds"):
        handle.result(timeout=0.01)
    running(handle)
    handle.stop("enough")
    assert handle.result(20)["status"] == "stopped"


def test_interrupting_the_wait_leaves_the_search_running(lagom):
    handle = lagom(functions.until_stopped)

    def press_ctrl_c():
        running(handle)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press_ctrl_c).start()
    with pytest.raises(KeyboardInterrupt):
        handle.result(20)
    assert not handle.done
    before = handle.snapshot()[0]
    eventually(lambda: handle.snapshot()[0] > before)


def test_a_failed_search_raises_each_time(lagom):
    handle = lagom(functions.raises_if_odd, optimizer=Fixed({"x": 1}, {"x": 3}), max_failures=0)
    for _ in range(2):
        with pytest.raises(ExperimentFailed, match="is odd; see ") as failed:
            handle.result(20)
        assert failed.value.result["failed"] >= 1
        assert failed.value.result["path"] == str(handle.path)
    assert handle.closed is None


def test_a_driver_that_fails_is_told_each_time(lagom, monkeypatch):
    told = []
    handle = lagom(functions.until_stopped)
    handle.subscribe(told.append)
    running(handle)

    def broken(records):
        raise RuntimeError("a bug")

    monkeypatch.setattr(handle._driver.folder, "append", broken)
    for _ in range(2):
        with pytest.raises(MaggyError, match="the driver failed") as failed:
            handle.result(20)
        assert isinstance(failed.value.__cause__, RuntimeError)
    assert str(handle.closed).startswith("the driver failed (RuntimeError('a bug')")
    eventually(lambda: told[-1] == [])
    with pytest.raises(ValueError, match="is over"):
        handle.stop()


def test_a_disk_that_is_full_is_told_and_the_search_goes_on_when_there_is_room(lagom, monkeypatch, caplog):
    handle = lagom(functions.until_stopped)
    running(handle)
    append = handle._driver.folder.append

    def disk_full(records):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("maggy.driver.loop.RETRY", 0.05)
        patch.setattr(handle._driver.folder, "append", disk_full)
        eventually(lambda: "the search rests: No space left on device" in caplog.text)
        patch.setattr(handle._driver.folder, "append", append)
        eventually(lambda: "the search goes on" in caplog.text)
    handle.stop()
    assert handle.result(20)["status"] == "stopped"


def test_a_result_that_cannot_be_written_is_told(lagom, monkeypatch):
    handle = lagom(functions.until_stopped)
    running(handle)

    def disk_full(found):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(handle._driver.folder, "write_result", disk_full)
    handle.stop()
    with pytest.raises(OSError, match="No space left"):
        handle.result(20)


def test_a_search_that_is_given_up_is_gone_at_once(lagom):
    handle = lagom(functions.deaf)
    running(handle)
    handle.give_up()
    assert handle.done
    assert str(handle.closed).startswith("the search was cut off; see ")
    with pytest.raises(MaggyError, match="the search was cut off"):
        handle.result()
    # Nobody waited for the optimizer's thread.
    eventually(lambda: not [t for t in threading.enumerate() if t.name.startswith("maggy-")])


class NeverDone(AbstractOptimizer):
    """One trial; hangs in the end."""

    def get_suggestion(self, trial=None):
        return Trial({"x": 1})

    def finalize_experiment(self, trials):
        NeverDone.reached.set()
        NeverDone.left.wait(20)


def test_an_optimizer_that_hangs_in_the_end_is_not_waited_for_by_who_gives_up(lagom):
    NeverDone.reached, NeverDone.left = threading.Event(), threading.Event()
    handle = lagom(functions.square, optimizer=NeverDone(), num_trials=1)
    assert NeverDone.reached.wait(20)
    began = time.monotonic()
    handle.give_up()
    assert time.monotonic() - began < 2
    assert handle.result(0.0)["num_trials"] == 1
    NeverDone.left.set()


def test_a_handle_says_in_a_line_how_it_stands(lagom):
    handle = lagom(functions.square, optimizer=Fixed({"x": 7}), num_trials=1)
    handle.result(20)
    assert repr(handle) == f"<maggy.Handle {handle.id}: finished, 1 of 1 trials done, best 49>"
    other = lagom(functions.until_stopped, num_trials=3)
    running(other)
    assert repr(other) == f"<maggy.Handle {other.id}: running, 0 of 3 trials done>"


def test_running_experiments_are_listed_and_the_old_ones_forgotten(lagom):
    first = lagom(functions.until_stopped)
    short = [lagom(functions.square, num_trials=1) for _ in range(2)]
    assert handles.experiments()[-3:] == [first, *short]
    for handle in short:
        handle.result(20)
    known = handles._known
    known += short * handles.REMEMBERED
    last = lagom(functions.square, num_trials=1)
    assert len([h for h in known if h.done and h is not last]) == handles.REMEMBERED - 1
    assert first in handles.experiments()
    del known[-handles.REMEMBERED :]


def test_in_the_background_lagom_hands_its_handles_over(lagom, capsys):
    with handles.background() as made:
        first = lagom(functions.square, wait=True, display=True)
        second = lagom(functions.square)
    assert made == [first, second]
    for handle in made:
        handle.result(20)
    assert capsys.readouterr().out == ""
    assert isinstance(lagom(functions.square, wait=True, display=False), dict)
