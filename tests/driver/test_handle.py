"""A search in the hands of its user, and of those who watch it."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import signal
import threading
import time

import pytest

from maggy import handle as handles
from maggy.bridge import contract
from maggy.core import events as ev
from maggy.core.state import State
from maggy.earlystop import AbstractEarlyStop
from maggy.exceptions import ExperimentFailed, MaggyError
from maggy.optimizer import AbstractOptimizer
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.searches import Fixed
from tests.waiting import eventually


def state(handle) -> State:
    return State(handle.snapshot()[1])


def statuses(handle) -> list[str]:
    return [t.status for t in state(handle).trials.values()]


def running(handle, count: int = 2) -> None:
    """Waits until so many trials run and have told of it."""
    eventually(lambda: sum(bool(t.metric_history) for t in state(handle).trials.values()) >= count, 20)


def test_a_search_comes_to_its_end_though_nobody_asks_for_the_result(lagom):
    handle = lagom(functions.square)
    eventually(lambda: handle.done, 20)
    written = json.loads((handle.path / "result.json").read_text())
    assert handle.result() == {**written, "best_hp": written["best_hp"]}
    assert (written["num_trials"], written["path"]) == (4, str(handle.path))
    assert handle["best_val"] == written["best_val"]
    assert handle.closed is None


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
    assert not [t.name for t in threading.enumerate() if t.name.startswith("maggy-")]


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


# What a person may do.


def test_trials_are_stopped_by_number_and_by_id(lagom):
    handle = lagom(functions.until_stopped, num_trials=2)
    running(handle)
    first, second = state(handle).trials
    handle.stop_trial(1, "no hope")
    handle.stop_trial(second)
    found = handle.result(20)
    assert (found["status"], found["num_trials"], found["early_stopped"]) == ("finished", 2, 0)
    told = [(t.stop_by, t.stop_reason, t.final_metric) for t in state(handle).trials.values()]
    assert told == [("person", "no hope", 0.5), ("person", "stopped by hand", 0.5)]
    assert list(state(handle).trials) == [first, second]


def test_trials_are_added_and_enqueued(lagom):
    handle = lagom(functions.until_stopped, num_trials=2)
    running(handle)
    handle.add_trials(1)
    name = handle.enqueue({"x": 8.0})
    eventually(lambda: state(handle).num_trials == 4)
    handle.stop_trial(1)
    eventually(lambda: name in [w.trial for w in state(handle).workers.values()], 20)
    mine = state(handle).trials[name]
    assert (mine.params, type(mine.params["x"]), mine.created_by) == ({"x": 8}, int, "person")
    for number in (2, 3, 4):
        eventually(lambda n=number: statuses(handle)[n - 1 : n] == [Trial.RUNNING], 20)
        handle.stop_trial(number)
    assert handle.result(20)["num_trials"] == 4


def test_requests_of_a_view_are_followed(lagom):
    handle = lagom(functions.until_stopped, num_trials=2)
    running(handle)
    handle.request(contract.AddTrials(3))
    handle.request(contract.EnqueueTrial({"x": 3}))
    handle.request(contract.StopTrial(next(iter(state(handle).trials)), "no hope"))
    eventually(lambda: state(handle).num_trials == 6)
    handle.request(contract.StopExperiment("enough"))
    handle.result(20)
    assert state(handle).stopping == ev.ExperimentStopping("enough", False)
    assert state(handle).stops["person"] == 1


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (lambda h: h.stop_trial("nobody"), "has no trial 'nobody'"),
        (lambda h: h.stop_trial(99), "has no trial 99"),
        (lambda h: h.stop_trial(0), "has no trial 0"),
        (lambda h: h.stop_trial(None), "has no trial None"),
        (lambda h: h.stop_trial(1), "trial 1 is over already (stopped)"),
        (lambda h: h.add_trials(0), "1 to 100,000 trials can be added at once, not 0"),
        (lambda h: h.add_trials(100_001), "not 100001"),
        (lambda h: h.add_trials("10"), "not '10'"),
        (lambda h: h.add_trials(True), "not True"),
        (lambda h: h.enqueue({"x": 1001}), "x must be a whole number from 0 to 1000, not 1001"),
        (lambda h: h.enqueue({"y": 1}), "there is no hyperparameter 'y'; the search space has x"),
        (lambda h: h.enqueue(None), "params must be a dict"),
        (lambda h: h.request(contract.Sync()), "Sync is answered by the view's own kernel"),
        (lambda h: h.log_tail("nobody"), "has no trial 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(refused, why, refusing):
    with pytest.raises(ValueError, match=r"\w") as error:
        refused(refusing)
    assert why in str(error.value)
    assert "\n" not in str(error.value)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory):
    """A search with a trial that is over and another that runs."""
    from tests.driver.local import Lagom, LocalDriver

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("maggy.driver.driver.Driver", LocalDriver)
        handle = Lagom(tmp_path_factory.mktemp("refusing"))(functions.until_stopped, num_trials=9)
    running(handle)
    handle.stop_trial(1)
    eventually(lambda: statuses(handle)[0] == "STOPPED", 20)
    yield handle
    handle.give_up()


@pytest.mark.parametrize("over", [False, True], ids=["being stopped", "over"])
def test_nothing_is_taken_on_after_the_stop(over, lagom):
    handle = lagom(functions.until_stopped if over else functions.deaf)
    running(handle)
    handle.stop()
    eventually(lambda: handle.done if over else state(handle).phase == "STOPPING", 20)
    word = "over" if over else "being stopped"
    for refused in (
        lambda: handle.add_trials(1),
        lambda: handle.enqueue({"x": 1}),
        lambda: handle.stop_trial(2),
    ):
        with pytest.raises(ValueError, match=f"experiment {handle.id} is {word}"):
            refused()
    with pytest.raises(ValueError, match="is over already") if over else contextlib.nullcontext():
        handle.stop()


class Raises(AbstractOptimizer):
    lookahead = 2

    def get_suggestion(self, trial=None):
        if self.trial_store:
            raise ValueError("no idea")
        return Trial({"x": 1})


def test_an_optimizer_that_failed_is_not_asked_for_more(lagom):
    handle = lagom(functions.until_stopped, optimizer=Raises())
    eventually(lambda: state(handle).dry, 20)
    with pytest.raises(ValueError, match="the optimizer failed and gives no more trials: Raises"):
        handle.add_trials(1)


# Those who watch.


def test_a_listener_gets_every_record_once_in_order_and_a_last_word(lagom):
    told = []
    handle = lagom(functions.five_epochs)
    last, _ = handle.snapshot()
    handle.subscribe(told.append)
    again, _ = handle.snapshot()
    handle.result(20)
    eventually(lambda: told and told[-1] == [])
    assert [] not in told[:-1]
    records = [r for batch in told for r in batch]
    numbers = [r.number for r in records]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert last < numbers[0] <= again + 1
    assert isinstance(records[-1].event, ev.ExperimentEnded)


def test_a_snapshot_and_what_follows_lead_to_the_end(lagom):
    told = []
    handle = lagom(functions.five_epochs, num_trials=20)
    handle.subscribe(told.append)
    eventually(lambda: state(handle).counts["FINALIZED"] > 3, 20)
    last, records = handle.snapshot()
    followed = State(records)
    followed.number = last
    handle.result(20)
    eventually(lambda: told[-1] == [])
    for batch in told:
        assert not any(r.number <= last for r in batch) or all(r.number <= last for r in batch)
        for record in batch:
            if record.number > last:
                followed.apply(record)
    assert followed.end == state(handle).end
    assert [t.final_metric for t in followed.trials.values()] == [
        t.final_metric for t in state(handle).trials.values()
    ]


def test_who_watches_and_fails_is_told_no_more(lagom, caplog):
    calls, others = [], []

    def fails(records):
        calls.append(records)
        raise RuntimeError("no screen")

    with caplog.at_level(logging.WARNING, "maggy.driver"):
        handle = lagom(functions.until_stopped)
        handle.subscribe(fails)
        stop = handle.subscribe(others.append)
        running(handle)
        count = len(others)
        eventually(lambda: len(others) > count + 2)
        stop()
        stop()
        handle.stop()
        assert handle.result(20)["status"] == "stopped"
    assert len(calls) == 1
    assert not any(isinstance(r.event, ev.ExperimentEnded) for batch in others for r in batch)
    assert caplog.messages == [
        "who watched the search failed, and is told no more: RuntimeError('no screen')"
    ]


def test_the_end_of_a_trials_log_can_be_read(lagom):
    handle = lagom(functions.five_epochs, optimizer=Fixed({"x": 7}), num_trials=1)
    handle.result(20)
    (trial,) = state(handle).trials
    assert handle.log_tail(trial) == ("trained with 7\n", 0)
    log = handle.path / "trials" / "0001.log"
    log.write_text("ä" * 40_000)
    assert handle.log_tail(trial) == ("ä" * 32_768, 80_000 - 65_536)
    log.write_text("x" + "ä" * 40_000)
    assert handle.log_tail(trial)[0] == "ä" * 32_768
    log.write_bytes(b"\xff\xfe")
    assert handle.log_tail(trial) == ("\ufffd\ufffd", 0)
    log.unlink()
    assert handle.log_tail(trial) == ("", 0)
    log.mkdir()
    with pytest.raises(MaggyError, match="the log of trial 1 cannot be read"):
        handle.log_tail(trial)


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


def test_a_search_in_the_background_shows_lines_where_it_is_told_to(lagom, capsys):
    lagom(functions.square, display=True).result(20)
    assert "4 (4 finished)" in capsys.readouterr().out


class StopsAll(AbstractEarlyStop):
    @staticmethod
    def earlystop_check(to_check, finalized_trials, direction):
        return list(to_check)


def test_a_rule_and_a_person_are_told_apart_in_the_result(lagom):
    handle = lagom(functions.until_stopped, es_policy=StopsAll(), es_interval=0, es_min=0)
    assert handle.result(20)["early_stopped"] == 4


def test_what_shows_a_search_goes_by_the_clock_of_its_events(lagom, monkeypatch, capsys):
    handle = lagom(functions.until_stopped, display=True)
    running(handle)
    monkeypatch.setattr("time.time", lambda: 1e10)
    with handle.looking() as state:
        assert 0 <= handle.clock() - state.started < 60
    told = []
    handle.subscribe(told.append)
    eventually(lambda: len(told) > 3)
    handle.stop()
    handle.result(20)
    # After a quiet time there would be a line on the progress.
    assert " of 4 done" not in capsys.readouterr().out.partition("stopping")[0]
