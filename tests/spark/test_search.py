"""Searches on a local session that the user made."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from maggy import Searchspace, Trial
from maggy.core import events as ev
from maggy.driver.journal import read_journal
from maggy.earlystop import AbstractEarlyStop
from maggy.optimizer import AbstractOptimizer
from tests.spark import functions

pytestmark = pytest.mark.spark

SPACE = Searchspace(x=("INTEGER", [1, 1000]))


class Points(AbstractOptimizer):
    """Suggests these values of one hyperparameter, one after the other."""

    def __init__(self, name="x", values=(3, 1, 2)):
        self.hyperparameter = name
        self.values = list(values)
        self.finalized = None

    def get_suggestion(self, trial=None):
        return Trial({self.hyperparameter: self.values.pop(0)}) if self.values else None

    def finalize_experiment(self, trials):
        self.finalized = [trial.final_metric for trial in trials]


class StopsTheHopeless(AbstractEarlyStop):
    @staticmethod
    def earlystop_check(to_check, finalized_trials, direction):
        hopeless = [
            i for i, trial in to_check.items() if trial.metric_history and not trial.metric_history[-1]
        ]
        return dict.fromkeys(hopeless, f"nothing to hope for after {len(finalized_trials)} trial")


def events(found, kind):
    return [r.event for r in read_journal(Path(found["path"])) if isinstance(r.event, kind)]


def test_a_search_returns_what_it_found(lagom, tmp_path):
    found = lagom(functions.square, SPACE, num_trials=20, name="my search", description="squares")
    metrics = found["metric_list"]
    assert found == {
        "best_id": found["best_id"],
        "best_val": max(metrics),
        "best_hp": {"x": round(max(metrics) ** 0.5)},
        "worst_id": found["worst_id"],
        "worst_val": min(metrics),
        "worst_hp": {"x": round(min(metrics) ** 0.5)},
        "avg": sum(metrics) / 20,
        "metric_list": metrics,
        "num_trials": 20,
        "early_stopped": 0,
        "failed": 0,
        "errors": [],
        "experiment_id": found["experiment_id"],
        "status": "finished",
        "duration": found["duration"],
        "path": str(tmp_path / found["experiment_id"]),
    }
    assert len(metrics) == 20
    assert found["experiment_id"].startswith("my-search-")
    assert found["duration"] > 0


def test_the_folder_holds_the_events_the_result_and_each_trials_output(lagom):
    found = lagom(functions.tells_epochs, SPACE, num_trials=4, es_policy="none")
    folder = Path(found["path"])
    assert json.loads((folder / "result.json").read_text()) == found
    records = read_journal(folder)
    assert [r.number for r in records] == list(range(1, len(records) + 1))
    assert isinstance(records[-1].event, ev.ExperimentEnded)
    created = events(found, ev.TrialCreated)
    assert [e.number for e in created] == [1, 2, 3, 4]
    for event in created:
        log = (folder / "trials" / f"{event.number:04d}.log").read_text()
        assert log == f"training with {event.params['x']}\nwell trained\n"
    assert sum(len(e.values) for e in events(found, ev.TrialProgressed)) == 12


@pytest.mark.parametrize(("num_trials", "workers"), [(1, 1), (2, 2), (9, 2)])
def test_there_is_a_worker_for_each_slot_but_no_more_than_trials(lagom, tmp_path, num_trials, workers):
    meet = partial(functions.meets, folder=tmp_path, count=workers)
    found = lagom(meet, SPACE, num_trials=num_trials)
    assert (found["num_trials"], found["failed"]) == (num_trials, 0)
    assert len(events(found, ev.WorkerJoined)) == workers


def test_the_median_rule_stops_a_hopeless_trial_for_a_reason_that_one_can_read(lagom):
    points = Points("quality", [1, 1, 0, 1])
    space = Searchspace(quality=("INTEGER", [0, 1]))
    found = lagom(
        functions.good_or_hopeless, space, points, num_trials=4, hb_interval=0.05, es_interval=0, es_min=1
    )
    assert (found["num_trials"], found["early_stopped"], found["failed"]) == (4, 1, 0)
    assert found["metric_list"] == [1.0, 1.0, 0.0, 1.0]
    [stop] = events(found, ev.TrialStopDecided)
    assert (stop.by, stop.trial) == ("rule", found["worst_id"])
    assert stop.reason.startswith("step ")
    assert ": best 0 below median 1 of " in stop.reason


@pytest.mark.parametrize("rule", [StopsTheHopeless, StopsTheHopeless()])
def test_a_rule_of_the_users_own(lagom, rule):
    found = lagom(
        functions.good_or_hopeless, Searchspace(quality=("INTEGER", [0, 1])), Points("quality", [1, 0]),
        num_trials=2, hb_interval=0.05, es_policy=rule, es_interval=0, es_min=1,
    )  # fmt: skip
    assert found["early_stopped"] == 1
    [stop] = events(found, ev.TrialStopDecided)
    assert stop.reason == "nothing to hope for after 1 trial"


@pytest.mark.parametrize("optimizer", [Points, Points()])
def test_an_optimizer_of_the_users_own(lagom, optimizer):
    found = lagom(functions.square, SPACE, optimizer, num_trials=10, direction="MIN")
    assert found["metric_list"] == [9, 1, 4]  # the optimizer ends the search
    assert (found["best_val"], found["best_hp"], found["worst_val"]) == (1, {"x": 1}, 9)
    if isinstance(optimizer, Points):
        assert sorted(optimizer.finalized) == [1, 4, 9]


def test_without_a_searchspace_the_function_runs_as_it_is(lagom):
    found = lagom(lambda: 0.5, num_trials=3)
    assert (found["metric_list"], found["best_hp"]) == ([0.5] * 3, {})


def test_one_search_after_the_other_on_one_session(lagom):
    first = lagom(functions.square, SPACE, num_trials=2, name="same")
    second = lagom(functions.square, SPACE, num_trials=2, name="same")
    assert first["status"] == second["status"] == "finished"
    assert first["path"] != second["path"]


def test_a_training_function_of_five_megabytes(lagom):
    data = bytes(range(256)) * 20_000
    assert lagom(lambda: len(data))["best_val"] == len(data)
