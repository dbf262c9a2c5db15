"""Axes: from data to a place between 0 and 1, and round numbers to write beside them. Pure."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """The stretch from `low` to `high` (low < high, both finite; above 0 where `log` is set)."""

    low: float
    high: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where the value is: 0 at `low`, 1 at `high`, beyond these outside."""
        if self.log:
            low = math.log(self.low)
            return (math.log(value) - low if value > 0 else -1e9) / (math.log(self.high) - low)
        # Halved, as the difference of two floats may be infinite.
        return (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)

    def ticks(self, most: int = 7) -> list[float]:
        """At most `most` round values on the axis, ascending."""
        return _log_ticks(self, most) if self.log else _round_steps(self, most)


def label(tick: float) -> str:
    """A tick in few characters: "0.25", "400", "1e-05", "2.5e6"."""
    if tick != 0 and not 1e-4 <= abs(tick) < 1e6:
        digits, power = f"{tick:e}".split("e")
        return f"{float(digits):.6g}e{int(power)}"
    return f"{tick:.10g}"


def around(values: Sequence[float], whole: bool = False) -> Axis:
    """The axis over all the values, which are finite; from 0 to 1 where there is none."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    return Axis(low, high) if _apart(low, high) else Axis(*_widened(low, 1.0 if whole else 0.0))


def trimmed(values: Sequence[float], direction: str) -> tuple[float, float]:
    """The range of a metric's finite values; 0 to 1 where there is none.

    It reaches to the best value. A few values far on the bad side, as of trials that diverge, are outside.
    """
    if not values:
        return 0.0, 1.0
    ordered = sorted(values)
    cut = len(ordered) // 50
    low, high = ordered[0], ordered[-1]
    inner = (ordered[cut], high) if direction == "max" else (low, ordered[-1 - cut])
    far = high / 2 - low / 2 > 1.5 * (inner[1] / 2 - inner[0] / 2)
    return inner if far and inner[0] < inner[1] else (low, high)


def metric_axis(values: Sequence[float], direction: str, log: bool | None = None) -> Axis:
    """An axis over the `trimmed` range of a metric, whose values are finite, and above 0 where `log` is True.

    Where `log` is None, a metric to minimise that spans more than 1 to 50 gets a logarithmic axis.
    """
    low, high = trimmed(values, direction)
    if log is None:
        log = direction == "min" and low > 0 and high / low >= 50
    if log:
        low, high = (low, high) if values else (0.1, 1.0)
        return Axis(max(low / 1.1, SMALLEST), min(high * 1.1, LARGEST), log=True)
    return Axis(*_padded(low, high))


def ramp_axis(values: Sequence[float], direction: str) -> Axis:
    """The `trimmed` range of a metric, to be shown by colours."""
    low, high = trimmed(values, direction)
    return Axis(low, high) if _apart(low, high) else Axis(*_widened(low))


def _padded(low: float, high: float) -> tuple[float, float]:
    if not _apart(low, high):
        return _widened(low)
    edge = (high / 2 - low / 2) * 0.08
    return max(low - edge, -LARGEST), min(high + edge, LARGEST)


def _apart(low: float, high: float) -> bool:
    """Whether an axis from one to the other can be computed with."""
    return high / 2 - low / 2 > max(abs(low), abs(high), TINY) * 1e-12


def _widened(value: float, by: float = 0.0) -> tuple[float, float]:
    """Some stretch around a single value."""
    value = max(-LARGEST / 2, min(value, LARGEST / 2))
    by = by or (abs(value) * 0.05 if abs(value) > TINY else 0.5)
    return value - by, value + by


# Below TINY a float has few digits left.
LARGEST, SMALLEST, TINY = sys.float_info.max, sys.float_info.min, 1e-290


def _round_steps(axis: Axis, most: int) -> list[float]:
    span = axis.high / 2 - axis.low / 2
    rough = max(span / most * 2, 1e-300)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next((size * m for m in (1, 2, 5) if size * m >= rough), size * 10)
    first = math.ceil(axis.low / step - 1e-9)
    found = [step * (first + n) for n in range(most + 2)]
    # Rounded, so that 0.1 * 3 is 0.3.
    return [float(f"{v:.12g}") for v in found if v <= axis.high + step * 1e-9 and v < LARGEST][:most]


def _log_ticks(axis: Axis, most: int) -> list[float]:
    powers = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1)
    for digits in ((1, 2, 5), (1, 3), (1,)):
        found = [v for p in powers for d in digits if axis.low <= (v := _scaled(d, p)) <= axis.high]
        if len(found) <= most:
            break
    # On less than a decade there may be none.
    return found[:: math.ceil(len(found) / most)] if len(found) > 1 else _round_steps(axis, most)


def _scaled(digit: int, power: int) -> float:
    return float(f"{digit}e{power}")
