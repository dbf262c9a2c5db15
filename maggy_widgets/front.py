"""The first objective against the second one, as pictures show them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from maggy.core.objectives import pareto_front
from maggy.core.state import State
from maggy.trial import Trial
from maggy_widgets.axis import Axis, metric_axis, trimmed
from maggy_widgets.decimate import Point


class Plane:
    """The trials of a search with several objectives that told them.

    Args:
        log: whether axes may be logarithmic, where numbers go over orders of magnitude.

    Attributes:
        front: those that no other one surpasses, the best by the first objective first.
        others: all others, in the order of their numbers.
        x, y: axes for the second and for the first objective, which show all of the front.
        x_name, y_name: such as "latency, lower is better".
    """

    def __init__(self, state: State, log: bool = True) -> None:
        assert state.settings is not None
        self._log = None if log else False
        self.front = pareto_front(state)
        surpassing = {t.trial_id for t in self.front}
        told = [t for t in state.trials.values() if t.objectives]
        self.others = [t for t in told if t.trial_id not in surpassing]
        self.several = len(state.settings.directions)
        (self.y, self.y_name), (self.x, self.x_name) = (self._axis(state, told, index) for index in (0, 1))

    def steps(self) -> list[Point]:
        """The edge of what the front surpasses; of two objectives only.

        Of more, a trial may be on the front and be surpassed in the two that are seen.
        """
        if self.several != 2 or not self.front:
            return []
        points = [place(t) for t in self.front]
        found = points[:1]
        for before, after in pairwise(points):
            # The corner is as bad as the worse one in both.
            found += [(before[0], after[1]), after]
        return found

    def _axis(self, state: State, told: Sequence[Trial], index: int) -> tuple[Axis, str]:
        assert state.settings is not None
        direction = state.settings.directions[index]
        name = state.objectives[index] if state.objectives else f"objective {index + 1}"
        low, high = trimmed([value(t, index) for t in told], direction)
        front = [value(t, index) for t in self.front]
        better = "lower" if direction == "min" else "higher"
        shown = metric_axis([min([low, *front]), max([high, *front])], direction, self._log)
        return shown, f"{name}, {better} is better"


def place(trial: Trial) -> Point:
    """Where a trial that told its objectives is: the second across, the first up."""
    return value(trial, 1), value(trial, 0)


def value(trial: Trial, index: int) -> float:
    """What the trial told of an objective."""
    assert trial.objectives is not None
    return list(trial.objectives.values())[index]
