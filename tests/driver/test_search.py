"""A whole search without Spark, from the launch to the result."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.summary import result
from maggy.driver.journal import read_journal
from maggy.earlystop import MedianRule
from maggy.optimizer import ASHA
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.searches import Fixed, kill, search, statuses
from tests.waiting import eventually


def test_a_random_search_runs_all_its_trials(tmp_path):
    with search(functions.square, tmp_path, num_trials=50) as running:
        state = running.finish()
    found = result(state)
    assert statuses(state) == [Trial.FINALIZED] * 50
    assert found["metric_list"] == [t.params["x"] ** 2 for t in state.trials.values()]
    assert found["best_val"] == max(found["metric_list"]) == found["best_hp"]["x"] ** 2
    assert len({t.worker for t in state.trials.values()}) <= 2


def test_no_more_workers_are_started_than_there_are_trials(tmp_path):
    with search(functions.square, tmp_path, num_trials=2, workers=10) as running:
        running.finish()
        assert len(running.pool.processes) <= 2


def test_workers_end_by_themselves_when_there_is_no_more_to_do(tmp_path):
    with search(functions.square, tmp_path, num_trials=20) as running:
        running.finish()
        for process in running.pool.processes:
            assert process.wait(5) == 0


def test_every_metric_is_in_the_records(tmp_path):
    with search(functions.five_epochs, tmp_path, num_trials=20) as running:
        state = running.finish()
    for trial in state.trials.values():
        x = trial.params["x"]
        assert trial.step_history == [0, 1, 2, 3, 4]
        assert trial.metric_history == [x * 1.0, x * 2.0, x * 3.0, x * 4.0, x * 5.0]


def test_the_journal_holds_what_watchers_were_told(tmp_path):
    with search(functions.five_epochs, tmp_path, num_trials=20) as running:
        running.finish()
    assert read_journal(running.folder.path) == running.records


def test_each_trials_log_holds_what_it_printed(tmp_path):
    with search(functions.five_epochs, tmp_path, num_trials=5) as running:
        state = running.finish()
    for trial in state.trials.values():
        assert running.log_of(trial.number) == f"trained with {trial.params['x']}\n"


def test_a_trial_that_raises_is_a_result_and_its_log_ends_with_the_traceback(tmp_path):
    points = Fixed({"x": 2}, {"x": 3}, {"x": 4})
    with search(functions.raises_if_odd, tmp_path, points, num_trials=3, workers=1) as running:
        state = running.finish()
    assert statuses(state) == [Trial.FINALIZED, Trial.ERROR, Trial.FINALIZED]
    failed = list(state.trials.values())[1]
    assert failed.error == "ValueError: 3 is odd"
    printed, *traceback = running.log_of(2).splitlines()
    assert printed == "about to divide 3"
    assert traceback == failed.traceback.splitlines()
    assert traceback[-1] == "ValueError: 3 is odd"


def test_a_hopeless_trial_is_stopped_with_a_reason_a_person_can_read(tmp_path):
    points = Fixed({"good": True}, {"good": False})
    with search(functions.good_or_hopeless, tmp_path, points, MedianRule(), 1, num_trials=2) as running:
        state = running.finish()
    good, bad = state.trials.values()
    assert (good.status, bad.status, bad.stop_by) == (Trial.FINALIZED, Trial.STOPPED, "rule")
    assert bad.final_metric == 0.0
    assert bad.stop_reason.startswith("step ")
    assert bad.stop_reason.endswith(": best 0 below median 1 of 1 trial")


def test_a_trial_whose_worker_is_killed_runs_again_elsewhere(tmp_path):
    told = tmp_path / "pid"
    with search(
        functions.hangs_the_first_time, tmp_path, Fixed({"path": str(told)}), num_trials=1, workers=1
    ) as running:
        eventually(told.exists)
        kill(int(told.read_text()))
        state = running.finish()
    [trial] = state.trials.values()
    assert (trial.status, trial.attempt, trial.final_metric) == (Trial.FINALIZED, 2, 1.0)
    assert len(running.seen(ev.TrialRequeued)) == 1
    assert len({e.worker for e in running.seen(ev.TrialStarted)}) == 2


def test_a_promoted_trial_goes_on_from_what_the_earlier_one_saved(tmp_path):
    asha = ASHA(resource_max=9, seed=0)
    with search(functions.continues, tmp_path, asha, num_trials=40, workers=1) as running:
        state = running.finish()
    trials = state.trials
    continued = [t for t in trials.values() if t.parent is not None]
    assert {t.params["budget"] for t in continued} == {3, 9}
    for trial in continued:
        before, now = trials[trial.parent].params["budget"], trial.params["budget"]
        assert running.log_of(trial.number) == f"epochs {before} to {now}\n"
        assert trial.step_history == list(range(before, now))


def test_a_trial_that_runs_again_has_what_it_saved(tmp_path):
    with search(functions.saves_and_hangs, tmp_path, Fixed({"path": ""}), num_trials=1, workers=1) as running:
        pid = int(eventually(lambda: base64.b64decode(running.folder.read_state(1) or "")))
        kill(pid)
        state = running.finish()
    [trial] = state.trials.values()
    assert (trial.attempt, trial.final_metric) == (2, float(pid))


def test_where_nothing_can_be_saved_the_search_goes_on(tmp_path, caplog):
    asha = ASHA(resource_max=3, seed=0)
    with search(functions.continues, tmp_path, asha, num_trials=6, workers=1) as running:
        for number in range(1, 7):
            (running.folder.path / "trials" / f"{number:04d}.state").mkdir()
        state = running.finish()
    assert statuses(state) == [Trial.FINALIZED] * len(state.trials)
    assert "cannot keep what trial 1 saved" in caplog.text


def test_a_trial_that_kills_every_worker_fails_after_a_few_attempts(tmp_path):
    told = tmp_path / "pids"
    told.touch()
    points = Fixed({"path": str(told)})
    with search(functions.hangs_every_time, tmp_path, points, num_trials=1, max_attempts=2) as running:
        for attempt in (1, 2):
            kill(eventually(lambda n=attempt: pids_in(told)[n - 1 :])[0])
        state = running.finish()
    [trial] = state.trials.values()
    assert (trial.status, trial.attempt) == (Trial.ERROR, 2)
    assert re.match(r"its worker was lost 2 times, the last time: its (process|connection)", trial.error)


def pids_in(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split("\n")[:-1]]


def test_a_person_stops_one_trial_at_once(tmp_path):
    with search(functions.until_stopped, tmp_path, num_trials=1, workers=1) as running:
        trial = running.await_event(ev.TrialProgressed).trial
        running.loop.put(inp.TrialStopRequested(trial, "not this one"))
        state = running.finish()
    [trial] = state.trials.values()
    assert (trial.status, trial.stop_by, trial.stop_reason) == (Trial.STOPPED, "person", "not this one")


def test_a_stop_request_ends_the_search_with_what_there_is(tmp_path):
    with search(functions.until_stopped, tmp_path, num_trials=10) as running:
        eventually(lambda: len({e.trial for e in running.seen(ev.TrialProgressed)}) == 2)
        running.loop.put(inp.StopRequested("enough"))
        state = running.finish()
    assert state.end == ev.ExperimentEnded("stopped", "enough")
    assert statuses(state)[:2] == [Trial.STOPPED] * 2
    assert set(statuses(state)[2:]) <= {Trial.CANCELLED}


def test_a_trial_that_does_not_heed_the_stop_is_given_up_after_the_grace(tmp_path):
    with search(functions.deaf, tmp_path, num_trials=1, workers=1, grace=0.1) as running:
        running.await_event(ev.TrialProgressed)
        running.loop.put(inp.StopRequested("enough"))
        state = running.finish()
    assert statuses(state) == [Trial.STOPPED]
    assert running.seen(ev.WorkerLeft)[-1].reason == "did not heed the stop in time"


def test_too_many_failures_end_the_search_as_failed(tmp_path):
    points = Fixed(*[{"x": 1}] * 100)
    with search(functions.raises_if_odd, tmp_path, points, num_trials=100, max_failures=3) as running:
        state = running.finish()
    assert state.end.status == "failed"
    assert "(max_failures=3)" in state.end.reason


def test_the_result_file_is_strict_json(tmp_path):
    with search(functions.square, tmp_path, num_trials=3) as running:
        found = {**result(running.finish()), "odd": float("nan"), "big": float("inf")}
        running.folder.write_result(found)
    text = (running.folder.path / "result.json").read_text()

    def no_constants(name):
        pytest.fail(f"{name} is no JSON")

    read = json.loads(text, parse_constant=no_constants)
    assert read["metric_list"] == found["metric_list"]
    assert (read["odd"], read["big"]) == ("NaN", "Infinity")
