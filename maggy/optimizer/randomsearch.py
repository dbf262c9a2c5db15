"""Random search and the single run."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import ClassVar

from maggy.optimizer.abstract import AbstractOptimizer
from maggy.searchspace import Searchspace
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
        draw_again(trials, self.searchspace, self._rng)

    def get_suggestion(self, trial: Trial | None = None) -> Trial:
        return Trial(self.searchspace.sample(self._rng))


def draw_again(trials: Iterable[Trial], space: Searchspace, rng: random.Random) -> None:
    """Draws for each point that an optimizer drew before: with a seed, the same ones would come again."""
    for _ in (t for t in trials if t.created_by == "optimizer" and t.parent is None):
        space.sample(rng)


class SingleRun(AbstractOptimizer):
    """The training function as it is, `num_trials` times, for a search without hyperparameters."""

    lookahead: ClassVar[int] = 16

    def get_suggestion(self, trial: Trial | None = None) -> Trial:
        return Trial({})
