"""An ablation study as a search: the ablator behind an optimizer, the study's functions behind a trial."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from maggy.ablation.ablator import AbstractAblator
from maggy.ablation.study import BASE, NOTHING, AblationStudy
from maggy.optimizer.abstract import AbstractOptimizer
from maggy.trial import Trial
from maggy.wire import shown

DATASET_FUNCTION, MODEL_FUNCTION = "dataset_function", "model_function"


class AblationSearch(AbstractOptimizer):
    """Suggests what an ablator chooses, and that again for each repeat.

    One round follows the other, so a study that is stopped has all components equally often, as far as it
    went. Trials that a person adds make a further round.

    Args:
        ablator: of the study.
        study: what to leave out.
        repeats: how often each trial runs.
    """

    baseline = BASE

    def __init__(self, ablator: AbstractAblator, study: AblationStudy, repeats: int = 1) -> None:
        self.lookahead = ablator.lookahead  # type: ignore[misc]
        self._ablator = ablator
        self._study = study
        self._repeats = repeats

    def initialize(self) -> None:
        self._ablator.setup(self._study, self.final_store)
        self._ablator.initialize()
        self._round: list[dict[str, Any]] = []
        self._chosen = False
        self._made = 0
        self._planned = self.num_trials

    def get_suggestion(self, trial: Trial | None = None) -> Trial | str | None:
        if not self._chosen:
            choice = self._ablator.get_trial(trial)
            if choice is not None:
                if isinstance(choice, Trial):
                    self._round.append(dict(choice.params))
                return choice
            self._chosen = True
        return self._again()

    def fit(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """An ablator may choose what the study does not list, such as two features at a time."""
        for name in BASE:
            if not isinstance(params.get(name), str):
                raise ValueError(f"{name!r} must be a string, {NOTHING!r} for nothing, in {params!r:.80}")
        for name in params:
            if name not in BASE:
                raise ValueError(f"an ablation's trial has {' and '.join(BASE)}, not {name!r:.80}")
        return dict(params)

    def finalize_experiment(self, trials: list[Trial]) -> None:
        self._ablator.finalize_experiment(trials)

    def name(self) -> str:
        return self._ablator.name()

    def _again(self) -> Trial | None:
        wanted = len(self._round) * (self._repeats - 1) + self.num_trials - self._planned
        if not self._round or self._made >= wanted:
            return None
        params = self._round[self._made % len(self._round)]
        self._made += 1
        return Trial(dict(params))


def training_without(train: Callable[..., Any], ablator: AbstractAblator) -> Callable[..., Any]:
    """The training function of the search: what to leave out goes in, the study's functions go on.

    Args:
        train: takes `dataset_function`, `model_function` or both, and `reporter` if it wants to.

    Raises:
        ValueError: it takes something else, or does not take what the study leaves something out of.
    """
    parameters = _parameters(train)
    _check(parameters, ablator.ablation_study)
    ablator = copy.copy(ablator)  # a function is sent as it is now; the driver's ablator goes on
    wants_data, wants_model = (_takes(parameters, name) for name in (DATASET_FUNCTION, MODEL_FUNCTION))

    def run(ablated_feature: str, ablated_layer: str, **more: Any) -> Any:
        if wants_data:
            made = ablator.get_dataset_generator(_or_none(ablated_feature))
            more[DATASET_FUNCTION] = _there(made, "data set", ablated_feature)
        if wants_model:
            made = ablator.get_model_generator(_or_none(ablated_layer))
            more[MODEL_FUNCTION] = _there(made, "model", ablated_layer)
        return train(**more)

    def run_reporting(ablated_feature: str, ablated_layer: str, reporter: Any) -> Any:
        return run(ablated_feature, ablated_layer, reporter=reporter)

    def run_quietly(ablated_feature: str, ablated_layer: str) -> Any:
        return run(ablated_feature, ablated_layer)

    return run_reporting if "reporter" in parameters else run_quietly


def _parameters(train: Any) -> Mapping[str, inspect.Parameter]:
    if not callable(train):
        raise TypeError(f"map_fun must be a function, not {shown(train)}")
    return inspect.signature(train).parameters


def _check(parameters: Mapping[str, inspect.Parameter], study: AblationStudy) -> None:
    given = (DATASET_FUNCTION, MODEL_FUNCTION, "reporter")
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for p in parameters.values():
        if p.name not in given and p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
            raise ValueError(f"map_fun takes {p.name!r}; in an ablation it is given {', '.join(given)}")
    uses = {DATASET_FUNCTION: list(study.features), MODEL_FUNCTION: study.model.labels()}
    for name, left_out in uses.items():
        if left_out and name not in parameters and not takes_all:
            raise ValueError(f"map_fun does not take {name!r}, though the study leaves out {left_out[0]!r}")


def _takes(parameters: Mapping[str, inspect.Parameter], name: str) -> bool:
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _or_none(label: str) -> str | None:
    return None if label == NOTHING else label


def _there(made: Callable[..., Any] | None, noun: str, label: str) -> Callable[..., Any]:
    if made is None:
        without = "" if label == NOTHING else f" without {label!r}"
        raise ValueError(f"the ablator gives no function that makes the {noun}{without}")
    return made
