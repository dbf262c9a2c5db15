"""What goes wrong in training functions, arguments and workers, on a local session."""

from __future__ import annotations

import json
import re
import sys
import threading
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from maggy import Searchspace
from maggy.core import events as ev
from maggy.exceptions import ExperimentFailed
from tests.spark import functions
from tests.spark.test_search import SPACE, Points, events

pytestmark = pytest.mark.spark

WAYS = Searchspace(way=("CATEGORICAL", ["good", "none", "text", "nan", "raises"]))


def test_trials_that_fail_are_results_and_the_search_goes_on(lagom):
    ways = ["raises", "none", "text", "nan", "good"]
    found = lagom(functions.misbehaves, WAYS, Points("way", ways), num_trials=5, max_failures=4)
    assert (found["status"], found["num_trials"], found["failed"]) == ("finished", 5, 4)
    assert (found["best_val"], found["metric_list"]) == (0.5, [0.5])
    wanted = "the training function must return its metric, a finite number"
    assert {error["params"]["way"]: error["error"] for error in found["errors"]} == {
        "raises": "ValueError: no such layer",
        "none": f"{wanted}, not None",
        "text": f"{wanted}, not '0.9'",
        "nan": f"{wanted}, not nan",
    }
    raised = next(error for error in found["errors"] if error["params"]["way"] == "raises")
    assert raised["traceback"].startswith("Traceback (most recent call last)")
    assert 'raise ValueError("no such layer")' in raised["traceback"]
    log = Path(found["path"], "trials", f"{raised['number']:04d}.log").read_text()
    assert log == raised["traceback"]


def test_too_many_failures_end_the_search_with_what_there_is(lagom):
    ways = ["good", "good", *["raises"] * 100]
    with pytest.raises(ExperimentFailed) as raised:
        lagom(functions.misbehaves, WAYS, Points("way", ways), num_trials=100, max_failures=2)
    found = raised.value.result
    assert (found["status"], found["metric_list"]) == ("failed", [0.5, 0.5])
    assert found["failed"] in (3, 4)  # one more may run at that moment
    assert json.loads(Path(found["path"], "result.json").read_text()) == found
    message = str(raised.value)
    assert "(max_failures=2)" in message
    assert message.endswith(f"; the last one: ValueError: no such layer; see {found['path']}")


@pytest.mark.parametrize("num_trials", [1, 4])
def test_a_search_of_which_every_trial_fails_has_failed(lagom, num_trials):
    with pytest.raises(ExperimentFailed, match="ValueError: no data") as raised:
        lagom(functions.always_raises, SPACE, num_trials=num_trials)
    found = raised.value.result
    assert (found["best_id"], found["avg"], found["failed"]) == (None, None, num_trials)


def test_a_trial_whose_worker_is_killed_runs_again(lagom, tmp_path):
    train = partial(functions.kills_its_worker_once, folder=str(tmp_path))
    found = lagom(train, SPACE, num_trials=6)
    assert (found["num_trials"], found["failed"]) == (6, 0)
    [requeued] = events(found, ev.TrialRequeued)
    assert re.match(r"its (process|connection)", requeued.reason)
    starts = [e.worker for e in events(found, ev.TrialStarted) if e.trial == requeued.trial]
    assert len(set(starts)) == 2


def test_a_trial_that_hangs_in_c_fails_and_its_process_is_replaced(lagom):
    found = lagom(
        functions.hangs_in_c, SPACE, Points("x", [1, 2, 3, 4]), num_trials=4, trial_timeout=3, max_failures=4
    )
    assert (found["status"], found["failed"]) == ("finished", 2)
    assert {e["params"]["x"] for e in found["errors"]} == {1, 3}
    assert {e["error"] for e in found["errors"]} == {"ran longer than trial_timeout=3 seconds"}


def test_a_trial_that_kills_every_worker_fails_and_the_others_do_not(lagom):
    found = lagom(functions.kills_its_worker_if_odd, SPACE, Points("x", [2, 3, 4, 6, 8]), num_trials=5)
    assert found["metric_list"] == [2, 4, 6, 8]
    [error] = found["errors"]
    assert error["params"] == {"x": 3}
    assert re.match(r"its worker was lost 3 times, the last time: its (process|connection)", error["error"])


def test_a_training_function_may_break_its_process_in_any_way_and_the_others_do_not_notice(lagom):
    ways = ["exits", "raises SystemExit", "takes all memory", "returns a bomb"]
    space = Searchspace(way=("CATEGORICAL", [*ways, "comes back twice", "good"]))
    tried = [*ways, "comes back twice", "good", "good", "good"]
    found = lagom(
        functions.breaks, space, Points("way", tried), num_trials=len(tried), max_failures=len(ways)
    )
    assert (found["status"], found["num_trials"], found["failed"]) == ("finished", len(tried), len(ways))
    assert sorted(found["metric_list"]) == [0.25, 0.5, 0.5, 0.5]
    errors = {error["params"]["way"]: error["error"] for error in found["errors"]}
    assert errors["exits"].startswith("its worker was lost 3 times, the last time: its ")
    assert errors["raises SystemExit"] == "SystemExit: 3"
    assert errors["takes all memory"].startswith("MemoryError")
    assert errors["returns a bomb"] == "SystemExit: boom"


def test_a_trial_that_prints_a_gigabyte_keeps_a_log_that_fits(lagom):
    found = lagom(functions.prints_a_gigabyte, SPACE, num_trials=1)
    assert (found["status"], found["failed"]) == ("finished", 0)
    [log] = Path(found["path"], "trials").glob("*.log")
    assert "bytes of output dropped" in log.read_text()
    assert log.stat().st_size < 64 * 2**20


def test_a_module_that_executors_lack_ends_the_search_with_one_line_that_says_so(lagom, monkeypatch):
    module = ModuleType("only_on_the_driver")
    exec("def train(x):\n    return x", module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(ExperimentFailed) as raised:
        lagom(module.train, SPACE, num_trials=4)
    message = str(raised.value)
    assert "\n" not in message
    assert "ModuleNotFoundError: No module named 'only_on_the_driver'" in message
    assert "SparkContext.addPyFile" in message
    assert raised.value.result["num_trials"] == 0


def test_a_python_that_is_not_there_ends_the_search_with_one_line_that_names_it(lagom, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(ExperimentFailed, match="no worker could start") as raised:
        lagom(functions.square, SPACE, num_trials=2)
    assert str(raised.value).startswith(
        'no worker could start: IOException: Cannot run program "/no/such/python"'
    )
    assert "\n" not in str(raised.value)


BAD = [
    ("num_trials", {"num_trials": 0}),
    ("optimizer", {"optimizer": "best"}),
    ("direction", {"direction": "up"}),
    ("es_policy", {"es_policy": "mean"}),
    ("hb_interval", {"hb_interval": "1"}),
    ("searchspace", {"searchspace": {"x": 1}}),
    ("map_fun", {"map_fun": lambda x, y: 0.5}),
    ("map_fun", {"map_fun": partial(lambda lock, x: x, threading.Lock())}),
]


@pytest.mark.parametrize(("argument", "given"), BAD)
def test_a_wrong_argument_is_named_before_any_job_starts(lagom, spark, tmp_path, argument, given):
    def jobs():
        return spark.sparkContext._jsc.sc().statusStore().jobsList(None).size()

    before = jobs()
    with pytest.raises((TypeError, ValueError), match=f"^{argument} ") as raised:
        lagom(**{"map_fun": functions.square, "searchspace": SPACE, "num_trials": 2, **given})
    assert "\n" not in str(raised.value)
    assert jobs() == before
    assert list(tmp_path.iterdir()) == []
    lagom(functions.square, SPACE)
    assert jobs() > before  # they are counted
