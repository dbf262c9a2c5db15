"""A search that is taken up again: after its driver's death, after a stop, after its end."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from maggy import Searchspace
from maggy.core import events as ev
from maggy.core.state import State
from maggy.driver.journal import NAME, read_journal
from maggy.exceptions import ExperimentLocked
from maggy.optimizer import RandomSearch
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.handles import cut_off, finished, running, state
from tests.waiting import eventually


def test_what_is_done_stays_and_what_ran_runs_again(lagom):
    handle = lagom(functions.slow_square, num_trials=8)
    eventually(lambda: len(finished(read_journal(handle.path))) >= 2, 20)
    cut_off(handle)
    before = State(read_journal(handle.path))
    lost = [t.trial_id for t in before.trials.values() if t.status == Trial.RUNNING]
    result = lagom(functions.slow_square, num_trials=8, resume=handle.id).result(30)
    records = read_journal(handle.path)
    after = State(records)
    assert sorted(finished(records)) == sorted(after.trials)
    assert len(after.trials) == 8
    assert all(t.final_metric == t.params["x"] ** 2 for t in after.trials.values())
    assert all(after.trials[i].attempt == 2 for i in lost)
    assert all(after.trials[i].attempt == 1 for i in finished(records[: before.number]))
    assert (result["num_trials"], result["experiment_id"], result["status"]) == (8, handle.id, "finished")


def test_times_go_on_from_the_last_where_the_clock_is_behind_that(lagom, monkeypatch):
    handle = lagom(functions.square, num_trials=3)
    handle.result(20)
    monkeypatch.setattr("time.time", lambda: 1e9)
    again = lagom(functions.square, num_trials=6, resume=handle.id)
    duration = again.result(20)["duration"]
    times = [record.time for record in read_journal(handle.path)]
    assert times == sorted(times)
    assert 0 < duration < 60
    assert times[-1] <= again.clock() < times[-1] + 60


def test_a_clock_that_was_set_ahead_in_between_is_in_the_duration_of_the_search_and_of_no_trial(
    lagom, monkeypatch
):
    handle = lagom(functions.until_stopped, num_trials=3)
    running(handle)
    cut_off(handle)
    ahead = time.time() + 7200
    monkeypatch.setattr("time.time", lambda: ahead)
    again = lagom(functions.square, num_trials=3, resume=handle.id)
    assert 7200 < again.result(20)["duration"] < 7300
    assert all(0 < trial.duration < 60 for trial in state(again).trials.values())


def test_the_optimizer_learns_what_is_done_in_order(lagom):
    handle = lagom(functions.square, num_trials=3)
    handle.result(20)
    told = RandomSearch()
    again = lagom(functions.square, num_trials=4, resume=handle.path, optimizer=told)
    assert again.result(20)["num_trials"] == 4
    assert [t.trial_id for t in told.final_store[:3]] == finished(read_journal(handle.path))[:3]
    assert told.num_trials == 4


def test_a_grid_goes_on_where_it_was(lagom):
    space = Searchspace(x=("DISCRETE", [1, 2, 3, 4, 5, 6, 7, 8]))
    grid = {"searchspace": space, "optimizer": "gridsearch", "num_trials": 100}
    handle = lagom(functions.raises_if_odd, max_failures=9, **grid)
    eventually(lambda: state(handle).counts[Trial.ERROR] >= 1, 20)
    cut_off(handle)
    again = lagom(functions.raises_if_odd, max_failures=9, resume=handle.id, **grid)
    assert again.result(30)["num_trials"] == 8
    assert sorted(t.params["x"] for t in state(again).trials.values()) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_what_a_trial_saved_is_there_again(lagom):
    handle = lagom(functions.saves_and_waits, num_trials=1)
    eventually(lambda: handle.path.joinpath("trials", "0001.state").exists(), 20)
    cut_off(handle)
    assert lagom(functions.saves_and_waits, num_trials=1, resume=handle.id).result(30)["best_val"] == 1.0


def test_true_takes_the_latest_of_this_name_and_else_begins(lagom):
    first = lagom(functions.square, name="one", resume=True)
    first.result(20)
    other = lagom(functions.square, name="two", resume=True)
    other.result(20)
    assert other.id != first.id
    latest = lagom(functions.square, name="one")
    latest.result(20)
    assert lagom(functions.square, name="one", resume=True).id == latest.id


def test_one_that_is_finished_gives_its_result_and_starts_nothing(lagom, monkeypatch):
    handle = lagom(functions.square)
    result = handle.result(20)
    monkeypatch.setattr("maggy.driver.driver.Driver", None)
    again = lagom(functions.square, resume=handle.id)
    assert again.result() == result
    assert again.done
    assert again.closed is None
    assert state(again).number > 0
    with pytest.raises(ValueError, match="is over"):
        again.add_trials(1)


def test_one_that_was_stopped_goes_on(lagom):
    handle = lagom(functions.until_stopped, num_trials=5)
    running(handle)
    handle.stop()
    handle.result(20)
    again = lagom(functions.square, num_trials=5, resume=handle.id)
    assert again.result(20)["status"] == "finished"
    ran = [t for t in state(again).trials.values() if t.status in (Trial.FINALIZED, Trial.STOPPED)]
    assert len(ran) == 5


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"direction": "min"}, "its direction was 'max' and is 'min'"),
        ({"searchspace": Searchspace(x=("INTEGER", [0, 9]))}, "hyperparameter 'x' was "),
        ({"searchspace": Searchspace(x=("INTEGER", [0, 1000]), y=("INTEGER", [0, 1]))}, "'y' was None"),
    ],
)
def test_another_experiment_is_refused_with_what_differs(lagom, changed, words):
    handle = lagom(functions.square)
    handle.result(20)
    with pytest.raises(ValueError, match=f"experiment {handle.id} cannot be taken up again: .*{words}"):
        lagom(lambda x, y=0: x, resume=handle.id, **changed)


def test_what_there_is_not_is_refused(lagom, tmp_path):
    with pytest.raises(ValueError, match="there is no experiment 'nowhere' in "):
        lagom(functions.square, resume="nowhere")
    with pytest.raises(
        TypeError, match="resume must be True, False, an experiment's id or its folder, not 7"
    ):
        lagom(functions.square, resume=7)


def test_a_second_driver_is_refused(lagom):
    handle = lagom(functions.until_stopped)
    running(handle)
    with pytest.raises(ExperimentLocked, match=f"experiment {handle.id} is being run by process .* on "):
        lagom(functions.until_stopped, resume=handle.id)
    running(handle)
    handle.stop()
    handle.result(20)


def test_a_line_cut_short_is_dropped_and_not_glued_to_the_next(lagom):
    handle = lagom(functions.square)
    handle.result(20)
    journal = handle.path / NAME
    whole = journal.read_bytes()
    journal.write_bytes(whole[: whole.rindex(b'{"seq"') + 30])
    lagom(functions.square, resume=handle.id).result(20)
    assert journal.read_bytes().startswith(whole[: whole.rindex(b'{"seq"')] + b'{"seq"')
    State(read_journal(handle.path)).validate()


@pytest.mark.timeout(300)
def test_a_driver_that_is_killed_ten_times_loses_no_finished_trial_and_counts_none_twice(tmp_path):
    trials, rng = 60, random.Random(7)
    command = [sys.executable, "-m", "tests.driver.killed", str(tmp_path), str(trials)]
    kills = 0
    for _ in range(10):
        before = _done(tmp_path)
        wanted = before + rng.randint(1, 5)
        with subprocess.Popen(command) as driver:
            eventually(partial(_got_so_far, tmp_path, wanted, driver), 60)
            assert driver.poll() is None, "it came to its end before it was killed"
            driver.send_signal(signal.SIGKILL)
            kills += 1
        assert _done(tmp_path) >= wanted
    subprocess.run(command, check=True, timeout=120)
    [folder] = tmp_path.iterdir()
    records = read_journal(folder)
    state = State(records)
    assert kills == 10
    assert state.end.status == "finished"
    assert sorted(finished(records)) == sorted(state.trials)
    assert len(state.trials) == trials
    assert all(t.final_metric == t.params["x"] ** 2 for t in state.trials.values())
    assert sum(isinstance(r.event, ev.ExperimentResumed) for r in records) == 10


def _got_so_far(base, wanted, driver):
    return _done(base) >= wanted or driver.poll() is not None


def _done(base):
    return sum(len(finished(read_journal(folder))) for folder in base.iterdir() if (folder / NAME).exists())
