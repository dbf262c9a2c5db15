"""What an optimizer suggests is held to the search space before a worker hears of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from maggy import Searchspace, Trial
from maggy.ablation.search import AblationSearch
from maggy.ablation.study import BASE
from maggy.core import commands as cmd
from maggy.core import inputs as inp
from maggy.driver.algorithms import Algorithms
from maggy.optimizer import AbstractOptimizer


def little(point: dict[str, Any]) -> bool:
    return point["rate"] < 0.5 or point["model"] == "svm"


SPACE = Searchspace(
    model=("CATEGORICAL", ["svm", "tree", True]),
    depth=("INTEGER", [1, 8], {"when": {"model": "tree"}}),
    rate=("DOUBLE", [0.1, 0.7], {"step": 0.1}),
    size=("DOUBLE", [1e-3, 0.1], {"log": True}),
).constrain(little)
POINT = {"model": "svm", "rate": 0.3, "size": 0.01}


class Suggests(AbstractOptimizer):
    def __init__(self, *points: Any, **extras: Any) -> None:
        self._points = list(points)
        self._extras = extras

    def extras(self) -> dict[str, Any]:
        return self._extras

    def get_suggestion(self, trial: Trial | None = None) -> Trial:
        return Trial(self._points.pop(0), "t")


def answer(point: Any, space: Searchspace = SPACE, **extras: Any) -> Any:
    optimizer = Suggests(point, **extras)
    optimizer.setup(space, 9, "max")
    return Algorithms(optimizer, None).answer(cmd.Suggest())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"speed": 1}, "there is no hyperparameter 'speed'; the search space has model, depth, rate, size"),
        ({"depth": 3}, "hyperparameter 'depth' exists only where model is 'tree'; leave it out"),
        (
            {"model": "tree"},
            "hyperparameter 'depth' is missing; the search space has model, depth, rate, size",
        ),
        ({"model": "forest"}, "model must be one of 'svm', 'tree', True, not 'forest'"),
        ({"model": 1}, "model must be one of 'svm', 'tree', True, not 1"),
        ({"rate": 0.35}, "rate must be a number from 0.1 to 0.7 in steps of 0.1, not 0.35"),
        ({"rate": 0.8}, "not 0.8"),
        ({"rate": "0.3"}, "not '0.3'"),
        ({"size": 0.2}, "size must be a number from 0.001 to 0.1, not 0.2"),
        (
            {"model": "tree", "depth": 1, "rate": 0.6},
            "constraint little does not hold at {'model': 'tree', 'depth': 1, 'rate': 0.6, 'size': 0.01}",
        ),
    ],
)
def test_a_point_that_the_space_does_not_have_ends_the_suggestions_in_a_line(changed: Any, why: str) -> None:
    refused = answer({**POINT, **changed})
    assert isinstance(refused, inp.SuggestionFailed)
    assert refused.error.startswith("Suggests suggested what the search space does not have: ")
    assert refused.error.endswith(why)


def test_a_missing_hyperparameter_is_named() -> None:
    assert "'rate' is missing" in answer({"model": "svm", "size": 0.01}).error
    assert "'x' is missing" in answer({}, Searchspace(x=("DOUBLE", [0, 1]))).error


def test_an_empty_space_has_one_point() -> None:
    assert answer({}, Searchspace()) == inp.SuggestionMade("t", {})
    assert "the search space has no hyperparameters" in answer({"x": 1}, Searchspace()).error


@pytest.mark.parametrize(
    ("changed", "exact"),
    [
        ({"rate": 0.1 + 0.2}, {"rate": 0.3}),
        ({"rate": 0.1 * 7}, {"rate": 0.7}),  # a hair beyond the end
        ({"rate": 0.3 - 0.2}, {"rate": 0.1}),
        ({"rate": float(np.float32(0.6))}, {"rate": 0.6}),
        ({"rate": np.float32(0.7)}, {"rate": 0.7}),
        ({"size": math.exp(math.log(0.1))}, {"size": 0.1}),
        ({"size": np.float32(0.1)}, {"size": 0.1}),
        ({"size": 0.001 - 1e-18}, {"size": 0.001}),
        ({"model": "tree", "depth": 3.0000000000000004}, {"depth": 3}),
        ({"model": "tree", "depth": np.int64(8)}, {"depth": 8}),
    ],
)
def test_what_arithmetic_lost_is_given_back(changed: Any, exact: Any) -> None:
    made = answer({**POINT, **changed})
    assert isinstance(made, inp.SuggestionMade), made
    assert repr({name: made.params[name] for name in exact}) == repr(exact)


@pytest.mark.parametrize(
    ("low", "high", "value"), [(-1.0, 0.0, 1e-17), (0.0, 1.0, 1 - 0.9 - 0.1), (-5.0, -1.0, -1 + 1e-16)]
)
def test_the_ends_of_an_interval_are_its_own(low: float, high: float, value: float) -> None:
    assert answer({"x": value}, Searchspace(x=("DOUBLE", [low, high]))).params["x"] in (low, high)


@pytest.mark.parametrize("value", [1.1e-9, 0.9e-9])
def test_on_a_log_scale_a_hair_is_small_at_the_low_end(value: float) -> None:
    fits = isinstance(
        answer({"x": value}, Searchspace(x=("DOUBLE", [1e-9, 1], {"log": True}))), inp.SuggestionMade
    )
    assert fits == (value > 1e-9)


def test_extras_go_through_beside_the_point_and_may_not_be_missing() -> None:
    made = answer({"budget": 4, **POINT}, budget=1)
    assert made == inp.SuggestionMade("t", {**POINT, "budget": 4})
    assert "'budget' is missing, which extras() promises" in answer(POINT, budget=1).error
    assert "there is no hyperparameter 'budget'" in answer({**POINT, "budget": 4}).error


def test_the_optimizer_sees_the_point_as_the_space_has_it() -> None:
    optimizer = Suggests({**POINT, "rate": 0.1 + 0.2})
    optimizer.setup(SPACE, 9, "max")
    Algorithms(optimizer, None).answer(cmd.Suggest())
    assert optimizer.trial_store["t"].params == POINT


def test_a_point_that_is_refused_is_no_trial() -> None:
    optimizer = Suggests({})
    optimizer.setup(SPACE, 9, "max")
    Algorithms(optimizer, None).answer(cmd.Suggest())
    assert optimizer.trial_store == {}


class TestAblation:
    """Its trials need not be in the study's space, but must be what the training function is called with."""

    def fit(self, params: Any) -> Any:
        return AblationSearch.fit(None, params)  # type: ignore[arg-type]

    def test_an_ablator_may_choose_what_the_study_does_not_list(self) -> None:
        pair = {**BASE, "ablated_feature": "age + fare"}
        assert self.fit(pair) == pair

    @pytest.mark.parametrize(
        ("params", "why"),
        [
            ({"ablated_feature": "age"}, "'ablated_layer' must be a string, 'None' for nothing"),
            ({**BASE, "ablated_feature": None}, "'ablated_feature' must be a string"),
            ({**BASE, "seed": 1}, "trial has ablated_feature and ablated_layer, not 'seed'"),
        ],
    )
    def test_it_has_both_names_and_no_others(self, params: Any, why: str) -> None:
        with pytest.raises(ValueError, match=why):
            self.fit(params)
