"""What an ablation study leaves out: features of the data set, layers of the model, whole models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from maggy.ablation.data import dataset_of
from maggy.ablation.layers import without
from maggy.searchspace import Searchspace
from maggy.wire import shown

FEATURE, LAYER = "ablated_feature", "ablated_layer"
# The value of both in the base trial, as in Maggy 0.4.
NOTHING = "None"
BASE = {FEATURE: NOTHING, LAYER: NOTHING}


@dataclass(frozen=True, slots=True)
class Removal:
    """Which layers a trial goes without: those of these names, or all whose names start with `prefix`."""

    names: tuple[str, ...] = ()
    prefix: str | None = None

    def label(self) -> str:
        """What people are shown."""
        return " + ".join(self.names) if self.prefix is None else f"{self.prefix}*"

    def matches(self, name: str) -> bool:
        """Whether the layer of this name is left out."""
        return name in self.names or (self.prefix is not None and name.startswith(self.prefix))


class AblationStudy:
    """Describes an ablation study; `lagom(..., ablation_study=study)` runs it.

    >>> study = AblationStudy(titanic, None, label_name="survived")      # a pandas or Spark DataFrame
    >>> study.features.include("pclass", "fare")
    >>> study.model.set_base_model_generator(build)
    >>> study.model.layers.include("dense_two", "dense_three")
    >>> study.model.layers.include_groups(prefix="dense_")

    Args:
        training_dataset_name: a pandas DataFrame; a Spark DataFrame, which is collected once on the driver;
            the path of Parquet files, which executors read; or the name of a table of Spark's catalog.
        training_dataset_version: goes with a table's name: `name_version` is looked up first, as feature
            stores name their tables.
        label_name: the column to predict.
        dataset_generator: makes the data set in place of all this. Called on an executor, for each trial,
            with what the training function passes to `dataset_function`, and `ablated_feature`, the name
            of the feature to leave out or None, where it takes that.

    Attributes:
        features: the features to leave out, one by one.
        model: the model and what to leave out of it.
    """

    def __init__(
        self,
        training_dataset_name: Any = None,
        training_dataset_version: int | None = None,
        label_name: str | None = None,
        dataset_generator: Callable[..., Any] | None = None,
    ) -> None:
        self.training_dataset_name = training_dataset_name
        self.training_dataset_version = training_dataset_version
        self.label_name = label_name
        self.features = Features()
        self.model = Model()
        self.dataset_generator: Callable[..., Any] | None = None
        if dataset_generator is not None:
            self.set_dataset_generator(dataset_generator)

    def set_dataset_generator(self, dataset_generator: Callable[..., Any]) -> None:
        """Sets the function that makes the data set. Raises TypeError where it is none."""
        self.dataset_generator = _function("dataset_generator", dataset_generator)

    def dataset(self) -> Callable[..., Any] | None:
        """The function that makes the data set without a feature, None where the study has no data set.

        Raises:
            TypeError, ValueError: the data set cannot be had, or has no such label.
        """
        if self.dataset_generator is not None or self.training_dataset_name is None:
            return self.dataset_generator
        return dataset_of(self.training_dataset_name, self.training_dataset_version, self.label_name)

    def components(self) -> list[dict[str, str]]:
        """Of each component the parameters of the trial that goes without it."""
        features = [{**BASE, FEATURE: name} for name in self.features]
        return features + [{**BASE, LAYER: label} for label in self.model.labels()]

    def searchspace(self) -> Searchspace:
        """All that may be left out, as a search space."""
        features, layers = [NOTHING, *self.features], [NOTHING, *self.model.labels()]
        return Searchspace(**{FEATURE: ("CATEGORICAL", features), LAYER: ("CATEGORICAL", layers)})

    def to_dict(self) -> dict[str, Any]:
        """The study's configuration as a dict."""
        return {
            "training_dataset_name": str(self.training_dataset_name),
            "training_dataset_version": self.training_dataset_version,
            "label_name": self.label_name,
            "included_features": list(self.features),
            "included_layers": list(self.model.layers),
            "included_groups": [group.label() for group in self.model.layers.groups()],
            "custom_models": list(self.model.custom_model_generators),
            "custom_dataset_generator": self.dataset_generator is not None,
        }


class Features:
    """The features that a study leaves out, in the order in which they were included."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def include(self, *names: str | list[str]) -> None:
        """Adds features, given as names or lists of names. Raises ValueError for anything else."""
        self._names.update(dict.fromkeys(_names("features.include", names)))

    def exclude(self, *names: str | list[str]) -> None:
        """Takes features out again. Raises ValueError for one that is not in the study."""
        for name in _names("features.exclude", names):
            _take_out(self._names, name, "feature")

    def list_all(self) -> None:
        """Prints the features."""
        print("\n".join(self._names))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)


class Model:
    """The model of a study.

    Attributes:
        layers: the layers to leave out.
        base_model_generator: makes the model with everything in it; None where there is none.
        custom_model_generators: name -> function of other models to compare it with.
    """

    def __init__(self) -> None:
        self.layers = Layers()
        self.base_model_generator: Callable[..., Any] | None = None
        self.custom_model_generators: dict[str, Callable[..., Any]] = {}

    def set_base_model_generator(self, base_model_generator: Callable[..., Any]) -> None:
        """Sets the function that makes the base model, a Keras model where layers are left out.

        It is called on an executor, for each trial, with what the training function passes to
        `model_function`. Raises TypeError where it is no function.
        """
        self.base_model_generator = _function("base_model_generator", base_model_generator)

    def add_custom_model_generator(
        self, custom_model_generator: Callable[..., Any], model_identifier: str
    ) -> None:
        """Adds a model of any kind, which makes one trial.

        Raises:
            TypeError: it is no function.
            ValueError: the name is none.
        """
        [name] = _names("add_custom_model_generator", (model_identifier,))
        self.custom_model_generators[name] = _function("custom_model_generator", custom_model_generator)

    def check(self, *args: Any, **kwargs: Any) -> None:
        """Makes every model of the study here and now, to find out before a study what cannot be left out.

        Not done by itself, since it loads Keras, and with it perhaps a GPU, into the driver.

        Args:
            args, kwargs: what the training function passes to `model_function`.

        Raises:
            ValueError: some models cannot be made; a line for each.
        """
        problems = []
        for removal in self.layers.removals():
            try:
                without(self.base_model_generator or _no_model, removal, *args, **kwargs)
            except (TypeError, ValueError) as error:
                problems.append(str(error))
        if problems:
            raise ValueError("\n".join(problems))

    def labels(self) -> list[str]:
        """Of each component of the model how people are shown it: layers, groups, then custom models."""
        removals = [removal.label() for removal in self.layers.removals()]
        return removals + [_custom(name) for name in self.custom_model_generators]

    def removal(self, label: str) -> Removal | None:
        """What the label leaves out of the base model; None where it is a custom model's."""
        return next((r for r in self.layers.removals() if r.label() == label), None)

    def custom(self, label: str) -> Callable[..., Any] | None:
        """The custom model's function that the label stands for."""
        return {_custom(name): made for name, made in self.custom_model_generators.items()}.get(label)


class Layers:
    """The layers that a study leaves out: one by one, and in groups."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._groups: dict[Removal, None] = {}

    def include(self, *names: str | list[str]) -> None:
        """Adds layers, given as names or lists of names. Raises ValueError for anything else."""
        self._names.update(dict.fromkeys(_names("layers.include", names)))

    def exclude(self, *names: str | list[str]) -> None:
        """Takes layers out again. Raises ValueError for one that is not in the study."""
        for name in _names("layers.exclude", names):
            _take_out(self._names, name, "layer")

    def include_groups(self, *groups: list[str], prefix: str | None = None) -> None:
        """Adds groups of layers that are left out together.

        Args:
            groups: lists of two or more names each.
            prefix: the start of the names of one more group.

        Raises:
            ValueError: anything else, or neither.
        """
        self._groups.update(dict.fromkeys(_groups("layers.include_groups", groups, prefix)))

    def exclude_groups(self, *groups: list[str], prefix: str | None = None) -> None:
        """Takes groups out again. Raises ValueError for one that is not in the study."""
        for group in _groups("layers.exclude_groups", groups, prefix):
            _take_out(self._groups, group, "group")

    def groups(self) -> list[Removal]:
        """The groups."""
        return list(self._groups)

    def removals(self) -> list[Removal]:
        """What is left out, a trial each."""
        return [*(Removal((name,)) for name in self._names), *self._groups]

    def print_all(self) -> None:
        """Prints the layers that are left out one by one."""
        print("\n".join(self._names))

    def print_all_groups(self) -> None:
        """Prints the groups; `dense*` is all layers whose names start with dense."""
        print("\n".join(group.label() for group in self._groups))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)


def _names(method: str, given: tuple[Any, ...]) -> list[str]:
    """The names, of which some came in lists."""
    names: list[Any] = []
    for one in given:
        names += one if isinstance(one, (list, tuple)) else [one]
    for name in names:
        if not isinstance(name, str) or not name or name == NOTHING:
            raise ValueError(f"{method} takes names, as strings or lists of strings, not {shown(name)}")
    return names


def _groups(method: str, given: tuple[Any, ...], prefix: Any) -> list[Removal]:
    if not given and prefix is None:
        raise ValueError(f"{method} takes lists of layers' names, or prefix='...'")
    groups = [_group(method, names) for names in given]
    if prefix is None:
        return groups
    if not isinstance(prefix, str) or not prefix:
        raise ValueError(f"{method}: prefix must be the start of layers' names, not {shown(prefix)}")
    return [*groups, Removal(prefix=prefix)]


def _group(method: str, given: Any) -> Removal:
    if not isinstance(given, (list, tuple, set, frozenset)) or len(given) < 2:
        raise ValueError(
            f"{method} takes lists of two or more names, not {shown(given)}; layers.include takes one"
        )
    # The same group in another order is the same group.
    return Removal(tuple(sorted(_names(method, tuple(given)))))


def _take_out(known: dict[Any, None], one: Any, noun: str) -> None:
    if one not in known:
        label = one.label() if isinstance(one, Removal) else one
        raise ValueError(f"{noun} {shown(label)} is not in the study")
    del known[one]


def _function(argument: str, given: Any) -> Callable[..., Any]:
    if not callable(given):
        raise TypeError(f"{argument} must be a function, not {shown(given)}")
    return given  # type: ignore[no-any-return]


def _no_model(*args: Any, **kwargs: Any) -> Any:
    raise ValueError("the study has no base model; use set_base_model_generator")


def _custom(name: str) -> str:
    return f"Custom model: {name}"
