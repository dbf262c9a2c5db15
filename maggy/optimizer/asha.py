"""Asynchronous successive halving by promotion, and Hyperband over several brackets of it."""

from __future__ import annotations

import math
import random
from typing import Any, ClassVar

from maggy.optimizer.abstract import AbstractOptimizer
from maggy.optimizer.ladder import BUDGET, Ladder, budgets
from maggy.optimizer.randomsearch import draw_again
from maggy.trial import Trial


class ASHA(AbstractOptimizer):
    """Asynchronous successive halving, the variant that promotes (Li et al. 2018, arXiv 1810.05934, alg. 2).

    Every trial gets a `budget`, a keyword argument of the training function: how long it is to train, say
    in epochs. Random points start with the smallest one. Whenever a worker is free, the best 1/eta of a
    rung that have not gone on yet do so with eta times the budget, from the highest rung down; where there
    is none, a new random point starts. A promotion is a trial of its own with the same point; it can
    continue where the earlier one ended, if the training function saves its state (`reporter.save`).

    The search ends after `num_trials` trials, or when the top rung is full: when it holds
    num_trials / eta^k trials, at least 1, for a top rung k promotions up. Trials that a person adds run
    in any case.

    Args:
        reduction_factor: eta, above 1.
        resource_min, resource_max: the least budget and the budget of the top rung; whole numbers give
            whole budgets. The rungs are resource_max / eta^k.
        seed: makes the sequence of random points repeatable.

    Raises:
        ValueError: an argument is out of range.
    """

    stops_trials: ClassVar[bool] = True

    def __init__(
        self,
        reduction_factor: float = 3,
        resource_min: float = 1,
        resource_max: float = 27,
        seed: int | None = None,
    ) -> None:
        if not reduction_factor > 1 or math.isinf(reduction_factor):
            raise ValueError(f"reduction_factor must be above 1, not {reduction_factor!r}")
        if not 0 < resource_min < resource_max < math.inf:
            raise ValueError(
                f"0 < resource_min < resource_max is needed, not {resource_min!r} and {resource_max!r}"
            )
        self._eta = reduction_factor
        self._rungs = budgets(resource_min, resource_max, reduction_factor)
        self._seed = seed

    def extras(self) -> dict[str, Any]:
        return {BUDGET: self._rungs[-1]}

    def initialize(self) -> None:
        self._rng = random.Random(self._seed)
        self._ladders = self._make_ladders()
        self._ladder_of: dict[str, Ladder] = {}
        self._read = 0  # of final_store
        self._planned = self.num_trials

    def take_up(self, trials: list[Trial]) -> None:
        draw_again(trials, self.searchspace, self._rng)

    def get_suggestion(self, trial: Trial | None = None) -> Trial | None:
        self._take_notice()
        open_ladders = [ladder for ladder in self._ladders if not self._is_full(ladder)]
        for ladder in open_ladders:
            if (promotion := ladder.next_promotion()) is not None:
                return self._promote(ladder, *promotion)
        return self._begin(open_ladders) if open_ladders else None

    def _make_ladders(self) -> list[Ladder]:
        return [Ladder(self._rungs, self._eta)]

    def _is_full(self, ladder: Ladder) -> bool:
        share = self._planned * ladder.weight / sum(other.weight for other in self._ladders)
        room = max(1, int(share / self._eta ** (len(ladder.rungs) - 1)))
        return ladder.at_the_top() >= room and self.num_trials <= self._planned

    def _begin(self, ladders: list[Ladder]) -> Trial:
        ladder = min(ladders, key=lambda ladder: ladder.started / ladder.weight)
        point = self.searchspace.sample(self._rng)
        return self._placed(Trial({**point, BUDGET: ladder.rungs[0]}), ladder)

    def _promote(self, ladder: Ladder, trial: Trial, budget: float) -> Trial:
        return self._placed(Trial({**trial.params, BUDGET: budget}, parent=trial.trial_id), ladder)

    def _placed(self, trial: Trial, ladder: Ladder) -> Trial:
        self._ladder_of[trial.trial_id] = ladder
        if trial.parent is None:
            ladder.started += 1
        else:
            ladder.climbed(trial.parent)
        return trial

    # Not all trials need be of our suggesting: a person asks for some, and a search may be resumed.

    def _take_notice(self) -> None:
        sign = -1.0 if self.direction == "max" else 1.0
        ended, self._read = self.final_store[self._read :], len(self.final_store)
        for trial in ended:
            ladder = self._find(trial)
            if ladder is not None and trial.final_metric is not None:
                ladder.add(trial, sign * trial.final_metric)
        for trial in self.trial_store.values():
            self._find(trial)

    def _find(self, trial: Trial) -> Ladder | None:
        """The ladder that the trial is on, None where its budget is none of ours."""
        if trial.trial_id not in self._ladder_of:
            fitting = [ladder for ladder in self._ladders if ladder.holds(trial)]
            if not fitting:
                return None
            # The one that starts with this budget, if any: most trials never go on.
            first = min(fitting, key=lambda ladder: ladder.rung_of(trial))
            self._placed(trial, self._ladder_of.get(trial.parent or "", first))
        return self._ladder_of[trial.trial_id]


class Hyperband(ASHA):
    """Asynchronous Hyperband (Li et al., JMLR 18, 2018; run asynchronously as in arXiv 1810.05934, 3.3).

    As many brackets of `ASHA` as there are rungs: the first starts its trials with the least budget, the
    last with the full one, so that points which start slowly have their chance, too. A new trial starts in
    the bracket that is furthest behind its share, n_s = ceil((s_max + 1) / (s + 1) * eta^s), as many as
    Hyperband begins there. The search ends as ASHA does, when the top rungs of all brackets are full.

    Args: as `ASHA`, with the same defaults.
    """

    def _make_ladders(self) -> list[Ladder]:
        count = len(self._rungs)
        return [
            Ladder(self._rungs[k:], self._eta, math.ceil(count / (count - k) * self._eta ** (count - 1 - k)))
            for k in range(count)
        ]
