"""The door for early stopping rules, Maggy's own and a user's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from maggy.trial import Trial


class AbstractEarlyStop(ABC):
    """Decides which running trials to stop. Subclass it and pass an instance (or the class) to `lagom`."""

    def initialize(self, direction: str) -> None:
        """Called once before an experiment starts; a rule that remembers what it saw forgets it here.

        Args:
            direction: 'max' or 'min'.
        """
        return

    @abstractmethod
    def earlystop_check(
        self, to_check: dict[str, Trial], finalized_trials: list[Trial], direction: str
    ) -> Sequence[str] | Mapping[str, str]:
        """The ids of the trials to stop. May be a static method.

        Called in a thread of the driver at most every `es_interval` seconds, once `es_min` trials are
        final and metrics have come since the last call.

        Args:
            to_check: trial_id -> running trial, with its metrics so far.
            finalized_trials: the trials that ended with a metric, in the order in which they ended.
            direction: 'max' or 'min'.

        Returns:
            A list of ids, or a dict id -> reason in words a person can read.
        """

    def thresholds(
        self, steps: list[int], finalized_trials: list[Trial], direction: str
    ) -> Sequence[float | None]:
        """What a trial that has come to each of these steps is compared with: for people to see, no more.

        Args:
            steps: rising.
            finalized_trials, direction: as for `earlystop_check`.

        Returns:
            As many thresholds as steps, None where there is none. A rule without any need not have this.
        """
        return [None] * len(steps)

    def name(self) -> str:
        """What people are shown."""
        return type(self).__name__
