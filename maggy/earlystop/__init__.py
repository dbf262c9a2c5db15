"""Early stopping rules. `BY_NAME` lists those that `lagom(es_policy=...)` knows by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from maggy.earlystop.abstract import AbstractEarlyStop
from maggy.earlystop.asha import ASHARule
from maggy.earlystop.optunarule import OptunaRule, by_name
from maggy.earlystop.patience import PatienceRule
from maggy.earlystop.percentile import MedianRule, PercentileRule

BY_NAME: Mapping[str, Callable[[], AbstractEarlyStop]] = {
    "median": MedianRule,
    "percentile": PercentileRule,
    "patience": PatienceRule,
    "asha": ASHARule,
    **by_name(),
}

__all__ = [
    "BY_NAME",
    "ASHARule",
    "AbstractEarlyStop",
    "MedianRule",
    "OptunaRule",
    "PatienceRule",
    "PercentileRule",
]
