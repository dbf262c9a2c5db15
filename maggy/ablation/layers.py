"""Takes layers out of a Keras 3 model and joins what is left. Runs on executors; imports Keras when used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from maggy.wire import shown

if TYPE_CHECKING:
    from maggy.ablation.study import Removal


def without(make: Callable[..., Any], removal: Removal, *args: Any, **kwargs: Any) -> Any:
    """The model that `make(*args, **kwargs)` gives, without some of its layers.

    What came out of the layer before goes into the layer behind. Layers are new ones with the weights of
    the old, so pretrained ones stay that; where the input of one has another shape now, it starts afresh.
    A compiled model is compiled again.

    Raises:
        TypeError: it is neither a Sequential nor a functional model of Keras 3.
        ValueError: there is no such layer, it cannot be left out, or the rest does not fit together. One
            line that says what would be right.
    """
    import keras

    model = make(*args, **kwargs)
    removed = _removed(keras, model, removal)
    clone = _clone_sequential if isinstance(model, keras.Sequential) else _clone_functional
    try:
        rest = clone(keras, model, removed)
    except _NotRemovableError:
        raise
    except Exception as error:
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ValueError(
            f"the model does not fit together without {removal.label()!r}: {why[:300]}"
        ) from error
    _check_output(model, rest, removal)
    _copy_weights(model, rest)
    if model.compiled:
        rest.compile_from_config(model.get_compile_config())
    return rest


class _NotRemovableError(ValueError):
    pass


def _removed(keras: Any, model: Any, removal: Removal) -> set[str]:
    """The names of the layers to be left out."""
    if not isinstance(model, keras.Sequential) and not getattr(model, "inputs", None):
        raise TypeError(
            "layers can be left out of Sequential and functional Keras models, "
            f"not of a {type(model).__name__}; use add_custom_model_generator"
        )
    inner = _inner(keras, model)
    can = f"what can be left out: {', '.join(inner) or 'nothing'}"
    for name in removal.names:
        if name not in inner:
            stays = name in {layer.name for layer in model.layers}
            why = "is an input or output of the model and stays" if stays else "is not in the model"
            raise ValueError(f"layer {name!r:.80} {why}; {can}")
    found = {name for name in inner if removal.matches(name)}
    if not found:
        raise ValueError(f"no layer's name starts with {shown(removal.prefix)}; {can}")
    return found


def _inner(keras: Any, model: Any) -> list[str]:
    """The names of the layers that are neither input nor output."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    if isinstance(model, keras.Sequential):
        return [layer.name for layer in layers[:-1]]
    outputs = {tensor._keras_history.operation.name for tensor in model.outputs}
    return [layer.name for layer in layers if layer.name not in outputs]


def _clone_sequential(keras: Any, model: Any, removed: set[str]) -> Any:
    inputs = [keras.Input(batch_shape=t.shape, dtype=t.dtype) for t in (model.inputs if model.built else ())]
    layers = [_fresh(layer) for layer in model.layers if layer.name not in removed]
    return keras.Sequential([*inputs, *layers], name=model.name)


def _fresh(layer: Any) -> Any:
    return type(layer).from_config(layer.get_config())


def _clone_functional(keras: Any, model: Any, removed: set[str]) -> Any:
    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if layer.name not in removed:
            return layer(*args, **kwargs)
        if isinstance(args[0], (list, tuple, dict)):
            raise _NotRemovableError(
                f"layer {layer.name!r} joins several others and cannot be left out alone"
            )
        return args[0]

    return keras.models.clone_model(model, call_function=call)


def _check_output(model: Any, rest: Any, removal: Removal) -> None:
    if not (model.built and rest.built):
        return
    before, after = model.output_shape, rest.output_shape
    if before != after:
        raise ValueError(f"without {removal.label()!r} the model's output is {after} instead of {before}")


def _copy_weights(model: Any, rest: Any) -> None:
    old = {layer.name: layer.get_weights() for layer in model.layers} if model.built else {}
    for layer in rest.layers:
        weights = old.get(layer.name, [])
        if weights and [w.shape for w in weights] == [w.shape for w in layer.get_weights()]:
            layer.set_weights(weights)
