"""Early stopping rules. `BY_NAME` lists those that `lagom(es_policy=...)` knows by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from maggy.earlystop.abstract import AbstractEarlyStop
from maggy.earlystop.asha import ASHARule
from maggy.earlystop.patience import PatienceRule
from maggy.earlystop.percentile import MedianRule, PercentileRule

BY_NAME: Mapping[str, Callable[[], AbstractEarlyStop]] = {
    "median": MedianRule,
    "percentile": PercentileRule,
    "patience": PatienceRule,
    "asha": ASHARule,
}

__all__ = ["BY_NAME", "ASHARule", "AbstractEarlyStop", "MedianRule", "PatienceRule", "PercentileRule"]
