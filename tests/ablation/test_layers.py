"""Layers are taken out of real Keras models."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from maggy.ablation import AblationStudy
from maggy.ablation.layers import without
from maggy.ablation.study import Removal

ROWS = np.ones((2, 4), "float32")


def sequential(*first: Any) -> Any:
    hidden = [layers.Dense(8, name="d1"), layers.Dense(6, name="d2"), layers.Dropout(0.5, name="drop")]
    return keras.Sequential([*first, *hidden, layers.Dense(1, name="out")])


def functional() -> Any:
    inputs = keras.Input((4,), name="in")
    one = layers.Dense(8, name="d1")(inputs)
    two = layers.Dense(8, name="d2")(one)
    joined = layers.Add(name="join")([one, two])
    narrow = layers.Dense(3, name="narrow")(joined)
    return keras.Model(inputs, layers.Dense(1, name="out")(narrow))


def names(model: Any) -> list[str]:
    return [layer.name for layer in model.layers if not isinstance(layer, layers.InputLayer)]


@pytest.mark.parametrize("first", [(), (keras.Input((4,)),)], ids=["not built", "built"])
def test_a_sequential_model_goes_on_behind_the_gap(first: Any) -> None:
    rest = without(lambda: sequential(*first), Removal(("d1",)))
    assert names(rest) == ["d2", "drop", "out"]
    assert rest(ROWS).shape == (2, 1)
    assert rest.get_layer("d2").kernel.shape == (4, 6)


def test_a_functional_model_goes_on_behind_the_gap() -> None:
    rest = without(functional, Removal(("d2",)))
    assert names(rest) == ["d1", "join", "narrow", "out"]
    kernel = functional()
    assert rest(ROWS).shape == kernel(ROWS).shape


def test_a_group_and_a_prefix_are_left_out_together() -> None:
    assert names(without(functional, Removal(("narrow", "d2")))) == ["d1", "join", "out"]
    assert names(without(functional, Removal(prefix="d"))) == ["join", "narrow", "out"]


def test_what_fits_keeps_its_weights_and_the_model_its_compilation() -> None:
    model = functional()
    model.compile("sgd", "mse")
    rest = without(lambda: model, Removal(("d2",)))
    np.testing.assert_array_equal(rest.get_layer("d1").kernel, model.get_layer("d1").kernel)
    assert rest.compiled
    rest.fit(ROWS, np.ones((2, 1)), verbose=0)
    assert "d2" in names(model)


def test_the_models_arguments_go_through() -> None:
    rest = without(lambda width: sequential(keras.Input((width,))), Removal(("drop",)), 9)
    assert rest.input_shape == (None, 9)


class Own(keras.Model):
    pass


def mismatched() -> Any:
    inputs = keras.Input((4,))
    wide = layers.Dense(8, name="wide")(inputs)
    wider = layers.Dense(8, name="wider")(layers.Dense(9, name="between")(wide))
    back = layers.Dense(4, name="back")(wider)
    return keras.Model(inputs, layers.Add(name="end")([inputs, back]))


@pytest.mark.parametrize(
    ("make", "removal", "why"),
    [
        (
            functional,
            Removal(("gone",)),
            "'gone' is not in the model; what can be left out: d1, d2, join, narrow",
        ),
        (functional, Removal(("out",)), "'out' is an input or output of the model and stays"),
        (functional, Removal(("in",)), "'in' is an input or output"),
        (sequential, Removal(("out",)), "'out' is an input or output"),
        (functional, Removal(prefix="conv"), "no layer's name starts with 'conv'"),
        (functional, Removal(("join",)), "'join' joins several others"),
        (mismatched, Removal(("back",)), "does not fit together without 'back'"),
        (Own, Removal(("d1",)), "not of a Own; use add_custom_model_generator"),
    ],
)
def test_what_cannot_be_left_out_is_told_in_one_line(make: Any, removal: Removal, why: str) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        without(make, removal)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_output_of_another_shape_is_refused() -> None:
    def images() -> Any:
        hidden = [layers.Flatten(name="flat"), layers.Dense(2, name="out")]
        return keras.Sequential([keras.Input((3, 3)), *hidden])

    with pytest.raises(ValueError, match=r"output is \(None, 3, 2\) instead of \(None, 2\)"):
        without(images, Removal(("flat",)))


def test_a_study_can_be_checked_beforehand() -> None:
    study = AblationStudy()
    study.model.layers.include("d2", "join", "gone")
    with pytest.raises(ValueError, match="has no base model"):
        study.model.check()
    study.model.set_base_model_generator(functional)
    with pytest.raises(ValueError, match="joins several others") as refused:
        study.model.check()
    lines = str(refused.value).splitlines()
    assert [line.split("'")[1] for line in lines] == ["join", "gone"]
    study.model.layers.exclude("join", "gone")
    study.model.check()
