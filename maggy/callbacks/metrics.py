"""What the callbacks have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def pick(metrics: Mapping[str, Any] | None, name: str, callback: str, advice: str) -> Any:
    """The metric of this name. Raises ValueError where it is not among those of the library."""
    if not metrics or name not in metrics:
        has = ", ".join(map(str, metrics or ())) or "no metrics"
        raise ValueError(f"{callback} finds no {name!r}, there is {has}; {advice}")
    return metrics[name]
