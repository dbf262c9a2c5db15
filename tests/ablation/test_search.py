"""An ablation is a search: its plan, its trials, its training function."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from maggy import Trial
from maggy.ablation import LOCO, AblationStudy, AbstractAblator
from maggy.ablation.search import AblationSearch
from maggy.arguments import Arguments, make_plan
from maggy.optimizer import AbstractOptimizer
from maggy.testing import OptimizerContract
from tests.waiting import eventually

FRAME = pd.DataFrame({"age": [1, 2], "fare": [3.0, 4.0], "survived": [0, 1]})


def study(**given: Any) -> AblationStudy:
    made = AblationStudy(**{"training_dataset_name": FRAME, "label_name": "survived", **given})
    made.features.include("age", "fare")
    return made


def features(dataset_function: Any) -> float:
    x, _ = dataset_function()
    return len(list(x)) + ("age" in x) / 2


def plan(train: Any = features, made: Any = None, **given: Any) -> Any:
    known = {"experiment_type": "ablation", "ablation_study": made or study()}
    return make_plan(Arguments(train, **{**known, **given}))


class Pairs(AbstractAblator):
    """The base and both features at once, the second only after a result."""

    def get_number_of_trials(self) -> int:
        return 2

    def get_dataset_generator(self, ablated_feature: str | None = None) -> Any:
        left_out = [] if ablated_feature is None else ablated_feature.split("+")
        return lambda: (FRAME.drop(columns=["survived", *left_out]), None)

    def get_model_generator(self, ablated_layer: str | None = None) -> Any:
        return None

    def initialize(self) -> None:
        self.trial_buffer = [
            Trial({"ablated_feature": name, "ablated_layer": "None"}) for name in ("None", "age+fare")
        ]

    def get_trial(self, ablation_trial: Trial | None = None) -> Any:
        if len(self.trial_buffer) == 1 and ablation_trial is None:
            return "IDLE"
        return self.trial_buffer.pop(0) if self.trial_buffer else None

    def finalize_experiment(self, trials: list[Trial]) -> None:
        self.finalized = len(trials)


class TestAblationSearch(OptimizerContract):
    space = irregular = study().searchspace()
    num_trials = 6

    def make(self) -> AbstractOptimizer:
        return AblationSearch(LOCO(), study(), repeats=2)

    def test_one_round_follows_the_other(self, optimizer: AbstractOptimizer) -> None:
        told = [t.params["ablated_feature"] for t in self.play(optimizer)]
        assert told == ["None", "age", "fare"] * 2
        assert optimizer.get_suggestion() is None
        optimizer.num_trials += 2  # a person adds some
        assert [optimizer.get_suggestion().params["ablated_feature"] for _ in range(2)] == ["None", "age"]  # type: ignore[union-attr]
        assert optimizer.get_suggestion() is None


def test_the_study_says_what_the_search_is() -> None:
    settings = plan(repeats=3, ablator="LOCO").settings
    assert (settings.num_trials, settings.optimizer, settings.es_policy) == (9, "LOCO", "none")
    assert settings.baseline == {"ablated_feature": "None", "ablated_layer": "None"}
    assert settings.max_failures == 9


def test_a_study_runs_on_workers(lagom: Any) -> None:
    given = {"experiment_type": "ablation", "ablation_study": study(), "searchspace": None, "num_trials": 1}
    found = lagom(features, **given, repeats=2).result(20)
    assert found["base"]["metric"] == 2.5
    assert [(e["component"], e["effect"], e["spread"]) for e in found["effects"]] == [
        ("age", -1.5, 0.0),
        ("fare", -1.0, 0.0),
    ]
    assert found["worst_config"]["ablated_feature"] == "age"


@pytest.mark.parametrize("ablator", [Pairs, Pairs()])
def test_an_ablator_of_the_users_own(lagom: Any, ablator: Any) -> None:
    given = {"experiment_type": "ablation", "ablation_study": study(), "searchspace": None, "num_trials": 1}
    found = lagom(features, **given, ablator=ablator).result(20)
    assert [(e["component"], e["effect"]) for e in found["effects"]] == [("age+fare", -2.5)]
    if isinstance(ablator, Pairs):
        eventually(lambda: hasattr(ablator, "finalized"), 10)
        assert ablator.finalized == 2


def own(rows: int, ablated_feature: str | None = None) -> tuple[int, str | None]:
    return rows, ablated_feature


def test_own_functions_get_what_the_training_function_passes(lagom: Any) -> None:
    made = study(dataset_generator=own)
    made.model.set_base_model_generator(lambda width: width)
    made.model.add_custom_model_generator(lambda width: 10 * width, "wide")

    def train(dataset_function: Any, model_function: Any, reporter: Any) -> float:
        rows, left_out = dataset_function(7)
        reporter.broadcast(rows)
        return rows + model_function(100) + (left_out == "age")

    given = {"experiment_type": "ablation", "ablation_study": made, "searchspace": None, "num_trials": 1}
    found = lagom(train, **given).result(20)
    effects = {e["component"]: e["effect"] for e in found["effects"]}
    assert effects == {"age": 1, "fare": 0, "Custom model: wide": 900}


def with_layers(base: Any = None) -> AblationStudy:
    made = study()
    made.model.layers.include("dense")
    if base is not None:
        made.model.set_base_model_generator(base)
    return made


def unknown_feature() -> AblationStudy:
    made = study()
    made.features.include("gone")
    return made


def no_data() -> AblationStudy:
    return study(training_dataset_name=None)


@pytest.mark.parametrize(
    ("train", "given", "why"),
    [
        (features, {"made": AblationStudy()}, "leaves nothing out"),
        (features, {"made": unknown_feature()}, "no column 'gone'; it has age, fare"),
        (features, {"made": no_data()}, "leaves out features, but has no data set"),
        (features, {"made": study(dataset_generator=lambda: 1)}, "does not take 'ablated_feature'"),
        (features, {"made": with_layers()}, "has no base model"),
        (features, {"made": with_layers(dict)}, "does not take 'model_function'"),
        (lambda x: x, {}, "map_fun takes 'x'; in an ablation it is given"),
        (7, {}, "map_fun must be a function"),
        (features, {"num_trials": 5}, "an ablation takes no num_trials"),
        (features, {"optimizer": "randomsearch"}, "an ablation takes no optimizer"),
        (features, {"es_policy": object()}, "an ablation takes no es_policy"),
        (features, {"searchspace": study().searchspace()}, "an ablation takes no searchspace"),
        (features, {"ablator": "shapley"}, "ablator must be 'loco' or"),
        (features, {"ablator": AbstractAblator}, "give an instance"),
        (features, {"repeats": 0}, "repeats must be a whole number"),
        (features, {"ablation_study": 7}, "ablation_study must be a maggy.ablation.AblationStudy"),
    ],
)
def test_what_cannot_run_is_refused_before_it_starts(train: Any, given: Any, why: str) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        plan(train, **given)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)
