"""How much each hyperparameter matters on its own. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from maggy.trial import Trial

# Below so many trials there is nothing to say.
FEWEST = 8
MOST_BINS = 5


def importance(trials: Iterable[Trial]) -> dict[str, float] | None:
    """The share of the metric's variance that each hyperparameter explains on its own.

    This is epsilon squared, the correlation ratio with its bias taken out (T. L. Kelley, "An unbiased
    correlation ratio measure", Proceedings of the National Academy of Sciences 21(9), 1935). The trials
    are put into groups: by value, or, for a number with more than five values, into up to five groups of
    about equal size in the order of the values, so that a log scale makes no difference. With n trials in
    k groups, and sums of squares around the groups' means (within) and around the mean of all (total),

        epsilon squared = 1 - (within / (n - k)) / (total / (n - 1)).

    A hyperparameter without any effect has 0 on average; what falls below 0 by chance is given as 0.

    It sees main effects only: two hyperparameters that matter only together have 0 each, and the shares
    need not add up to 1. Variance is moved most by the worst trials, so a few that diverge can be all it
    tells about. Trials stopped early count with their last metric. An optimizer that has settled on good
    values of a hyperparameter makes it look less important than it is.

    A hyperparameter that some trials lack is judged by those that have it: the share is one of their
    variance, and where fewer than eight have it, it is left out.

    Args:
        trials: those without a final metric are passed over.

    Returns:
        Name -> share from 0 to 1, the largest first. None where fewer than eight trials have a metric.
    """
    measured = [(t.params, t.final_metric) for t in trials if t.final_metric is not None]
    if len(measured) < FEWEST:
        return None
    metrics = _scaled([metric for _, metric in measured])
    names = dict.fromkeys(name for params, _ in measured for name in params)
    shares = {}
    for name in names:
        own = [(p[name], m) for (p, _), m in zip(measured, metrics, strict=True) if name in p]
        if len(own) >= FEWEST:
            shares[name] = epsilon_squared(groups([value for value, _ in own]), [m for _, m in own])
    return dict(sorted(shares.items(), key=lambda pair: -pair[1]))


def epsilon_squared(labels: Sequence[Any], metrics: Sequence[float]) -> float:
    """The share, from 0 to 1, of the metrics' variance that lies between the groups.

    Args:
        labels: hashable, the group of each metric.
        metrics: as many, finite.

    Returns:
        0 where the metrics are all the same, or every one has a group of its own.
    """
    members = defaultdict(list)
    for group, metric in zip(labels, metrics, strict=True):
        members[group].append(metric)
    n, k, total = len(metrics), len(members), _squares(metrics)
    if n <= k or total == 0:
        return 0.0
    within = sum(_squares(group) for group in members.values())
    return min(1.0, max(0.0, 1.0 - (within / (n - k)) / (total / (n - 1))))


def groups(values: Sequence[Any]) -> list[Any]:
    """The group of each value: the value itself, or its bin. Equal numbers are in the same bin."""
    if not all(type(v) in (int, float) for v in values):
        return [repr(v) for v in values]
    ordered = sorted(values)
    if len(set(values)) <= MOST_BINS:
        return list(values)
    # A bin with fewer than four trials has no mean to speak of.
    bins = min(MOST_BINS, len(values) // 4)
    cuts = [ordered[len(ordered) * b // bins] for b in range(1, bins)]
    return [bisect_right(cuts, v) for v in values]


def _scaled(metrics: Sequence[float]) -> list[float]:
    """The same, between -1 and 1, so that no square is too large for a float."""
    largest = max(abs(m) for m in metrics) or 1.0
    return [m / largest for m in metrics]


def _squares(values: Sequence[float]) -> float:
    """The sum of squared deviations from the mean."""
    mean = sum(values) / len(values)
    return sum((v - mean) ** 2 for v in values)
