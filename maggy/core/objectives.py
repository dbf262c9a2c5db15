"""Several objectives: what a trial returned of them, and which trials no other one surpasses. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable

from maggy.core.inputs import TrialReturned
from maggy.core.state import State
from maggy.trial import Trial


def read(returned: TrialReturned, state: State) -> tuple[float, dict[str, float] | None]:
    """The metric, and where there are several objectives all of them, in their order.

    Raises:
        ValueError: they are not the search's, or not finite; one line for people.
    """
    assert state.settings is not None
    directions, found = state.settings.directions, returned.objectives or {}
    for value in (returned.value, *found.values()):
        if not math.isfinite(value):
            raise ValueError(f"the training function returned {value}, which is no finite number")
    if not directions:
        return returned.value, None
    names = state.objectives or tuple(found)
    if len(names) != len(directions) or found.keys() != set(names):
        raise ValueError(
            f"the training function returned {_words(found)}, and the {len(directions)} objectives are "
            f"{_words(names)}"
        )
    return found[names[0]], {name: found[name] for name in names}


def pareto_front(state: State) -> list[Trial]:
    """The trials that no other one surpasses: none is better in one objective and as good in all others.

    Of several objectives only; trials that were stopped, and told no other than the first, are not among
    them. The best by the first objective comes first.
    """
    directions = state.settings.directions if state.settings else ()
    signs = [1.0 if direction == "max" else -1.0 for direction in directions]
    points = [
        (tuple(s * v for s, v in zip(signs, t.objectives.values(), strict=True)), t)
        for t in state.trials.values()
        if t.objectives
    ]
    # In this order a trial can be surpassed by earlier ones only; of two objectives the second one gets
    # better along the front, so that its last trial tells for all.
    points.sort(key=lambda point: point[0], reverse=True)
    nearest = -1 if len(signs) == 2 else 0
    front: list[tuple[tuple[float, ...], Trial]] = []
    for point, trial in points:
        if not any(_surpasses(other, point) for other, _ in front[nearest:]):
            front.append((point, trial))
    return [trial for _, trial in front]


def metric_name(state: State) -> str:
    """What the metric is called: the first objective's name, where it has one."""
    return state.objectives[0] if state.objectives else "metric"


def goal(state: State) -> str:
    """What is looked for: "max", "min loss", "max accuracy, min latency"."""
    assert state.settings is not None
    directions = state.settings.directions or (state.settings.direction,)
    words = zip(directions, state.objectives or [""] * len(directions), strict=True)
    return ", ".join(f"{direction} {name}".strip() for direction, name in words)


def _surpasses(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a != b and all(x >= y for x, y in zip(a, b, strict=True))


def _words(names: Iterable[str]) -> str:
    return ", ".join(f"{name!r:.60}" for name in names) or "without names"
