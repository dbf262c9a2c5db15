"""What a study leaves out, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from maggy.ablation import AblationStudy


def study() -> AblationStudy:
    made = AblationStudy()
    made.features.include("age", ["fare", "sex"], "age")
    made.model.layers.include("one", ["two"])
    made.model.layers.include_groups(["two", "one"], ["one", "three"], prefix="conv")
    made.model.add_custom_model_generator(dict, "small")
    return made


def left_out(made: AblationStudy) -> list[str]:
    return [" ".join(v for v in params.values() if v != "None") for params in made.components()]


def test_each_component_once_in_the_order_in_which_it_came() -> None:
    expected = [
        "age",
        "fare",
        "sex",
        "one",
        "two",
        "one + two",
        "one + three",
        "conv*",
        "Custom model: small",
    ]
    assert left_out(study()) == expected


def test_what_is_excluded_is_out_again() -> None:
    made = study()
    made.features.exclude("age", ["sex"])
    made.model.layers.exclude("one")
    made.model.layers.exclude_groups(["one", "two"], prefix="conv")
    assert left_out(made) == ["fare", "two", "one + three", "Custom model: small"]


def test_all_that_may_be_left_out_is_a_search_space() -> None:
    space = study().searchspace()
    assert space.ablated_feature == ["None", "age", "fare", "sex"]
    assert space.fit({"ablated_feature": "age", "ablated_layer": "conv*"})


def test_the_lists_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    study().features.list_all()
    study().model.layers.print_all()
    study().model.layers.print_all_groups()
    assert capsys.readouterr().out.split("\n") == [
        *("age", "fare", "sex", "one", "two", "one + two", "one + three", "conv*", "")
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda s: s.features.include(7), "features.include takes names"),
        (lambda s: s.features.include(["None"]), "not 'None'"),
        (lambda s: s.features.exclude("nobody"), "feature 'nobody' is not in the study"),
        (lambda s: s.model.layers.include(None), "layers.include takes names"),
        (lambda s: s.model.layers.exclude("nobody"), "layer 'nobody' is not in the study"),
        (lambda s: s.model.layers.include_groups(), "takes lists of layers' names, or prefix"),
        (lambda s: s.model.layers.include_groups(["one"]), "layers.include takes one"),
        (lambda s: s.model.layers.include_groups("one"), "lists of two or more"),
        (lambda s: s.model.layers.include_groups(prefix=7), "prefix must be the start"),
        (lambda s: s.model.layers.exclude_groups(prefix="x"), "group 'x*' is not in the study"),
        (lambda s: s.model.set_base_model_generator("model"), "base_model_generator must be a function"),
        (lambda s: s.model.add_custom_model_generator(dict, 7), "add_custom_model_generator takes names"),
        (lambda s: s.set_dataset_generator(7), "dataset_generator must be a function"),
    ],
)
def test_what_makes_no_sense_is_refused(change: Any, why: str) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        change(study())
    assert why in str(refused.value)


def test_it_is_told_as_a_dict() -> None:
    told = study().to_dict()
    assert told["included_groups"] == ["one + two", "one + three", "conv*"]
    assert told["custom_dataset_generator"] is False
