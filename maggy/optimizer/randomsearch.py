"""Random search and the single run."""

from __future__ import annotations

import random
from typing import ClassVar

from maggy.optimizer.abstract import AbstractOptimizer
from maggy.trial import Trial


class RandomSearch(AbstractOptimizer):
    """Independent draws from the search space (Bergstra & Bengio, JMLR 13, 2012).

    Args:
        seed: makes the sequence of draws repeatable; None draws afresh each time.
    """

    # Draws do not depend on results, so a few may wait ready.
    lookahead: ClassVar[int] = 16

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed

    def initialize(self) -> None:
        self._rng = random.Random(self._seed)

    def take_up(self, trials: list[Trial]) -> None:
        # With a seed the first draws would come again.
        for _ in (t for t in trials if t.created_by == "optimizer"):
            self.searchspace.sample(self._rng)

    def get_suggestion(self, trial: Trial | None = None) -> Trial:
        return Trial(self.searchspace.sample(self._rng))


class SingleRun(AbstractOptimizer):
    """The training function as it is, `num_trials` times, for a search without hyperparameters."""

    lookahead: ClassVar[int] = 16

    def get_suggestion(self, trial: Trial | None = None) -> Trial:
        return Trial({})
