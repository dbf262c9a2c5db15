"""Rungs of rising budgets, on which trials climb: what ASHA and Hyperband have in common. Pure."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

from maggy.trial import Trial

BUDGET = "budget"


def budgets(lowest: float, highest: float, eta: float) -> list[float]:
    """The budgets of a ladder's rungs, rising: highest / eta^k down to the last that is not below lowest.

    Whole numbers (rounded) where both ends are whole.
    """
    whole = isinstance(lowest, int) and isinstance(highest, int)
    found = [highest]
    # The tolerance takes in 1 = 27 / 3 / 3 / 3 where it is computed as 0.999...
    while found[0] / eta >= lowest * (1 - 1e-9):
        found.insert(0, found[0] / eta)
    return list(dict.fromkeys(round(b) for b in found)) if whole else found


@dataclass(slots=True)
class Ladder:
    """One bracket of asynchronous successive halving.

    Attributes:
        rungs: the budgets, rising.
        eta: the best 1/eta of a rung may go on to the next.
        weight: its share of the new trials, relative to other ladders.
        started: how many trials began on its lowest rung.
    """

    rungs: list[float]
    eta: float
    weight: float = 1.0
    started: int = 0
    # Of each rung the trials that ended there, best first, as (score, order of arrival, trial).
    _ended: list[list[tuple[float, int, Trial]]] = field(default_factory=list)
    _promoted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._ended = [[] for _ in self.rungs]

    def holds(self, trial: Trial) -> bool:
        """Whether it has a rung of the trial's budget."""
        return trial.params.get(BUDGET) in self.rungs

    def rung_of(self, trial: Trial) -> int:
        """The trial's rung, 0 for the lowest."""
        return self.rungs.index(trial.params[BUDGET])

    def add(self, trial: Trial, score: float) -> None:
        """A trial ended on the rung of its budget; the lower its score the better."""
        rung = self._ended[self.rung_of(trial)]
        insort(rung, (score, len(rung), trial), key=lambda entry: entry[:2])

    def climbed(self, trial_id: str) -> None:
        """The trial goes on to the next rung."""
        self._promoted.add(trial_id)

    def next_promotion(self) -> tuple[Trial, float] | None:
        """The trial to go on and its next budget, from the highest rung that has one; None for none."""
        for k in reversed(range(len(self.rungs) - 1)):
            best = self._ended[k][: int(len(self._ended[k]) / self.eta)]
            for _, _, trial in best:
                # One that was stopped by a person or a rule has its metric, and goes no further.
                if trial.trial_id not in self._promoted and trial.status != Trial.STOPPED:
                    return trial, self.rungs[k + 1]
        return None

    def at_the_top(self) -> int:
        """How many trials ended on the highest rung, not counting those that a person asked for."""
        return sum(trial.created_by != "person" for _, _, trial in self._ended[-1])
