"""The forms in which `lagom` may be called."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any

import pytest

from maggy import Searchspace, experiment
from maggy.ablation import AblationStudy
from maggy.arguments import Arguments, make_plan
from maggy.experiment_config import AblationConfig, HyperparameterOptConfig, LagomConfig
from maggy.forms import plain
from tests.driver.local import lagom as lagom

SPACE = Searchspace(x=("INTEGER", [1, 9]))


def square(x: int) -> int:
    return x * x


def config(**given: Any) -> HyperparameterOptConfig:
    known: dict[str, Any] = {"num_trials": 3, "optimizer": "randomsearch", "searchspace": SPACE}
    return HyperparameterOptConfig(**{**known, **given})


def test_the_defaults_are_lagoms() -> None:
    parameters = inspect.signature(experiment.lagom).parameters
    assert {f.name: f.default for f in fields(Arguments)} == {n: p.default for n, p in parameters.items()}


@pytest.mark.parametrize("form", [{"config": config(name="c")}, {"searchspace": config(name="c")}])
def test_a_config_is_the_same_as_its_keywords(form: Any) -> None:
    by_config = make_plan(Arguments(square, **form)).settings
    given: Any = {"searchspace": SPACE, "optimizer": "randomsearch", "num_trials": 3, "name": "c"}
    by_keywords = make_plan(Arguments(square, **given)).settings
    differ = {n for n in by_config.__slots__ if getattr(by_config, n) != getattr(by_keywords, n)}
    assert differ == {"experiment"}  # the id


def test_a_search_by_config_runs(lagom: Any) -> None:
    settings: Any = {"searchspace": None, "num_trials": 1, "es_policy": "median", "hb_interval": 1}
    found = lagom(square, **settings, config=config(hb_interval=0.01)).result(20)
    assert (found["num_trials"], found["failed"]) == (3, 0)


def test_a_training_function_of_1_x_takes_one_dict(lagom: Any) -> None:
    def train(model: Any, dataset: Any, hparams: dict[str, Any], reporter: Any) -> float:
        reporter.broadcast(0)
        return model(hparams["x"]) + dataset[0]

    settings: Any = {"searchspace": None, "num_trials": 1, "es_policy": "median", "hb_interval": 1}
    given = config(model=square, dataset=[100], hb_interval=0.01)
    found = lagom(None, **settings, train_fn=train, config=given).result(20)
    assert found["best_val"] == found["best_hp"]["x"] ** 2 + 100


def test_the_dict_goes_with_keywords_too(lagom: Any) -> None:
    found = lagom(lambda hparams: hparams["x"], searchspace=SPACE).result(20)
    assert found["best_val"] == found["best_hp"]["x"]


def test_an_ablation_by_config() -> None:
    study = AblationStudy(dataset_generator=lambda ablated_feature: 1)
    study.features.include("age", "fare")
    given = AblationConfig(study, direction="min", repeats=2, name="study")
    settings = make_plan(Arguments(lambda dataset_function: 1, given)).settings
    assert (settings.num_trials, settings.direction, settings.name) == (6, "min", "study")
    assert settings.baseline is not None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"config": config(), "num_trials": 7}, "a config and num_trials; put num_trials into the config"),
        ({"config": config(), "searchspace": SPACE}, "a config and searchspace"),
        ({"config": config(), "searchspace": config()}, "a config and searchspace"),
        ({"searchspace": config(), "es_policy": "none"}, "a config and es_policy"),
        ({"config": {"num_trials": 3}}, "config must be one of maggy.experiment_config"),
        ({"config": config(model=7)}, "the config has a model, which map_fun does not take"),
        ({"train_fn": square}, "twice, as map_fun and as train_fn"),
        ({"map_fun": None}, "map_fun must be a function"),
        ({"experiment_type": "search"}, "experiment_type must be 'optimization' or 'ablation'"),
        ({"repeats": 2}, "repeats goes with experiment_type='ablation'"),
    ],
)
def test_what_does_not_go_together_is_refused(given: Any, why: str) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        plain(Arguments(**{"map_fun": square, **given}))
    assert why in str(refused.value)


def test_how_it_is_watched_may_stand_beside_a_config() -> None:
    beside: Any = {"config": config(), "wait": False, "display": False, "directory": "x", "max_failures": 1}
    assert plain(Arguments(square, **beside)).wait is False
    assert LagomConfig().name == "no-name"
