"""The door for ways to choose what is left out, and the one that is built in."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from maggy.ablation.layers import without
from maggy.ablation.study import BASE, FEATURE, AblationStudy
from maggy.trial import Trial

Generator = Callable[..., Any]


class AbstractAblator(ABC):
    """Chooses the trials of an ablation study. Subclass it and pass the class or an instance to `lagom`.

    On the driver it makes trials, whose parameters are `ablated_feature` and `ablated_layer`; "None" is
    nothing. On executors a copy of it turns these into functions. The trial in which both are "None" is
    the base that the others are compared with.

    Attributes, set before `initialize`:
        ablation_study: the study.
        final_store: list of the trials that ended with a metric, in the order in which they ended.
        trial_buffer: an empty list, for trials that wait.

    Class attribute:
        lookahead: as an optimizer's; 0, the default, if trials are chosen by results.
    """

    lookahead: ClassVar[int] = 0

    def __init__(
        self, ablation_study: AblationStudy | None = None, final_store: list[Trial] | None = None
    ) -> None:
        self.ablation_study = ablation_study or AblationStudy()
        self.final_store: list[Trial] = [] if final_store is None else final_store
        self.trial_buffer: list[Trial] = []

    @abstractmethod
    def get_number_of_trials(self) -> int:
        """How many trials there are, the base trial among them; without repeats."""

    @abstractmethod
    def get_dataset_generator(self, ablated_feature: str | None = None) -> Generator | None:
        """The function that makes the data set without this feature; called on executors.

        None where there is none, which is an error only if the training function wants one.
        """

    @abstractmethod
    def get_model_generator(self, ablated_layer: str | None = None) -> Generator | None:
        """The function that makes the model without this layer; called on executors. None as above."""

    @abstractmethod
    def initialize(self) -> None:
        """Called once before the first trial. May fill `trial_buffer`."""

    @abstractmethod
    def get_trial(self, ablation_trial: Trial | None = None) -> Trial | str | None:
        """The next trial; None when there are no more; "IDLE" to be asked again after the next trial's end.

        Args:
            ablation_trial: one that ended with a metric since the last call, None where there is none.
        """

    @abstractmethod
    def finalize_experiment(self, trials: list[Trial]) -> None:
        """Called once at the end, with every trial that ended with a metric."""

    def name(self) -> str:
        """What people are shown."""
        return type(self).__name__

    def setup(self, ablation_study: AblationStudy, final_store: list[Trial]) -> None:
        """Called by Maggy before `initialize`; sets the attributes."""
        self.ablation_study = ablation_study
        self.final_store = final_store
        self.trial_buffer = []


class LOCO(AbstractAblator):
    """Leaves one component out: the base trial, then one for each feature, layer, group and custom model.

    Lei, G'Sell, Rinaldo, Tibshirani & Wasserman, "Distribution-Free Predictive Inference for Regression",
    JASA 113, 2018, for features; the same is done here with the parts of a model.
    """

    # What is left out does not depend on results.
    lookahead: ClassVar[int] = 16

    def get_number_of_trials(self) -> int:
        return 1 + len(self.ablation_study.components())

    def get_dataset_generator(self, ablated_feature: str | None = None) -> Generator | None:
        made = self.ablation_study.dataset_generator
        if made is None or FEATURE not in inspect.signature(made).parameters:
            return made
        return partial(made, ablated_feature=ablated_feature)

    def get_model_generator(self, ablated_layer: str | None = None) -> Generator | None:
        model = self.ablation_study.model
        if ablated_layer is None:
            return model.base_model_generator
        custom, removal = model.custom(ablated_layer), model.removal(ablated_layer)
        if removal is None or model.base_model_generator is None:
            return custom
        return partial(without, model.base_model_generator, removal)

    def initialize(self) -> None:
        self.trial_buffer = [Trial(dict(params)) for params in (BASE, *self.ablation_study.components())]

    def get_trial(self, ablation_trial: Trial | None = None) -> Trial | None:
        return self.trial_buffer.pop(0) if self.trial_buffer else None

    def finalize_experiment(self, trials: list[Trial]) -> None:
        return


BY_NAME: dict[str, type[AbstractAblator]] = {"loco": LOCO}
