"""The forms in which `lagom` may be called, each turned into the one that `maggy.arguments` checks.

A config becomes keywords, an ablation a search, and a training function that takes one dict of
hyperparameters one that takes each by its name.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from maggy.ablation.ablator import BY_NAME as ABLATORS
from maggy.ablation.ablator import AbstractAblator
from maggy.ablation.data import Dataset
from maggy.ablation.search import AblationSearch, training_without
from maggy.ablation.study import FEATURE, AblationStudy
from maggy.experiment_config import LagomConfig
from maggy.objectives import KEY, Objectives
from maggy.wire import shown

OPTIMIZATION, ABLATION = "optimization", "ablation"


@dataclass(frozen=True)
class Arguments:
    """What `lagom` was given, as it was given; the defaults are those of `lagom`."""

    map_fun: Any = None
    searchspace: Any = None
    optimizer: Any = None
    direction: Any = "max"
    num_trials: Any = 1
    name: Any = "no-name"
    hb_interval: Any = 1
    es_policy: Any = "median"
    es_interval: Any = 300
    es_min: Any = 10
    description: Any = ""
    display: Any = None
    directory: Any = None
    max_failures: Any = None
    wait: Any = True
    train_fn: Any = None
    config: Any = None
    experiment_type: Any = OPTIMIZATION
    ablation_study: Any = None
    ablator: Any = "loco"
    repeats: Any = 1
    resume: Any = False
    trial_timeout: Any = None
    worker_timeout: Any = None
    optimization_key: Any = KEY


# How a run is watched is no matter of the experiment's, and may stand beside a config.
_BESIDE_A_CONFIG = frozenset(
    [
        "map_fun",
        "train_fn",
        "config",
        "display",
        "directory",
        "max_failures",
        "wait",
        "resume",
        "trial_timeout",
        "worker_timeout",
    ]
)
# What an ablation decides by itself.
_NOT_FOR_ABLATIONS = {
    "searchspace": "the study says what to leave out",
    "optimizer": "give an ablator",
    "num_trials": "the study says how many there are, and repeats how often each runs",
    "es_policy": "trials that are stopped cannot be compared",
}


def plain(given: Arguments) -> Arguments:
    """The same as a search by keywords.

    Raises:
        TypeError, ValueError: one line that says what does not go together, and what would be right.
    """
    given, more = _by_keywords(_one_function(given))
    given = replace(given, map_fun=_with_more(given.map_fun, more))
    if _is_ablation(given):
        return _as_search(given)
    return replace(given, map_fun=_by_name(given.map_fun, given.searchspace))


def _one_function(given: Arguments) -> Arguments:
    if given.train_fn is None:
        if given.map_fun is None:
            raise TypeError("map_fun must be a function, not None: lagom(train, ...)")
        return given
    if given.map_fun is not None:
        raise TypeError("lagom got the training function twice, as map_fun and as train_fn")
    return replace(given, map_fun=given.train_fn, train_fn=None)


def _by_keywords(given: Arguments) -> tuple[Arguments, dict[str, Any]]:
    """The settings of a config as keywords; what else it passes to the training function."""
    config = given.config
    if isinstance(given.searchspace, LagomConfig) and config is None:  # lagom(train, config)
        config, given = given.searchspace, replace(given, searchspace=None)
    if config is None:
        return given, {}
    if not isinstance(config, LagomConfig):
        raise TypeError(f"config must be one of maggy.experiment_config, not {shown(config)}")
    for one in fields(Arguments):
        if one.name not in _BESIDE_A_CONFIG and not _is_default(given, one.name):
            raise TypeError(f"lagom got a config and {one.name}; put {one.name} into the config, or use none")
    settings = {one.name: getattr(config, one.name) for one in fields(config)}
    more = {name: settings.pop(name, None) for name in ("model", "dataset")}
    return replace(given, config=None, **settings), {n: v for n, v in more.items() if v is not None}


def _with_more(train: Any, more: Mapping[str, Any]) -> Any:
    parameters = _parameters(train)
    for name in more:
        if parameters is not None and name not in parameters:
            raise ValueError(
                f"the config has a {name}, which map_fun does not take; add it to its parameters"
            )
    return partial(train, **more) if more else train


def _by_name(train: Any, space: Any) -> Any:
    """A function that takes hyperparameters by name, of one that takes them as the dict `hparams`."""
    parameters = _parameters(train) or {}
    if "hparams" not in parameters or (space is not None and "hparams" in space):
        return train

    def run(**hparams: Any) -> Any:
        return train(hparams=hparams)

    def run_reporting(reporter: Any, **hparams: Any) -> Any:
        return train(hparams=hparams, reporter=reporter)

    return run_reporting if "reporter" in parameters else run


def _parameters(train: Any) -> Mapping[str, inspect.Parameter] | None:
    try:
        return inspect.signature(train).parameters
    except (TypeError, ValueError):  # no function, or one written in C
        return None


def _is_ablation(given: Arguments) -> bool:
    if given.experiment_type not in (OPTIMIZATION, ABLATION):
        raise ValueError(
            f"experiment_type must be 'optimization' or 'ablation', not {shown(given.experiment_type)}"
        )
    for name in ("ablation_study", "ablator", "repeats") if given.experiment_type == OPTIMIZATION else ():
        if not _is_default(given, name):
            raise ValueError(f"{name} goes with experiment_type='ablation'")
    return bool(given.experiment_type == ABLATION)


def _as_search(given: Arguments) -> Arguments:
    """The search that an ablation is: its hyperparameters are what is left out."""
    for name, why in _NOT_FOR_ABLATIONS.items():
        if not _is_default(given, name) and not (name == "es_policy" and given.es_policy == "none"):
            raise ValueError(f"an ablation takes no {name}: {why}")
    if isinstance(given.repeats, bool) or not isinstance(given.repeats, int) or given.repeats < 1:
        raise ValueError(f"repeats must be a whole number of at least 1, not {shown(given.repeats)}")
    if Objectives.of(given.direction, given.optimization_key).several:
        raise ValueError(f"an ablation compares by one objective, not {shown(given.direction)}")
    study = _with_dataset(given.ablation_study)
    ablator = _ablator(given.ablator)
    ablator.setup(study, [])
    num_trials = ablator.get_number_of_trials() * given.repeats
    return replace(
        given,
        map_fun=training_without(given.map_fun, ablator),
        searchspace=study.searchspace(),
        optimizer=AblationSearch(ablator, study, given.repeats),
        num_trials=num_trials,
        es_policy="none",
        # A component that cannot be left out is a result; that all trials fail ends the study anyway.
        max_failures=num_trials if given.max_failures is None else given.max_failures,
    )


def _is_default(given: Arguments, name: str) -> bool:
    default = Arguments.__dataclass_fields__[name].default
    value = getattr(given, name)
    return value is default or (type(value) is type(default) and bool(value == default))


def _with_dataset(study: Any) -> AblationStudy:
    """The study, checked, with the function that makes its data set."""
    if not isinstance(study, AblationStudy):
        raise TypeError(f"ablation_study must be a maggy.ablation.AblationStudy, not {shown(study)}")
    if not study.components():
        raise ValueError("the ablation study leaves nothing out; include features or layers, or add a model")
    if len(set(study.model.labels())) < len(study.model.labels()):
        raise ValueError("two components of the model have the same name; rename a custom model or a layer")
    if study.model.labels() and study.model.base_model_generator is None:
        raise ValueError("the ablation study has no base model; use study.model.set_base_model_generator")
    made = copy.copy(study)
    made.dataset_generator = study.dataset()
    made.training_dataset_name = None  # which may be a DataFrame, and goes to no executor
    _check_features(made.dataset_generator, list(study.features))
    return made


def _check_features(dataset: Callable[..., Any] | None, features: list[str]) -> None:
    if features and dataset is None:
        raise ValueError(
            "the ablation study leaves out features, but has no data set; give it a DataFrame or a "
            "dataset_generator"
        )
    if isinstance(dataset, Dataset):
        dataset.check(features)
    elif dataset is not None and features and FEATURE not in (_parameters(dataset) or {}):
        raise ValueError(f"dataset_generator does not take {FEATURE!r}, the feature that it is to leave out")


def _ablator(given: Any) -> AbstractAblator:
    if isinstance(given, AbstractAblator):
        return given
    if isinstance(given, str) and given.lower() in ABLATORS:
        return ABLATORS[given.lower()]()
    if inspect.isclass(given) and issubclass(given, AbstractAblator):
        try:
            return given()
        except Exception as error:
            why = " ".join(str(error).split())
            raise TypeError(f"ablator: {given.__name__}() failed ({why}); give an instance") from error
    names = ", ".join(map(repr, ABLATORS))
    raise ValueError(f"ablator must be {names} or a maggy.ablation.AbstractAblator, not {shown(given)}")
