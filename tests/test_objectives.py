"""What of a returned value is optimized, in searches from end to end too."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from maggy import Searchspace, experiment
from maggy.ablation import AblationStudy
from maggy.cli import main
from maggy.experiment_config import AblationConfig, HyperparameterOptConfig
from maggy.objectives import Objectives
from tests.driver.local import lagom as lagom

SPACE = Searchspace(x=("DISCRETE", list(range(1, 10))))
GOAL = {"gain": "max", "cost": "min"}


@pytest.mark.parametrize(
    ("direction", "key", "directions", "names"),
    [
        ("MAX", "metric", ("max",), ("metric",)),
        ("min", "loss", ("min",), ("loss",)),
        (["min"], "loss", ("min",), ("loss",)),
        (["max", "min"], "metric", ("max", "min"), ()),
        (("max", "min"), ["gain", "cost"], ("max", "min"), ("gain", "cost")),
        ({"gain": "max", "cost": "Min"}, "metric", ("max", "min"), ("gain", "cost")),
        ({"gain": "max"}, "metric", ("max",), ("gain",)),
    ],
)
def test_the_forms_in_which_objectives_are_given(
    direction: Any, key: Any, directions: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert Objectives.of(direction, key) == Objectives(directions, names)


@pytest.mark.parametrize(
    ("direction", "key", "words"),
    [
        (["max", "min"], ["gain"], "must name as many different entries as there are directions, 2, not"),
        (["max", "min"], ["gain", "gain"], "different entries"),
        (["max", "min"], "gain", "as many"),
        ({"gain": "max"}, "gain", "names the objectives already; leave out optimization_key"),
        ({}, "metric", "direction must be 'max' or 'min', or for several"),
    ],
)
def test_what_does_not_go_together_is_refused(direction: Any, key: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Objectives.of(direction, key)


ONE, NAMED = Objectives(), Objectives(("max", "min"), ("gain", "cost"))
UNNAMED = Objectives(("max", "min"), ())


@pytest.mark.parametrize(
    ("objectives", "returned", "found"),
    [
        (ONE, 1, {"metric": 1.0}),
        (ONE, {"other": "x", "metric": 1}, {"metric": 1.0}),
        (NAMED, {"cost": 2, "note": "x", "gain": 1}, {"gain": 1.0, "cost": 2.0}),
        (UNNAMED, {"b": 1, "a": 2}, {"b": 1.0, "a": 2.0}),
    ],
)
def test_what_is_read_of_a_returned_value(objectives: Objectives, returned: Any, found: Any) -> None:
    assert list(objectives.read(returned).items()) == list(found.items())


@pytest.mark.parametrize(
    ("objectives", "returned", "words"),
    [
        (
            ONE,
            {"loss": 1, "acc": 2},
            r"without 'metric' \(it has 'loss', 'acc'\); optimization_key names",
        ),
        (ONE, {}, r"a dict without 'metric' \(it has nothing\)"),
        (ONE, {"metric": None}, "must return 'metric', a finite number, not None"),
        (NAMED, {"gain": 1}, r"without 'cost' \(it has 'gain'\)"),
        (NAMED, {"gain": 1, "cost": float("inf")}, "must return 'cost', a finite number, not inf"),
        (NAMED, 0.5, "must return a dict of its 2 objectives: 'gain', 'cost', not 0.5"),
        (UNNAMED, (1, 2), r"must return a dict of its 2 objectives, not \(1, 2\)"),
        (
            UNNAMED,
            {"a": 1},
            "dict of its 2 objectives, not one of 'a'; where it has other entries",
        ),
        (UNNAMED, {1: 1, 2: 2}, "must return a dict of its 2 objectives, not one of 1, 2"),
        (UNNAMED, {"2": 1, "1": 2}, "must return a dict of its 2 objectives, not one of '2', '1'"),
    ],
)
def test_what_a_function_should_have_returned(objectives: Objectives, returned: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        objectives.read(returned)


def test_a_dict_has_the_objective_under_its_key_and_the_rest_is_in_the_log(lagom: Any) -> None:
    def train(x: int) -> dict[str, Any]:
        return {"loss": x, "note": "well done"}

    handle = lagom(train, searchspace=SPACE, direction="min", optimization_key="loss", num_trials=3)
    found = handle.result(20)
    assert found["best_val"] == min(found["metric_list"]) == found["best_hp"]["x"]
    assert "'note': 'well done'" in (handle.path / "trials" / "0001.log").read_text()


def both(x: int, reporter: Any) -> dict[str, float]:
    reporter.broadcast(x)
    return {"gain": x, "cost": x * x - 4 * x}


@pytest.mark.parametrize("optimizer", ["gridsearch", "randomsearch", "tpe", "nsgaii", "qmc"])
def test_a_search_with_several_objectives_has_a_pareto_front(lagom: Any, optimizer: str) -> None:
    found = lagom(
        both, searchspace=SPACE, direction=["max", "min"], optimizer=optimizer, num_trials=9
    ).result(30)
    assert (found["failed"], found["directions"]) == (0, {"gain": "max", "cost": "min"})
    tried, front = set(found["metric_list"]), [t["params"]["x"] for t in found["pareto_front"]]
    assert set(front) == (tried - {1.0} if {2.0, 3.0} & tried else tried)  # they surpass 1, and only 1
    assert front == sorted(front, reverse=True)
    best = found["pareto_front"][0]
    assert (best["params"], best["objectives"]["gain"]) == (found["best_hp"], found["best_val"])


def test_it_can_be_taken_up_again_and_another_goal_is_refused(lagom: Any) -> None:
    first = lagom(both, searchspace=SPACE, direction=GOAL, optimizer="tpe", num_trials=4)
    first.result(30)
    with pytest.raises(ValueError, match="cannot be taken up again: what it optimizes was"):
        lagom(
            both, searchspace=SPACE, direction={"gain": "max", "price": "min"}, resume=first.id, num_trials=6
        )
    again = lagom(both, searchspace=SPACE, direction=GOAL, resume=first.id, num_trials=8)
    found = again.result(30)
    assert (found["num_trials"], found["failed"]) == (8, 0)


def test_trials_as_a_table_have_a_column_for_each_objective(
    lagom: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = lagom(both, searchspace=SPACE, direction=["max", "min"], optimizer="gridsearch", num_trials=9)
    handle.result(20)
    assert main(["export", str(handle.path)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {(float(r["x"]), float(r["gain"]), float(r["cost"])) for r in rows} == {
        (x, x, x * x - 4 * x) for x in range(1, 10)
    }
    assert main(["show", str(handle.path)]) == 0
    shown = capsys.readouterr().out
    assert "direction      max gain, min cost" in shown
    assert "gain 9.000, cost 45.00  trial" in shown
    assert "pareto front   8\n" in shown


def test_a_sampler_of_one_objective_is_refused(lagom: Any) -> None:
    with pytest.raises(ValueError, match="optimizer 'cmaes' knows one objective only; 'tpe', 'gp' and"):
        lagom(both, searchspace=SPACE, direction=["max", "min"], optimizer="cmaes")


def test_an_ablation_compares_by_one_objective() -> None:
    study = AblationStudy(dataset_generator=lambda ablated_feature=None: None)
    study.features.include("a")
    config = AblationConfig(ablation_study=study, direction=["max", "min"])
    with pytest.raises(ValueError, match="an ablation compares by one objective"):
        experiment.lagom(lambda dataset_function: 1, config)


def test_a_config_has_the_key_too(lagom: Any) -> None:
    settings: Any = {"searchspace": None, "num_trials": 1, "es_policy": "median", "hb_interval": 1}
    given = HyperparameterOptConfig(
        num_trials=3,
        optimizer="randomsearch",
        searchspace=SPACE,
        hb_interval=0.01,
        direction=["max", "min"],
        optimization_key=["cost", "gain"],
    )
    found = lagom(both, **settings, config=given).result(20)
    assert found["directions"] == {"cost": "max", "gain": "min"}
