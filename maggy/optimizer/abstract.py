"""The door for search algorithms, Maggy's own and a user's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from maggy.searchspace import Searchspace
from maggy.trial import Trial

IDLE = "IDLE"


class AbstractOptimizer(ABC):
    """Suggests the trials of a search. Subclass it and pass an instance to `lagom`.

    All methods are called from one thread of the driver, one at a time. They may take their time:
    heartbeats, stops and other workers' trials go on meanwhile.

    Attributes, set before `initialize`:
        searchspace: the search space.
        num_trials: how many trials the search is to run; rises when a person adds some.
        direction: 'max' or 'min', of the first objective where there are several.
        directions: of all objectives; of the trials in `final_store` that returned, `objectives` has the
            values in this order, where there are several.
        final_store: list of the trials that ended with a metric, in the order in which they ended.
        trial_store: trial_id -> Trial of those that are waiting or running.

    Both stores hold trials, too, that a person asked for (`created_by == 'person'`).

    Class attributes:
        lookahead: how many suggestions may be taken before a worker is free for them. 0, the default,
            asks when a worker waits, with the newest results known. An optimizer that does not look at
            results may set more: a worker then never waits for it.
        baseline: the parameters of the trial that the result compares all others with, as in an ablation;
            None, the default, where there is none.
        stops_trials: True where it gives hopeless points less to do by itself, as ASHA does; the rule
            'median', which is the default, is left out then.
    """

    lookahead: ClassVar[int] = 0
    baseline: ClassVar[Mapping[str, Any] | None] = None
    stops_trials: ClassVar[bool] = False

    searchspace: Searchspace
    num_trials: int
    direction: str
    directions: tuple[str, ...]
    final_store: list[Trial]
    trial_store: dict[str, Trial]

    def initialize(self) -> None:
        """Called once before the first suggestion.

        May lower `num_trials`, where it is known already that there will be no more. A ValueError with one
        line refuses the search before it starts: the search space, say, does not suit the algorithm.
        """
        return

    def extras(self) -> Mapping[str, Any]:
        """What its trials have beside the search space's hyperparameters, such as ASHA's `budget`.

        The training function has to take these, too. Asked for before `setup`.

        Returns:
            Name -> the value for trials that a person asks for.
        """
        return {}

    def fit(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a trial that it suggests, as the search space has them, and its extras beside.

        Called with each suggestion. Override it where trials may lie outside the search space, as those of
        an ablator of one's own.

        Raises:
            ValueError: the search space has no such point, or an extra is missing; in a line.
        """
        extras = self.extras()
        for name in extras:
            if name not in params:
                raise ValueError(f"{name!r} is missing, which extras() promises")
        own = {name: value for name, value in params.items() if name not in extras}
        return {**self.searchspace.fit(own), **{name: params[name] for name in extras}}

    def take_up(self, trials: list[Trial]) -> None:
        """Called after `initialize` where the search was begun by another driver, whose optimizer is gone.

        Args:
            trials: all so far, in the order of their numbers, failed ones and those of a person too. The
                stores hold those that are in them at any other time.
        """
        return

    @abstractmethod
    def get_suggestion(self, trial: Trial | None = None) -> Trial | str | None:
        """The next trial.

        Args:
            trial: one that ended with a metric since the last call and was not passed yet; None where
                there is none. Each such trial is passed once while suggestions are still asked for.

        Returns:
            A new `Trial(params)`, or `Trial(params, parent=trial_id)` for one that goes on where another
            ended. Its params must be a point of the search space, and have the extras; the first that is
            not ends the search as failed. None when there will be no more (you are asked again if a person
            adds trials); "IDLE" to be asked again after the next trial's end, or a second later. "IDLE"
            while no trial waits or runs ends the search.
        """

    def finalize_experiment(self, trials: list[Trial]) -> None:
        """Called once at the end, with every trial that ended with a metric."""
        return

    def setup(
        self, searchspace: Searchspace, num_trials: int, direction: str, directions: Sequence[str] = ()
    ) -> None:
        """Called by Maggy before `initialize`; sets the attributes. One objective needs no `directions`."""
        self.searchspace = searchspace
        self.num_trials = num_trials
        self.direction = direction
        self.directions = tuple(directions) or (direction,)
        self.final_store = []
        self.trial_store = {}

    def name(self) -> str:
        """What people are shown."""
        return type(self).__name__

    @staticmethod
    def create_trial(params: dict[str, Any]) -> Trial:
        """A new trial of these hyperparameters."""
        return Trial(params)
