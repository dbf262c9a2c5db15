"""Early stopping rules. `BY_NAME` lists those that `lagom(es_policy=...)` knows by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from maggy.earlystop.abstract import AbstractEarlyStop
from maggy.earlystop.median import MedianRule

BY_NAME: Mapping[str, Callable[[], AbstractEarlyStop]] = {"median": MedianRule}

__all__ = ["BY_NAME", "AbstractEarlyStop", "MedianRule"]
