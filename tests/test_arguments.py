"""Wrong arguments of `lagom` are refused before anything starts, in one line that names the argument."""

from __future__ import annotations

import inspect
import math
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark import SparkContext

from maggy import Searchspace, experiment
from maggy.ablation import LOCO, AblationStudy
from maggy.arguments import Arguments, make_plan
from maggy.core.events import Record
from maggy.earlystop import AbstractEarlyStop, MedianRule
from maggy.experiment_config import LagomConfig
from maggy.optimizer import AbstractOptimizer, RandomSearch, SingleRun
from maggy.trial import Trial

SPACE = Searchspace(x=("DOUBLE", [0.0, 1.0]))
GIVEN: dict[str, Any] = {
    "map_fun": lambda x: x,
    "searchspace": SPACE,
    "optimizer": None,
    "direction": "max",
    "num_trials": 10,
    "name": "a name",
    "hb_interval": 1,
    "es_policy": "median",
    "es_interval": 300,
    "es_min": 10,
    "description": "",
    "display": None,
    "directory": None,
    "max_failures": None,
    "wait": True,
}


def plan(**given: Any) -> Any:
    return make_plan(Arguments(**{**GIVEN, **given}))


class Shown:
    """Shows itself in many lines, as tables do."""

    def __repr__(self) -> str:
        return "one\ntwo\n" * 100


class NeedsMore(RandomSearch):
    def __init__(self, more: int) -> None:
        super().__init__(more)


class LooksAhead(RandomSearch):
    lookahead = -1


LOCK = threading.Lock()
NUMBERS = [None, "1", True, 1.5j, [1], Shown(), math.nan, math.inf, -math.inf, -1, 10**400]
WRONG: dict[str, list[Any]] = {
    "map_fun": [
        None,
        "train",
        7,
        Shown(),
        lambda: 1,
        lambda y: y,
        lambda x, y: x,
        lambda x, /: x,
        lambda x=1, /: x,
        lambda x: LOCK,
    ],
    "searchspace": [7, "x", {"x": ("DOUBLE", [0, 1])}, Searchspace, [], Shown()],
    "optimizer": [
        *(7, "", "nosearch", "none", "None", SingleRun, SingleRun()),
        *(AbstractOptimizer, NeedsMore, LooksAhead(), object, MedianRule, Shown()),
    ],
    "direction": [None, 7, "", "up", "maximize", [], {}, ["max", "up"], {"a": "max", 2: "min"}, Shown()],
    "num_trials": [*NUMBERS, 0, 2.0],
    "name": [None, 7, b"name", Shown()],
    "hb_interval": [*NUMBERS, 0, 0.0, 1e300],
    "es_policy": [7, True, "", "mean", AbstractEarlyStop, RandomSearch, object(), Shown()],
    "es_interval": NUMBERS,
    "es_min": [*(n for n in NUMBERS if n != 10**400), 2.0],
    "description": [None, 7, b"text", Shown()],
    "display": ["yes", 7, 0, 1, [], Shown()],
    "directory": [7, b"here", ["here"], True, Shown()],
    "max_failures": [*(n for n in NUMBERS if n not in (None, 10**400)), 2.0],
    "wait": [None, "no", 0, 1, [], Shown()],
    "train_fn": [7, lambda x: x, Shown()],
    "config": [7, {}, LagomConfig, Shown()],
    "experiment_type": [None, 7, "search", Shown()],
    "ablation_study": [7, AblationStudy(), Shown()],
    "ablator": [None, 7, "shapley", LOCO, Shown()],
    "repeats": [None, 0, 2, True, "1", Shown()],
    "resume": [7, "nowhere", b"here", [], Shown()],
    "trial_timeout": [0, -1, float("nan"), "1", True, Shown()],
    "worker_timeout": [0, -1, float("nan"), "1", True, 3.9, Shown()],
    "optimization_key": [None, 7, "", [], ["a", "b"], ["a", 7], Shown()],
}
WRONG["num_trials"].remove(10**400)
CASES = [(argument, value) for argument, values in WRONG.items() for value in values]


def test_every_argument_of_lagom_is_tried() -> None:
    assert list(inspect.signature(experiment.lagom).parameters) == list(WRONG)


@pytest.mark.parametrize(("argument", "value"), CASES, ids=lambda value: f"{value!r:.30}")
def test_a_wrong_argument_is_refused_in_one_line_that_names_it(
    argument: str, value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAGGY_DIR", str(tmp_path))
    given = {**GIVEN, argument: value}
    before = SparkContext._active_spark_context
    with pytest.raises((TypeError, ValueError)) as refused:
        experiment.lagom(given.pop("map_fun"), **given)
    assert argument in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300
    assert SparkContext._active_spark_context is before, "Spark was started"
    assert list(tmp_path.iterdir()) == [], "a folder was made"


def test_a_refused_experiment_is_not_running() -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match="num_trials"):
            experiment.lagom(lambda x: x, SPACE, num_trials="2")  # type: ignore[arg-type]


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    settings = plan(num_trials=np.int64(7), es_min=np.uint8(2)).settings
    assert (settings.num_trials, settings.es_min) == (7, 2)
    assert type(settings.num_trials) is int


def test_the_plan_holds_what_was_given() -> None:
    made = plan(direction="MIN", num_trials=7, es_interval=3, es_min=0, hb_interval=0.5, description="text")
    settings = made.settings
    assert (settings.direction, settings.num_trials, settings.description) == ("min", 7, "text")
    assert (settings.es_interval, settings.es_min, made.hb_interval) == (3.0, 0, 0.5)
    assert (settings.optimizer, settings.es_policy, settings.name) == ("RandomSearch", "MedianRule", "a name")
    assert Searchspace(**settings.searchspace) == SPACE


def test_the_settings_come_back_from_the_journal_as_they_were() -> None:
    record = Record(1, 2.0, plan().settings)
    assert Record.from_json(record.to_json()) == record


@pytest.mark.parametrize(
    ("optimizer", "space", "name"),
    [
        (None, SPACE, "RandomSearch"),
        (None, None, "SingleRun"),
        ("none", None, "SingleRun"),
        ("RandomSearch", SPACE, "RandomSearch"),
        (RandomSearch, SPACE, "RandomSearch"),
        (RandomSearch(seed=1), SPACE, "RandomSearch"),
        (SingleRun(), None, "SingleRun"),
    ],
)
def test_an_optimizer_is_a_name_a_class_an_instance_or_fits_the_space(
    optimizer: Any, space: Searchspace | None, name: str
) -> None:
    train = (lambda x: x) if space else (lambda: 1)
    assert plan(map_fun=train, optimizer=optimizer, searchspace=space).settings.optimizer == name


@pytest.mark.parametrize("optimizer", ["randomsearch", "RandomSearch", RandomSearch])
def test_random_search_needs_something_to_search(optimizer: Any) -> None:
    with pytest.raises(ValueError, match="optimizer 'randomsearch' needs a searchspace"):
        plan(map_fun=lambda: 1, searchspace=None, optimizer=optimizer)


def test_an_optimizer_may_know_of_fewer_trials() -> None:
    made = plan(optimizer="gridsearch", searchspace=Searchspace(x=("INTEGER", [1, 3])), num_trials=50)
    assert made.settings.num_trials == 3


def test_a_function_for_asha_takes_a_budget() -> None:
    assert plan(map_fun=lambda x, budget: x, optimizer="asha").settings.optimizer == "ASHA"
    with pytest.raises(ValueError, match="map_fun does not take 'budget', which the optimizer gives"):
        plan(optimizer="hyperband")
    both = Searchspace(x=("DOUBLE", [0, 1]), budget=("INTEGER", [1, 3]))
    with pytest.raises(ValueError, match="searchspace has 'budget', which optimizer ASHA gives itself"):
        plan(map_fun=lambda x, budget: x, searchspace=both, optimizer="asha")


def test_a_person_who_asks_for_a_trial_need_not_give_the_budget() -> None:
    made = plan(map_fun=lambda x, budget: x, optimizer="asha")
    assert made.fit({"x": 0.5}) == {"x": 0.5, "budget": 27}
    assert made.fit({"x": 0.5, "budget": 3}) == {"x": 0.5, "budget": 3}
    for wrong in ("3", True, 0, math.nan, None):
        with pytest.raises(ValueError, match="budget must be a number above 0"):
            made.fit({"x": 0.5, "budget": wrong})
    with pytest.raises(ValueError, match="params must be a dict"):
        made.fit(7)


def test_beside_asha_the_median_rule_is_left_out_unless_it_is_given() -> None:
    train = lambda x, budget: x  # noqa: E731
    assert plan(map_fun=train, optimizer="asha", es_policy="median").settings.es_policy == "none"
    assert plan(map_fun=train, optimizer="asha", es_policy="patience").settings.es_policy == "PatienceRule"
    assert plan(map_fun=train, optimizer="asha", es_policy=MedianRule()).settings.es_policy == "MedianRule"


@pytest.mark.parametrize("optimizer", ["gridsearch", "asha", "hyperband"])
def test_every_search_needs_something_to_search(optimizer: str) -> None:
    with pytest.raises(ValueError, match=f"optimizer '{optimizer}' needs a searchspace"):
        plan(map_fun=lambda budget=1: 1, searchspace=None, optimizer=optimizer)


@pytest.mark.parametrize(
    ("es_policy", "name"),
    [("median", "MedianRule"), (MedianRule(), "MedianRule"), (MedianRule, "MedianRule"), ("none", "none")],
)
def test_a_rule_is_a_name_a_class_or_an_instance(es_policy: Any, name: str) -> None:
    assert plan(es_policy=es_policy).settings.es_policy == name


def test_the_optimizer_is_ready_when_the_plan_is() -> None:
    class Recorder(RandomSearch):
        def initialize(self) -> None:
            told.append((self.searchspace, self.num_trials, self.direction, self.final_store))

        def get_suggestion(self, trial: Trial | None = None) -> Trial:
            raise AssertionError("nobody asked yet")

    told: list[Any] = []
    plan(optimizer=Recorder(), num_trials=3, direction="min")
    assert told == [(SPACE, 3, "min", [])]


def both(x: float, reporter: Any) -> float:
    return x


def everything(**given: Any) -> float:
    return 1.0


def optional(x: float, y: float = 1.0, *more: Any) -> float:
    return x


@pytest.mark.parametrize(
    ("train", "wants"),
    [(both, True), (everything, False), (optional, False), (max, False), (lambda x: x, False)],
)
def test_a_function_gets_the_reporter_if_it_takes_it(train: Any, wants: bool) -> None:
    assert plan(map_fun=train).wants_reporter is wants


@pytest.mark.parametrize(
    ("num_trials", "given", "limit"),
    [(1, None, 0), (2, None, 1), (4, None, 3), (10, None, 3), (100, None, 20), (10, 0, 0), (10, 99, 99)],
)
def test_a_sensible_share_of_trials_may_fail(num_trials: int, given: int | None, limit: int) -> None:
    assert plan(num_trials=num_trials, max_failures=given).settings.max_failures == limit


def test_the_folder_is_as_told_or_as_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAGGY_DIR", str(tmp_path / "env"))
    assert plan().directory == tmp_path / "env"
    assert plan(directory=tmp_path).directory == tmp_path
    assert plan(directory=str(tmp_path)).directory == tmp_path
