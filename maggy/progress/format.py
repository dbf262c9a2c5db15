"""Short, harmless text for people. Names, errors and values come from users and may hold anything."""

from __future__ import annotations

import contextlib
import math
import re
import reprlib
import time
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maggy.places import in_store

# What a terminal would act on: CSI sequences (colours, cursor), then strings such as a window's title.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Other, control, format (they can turn the direction of text round), surrogates, separators of lines.
_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def clean(text: object, most: int = 200) -> str:
    """The text on one line, without anything that a terminal would act on, `most` characters at most."""
    # Cut first: the text may be a megabyte, and what is thrown away need not be looked at.
    raw = str(text)[: 4 * most + 100]
    if not (raw.isascii() and raw.isprintable()):
        raw = _ESCAPES.sub("", raw)
        raw = "".join(" " if unicodedata.category(c) in _HARMFUL else c for c in raw)
    return shorten(" ".join(raw.split()), most)


def shorten(text: str, most: int) -> str:
    """The text, its end replaced by an ellipsis where it is longer than `most` characters."""
    return text if len(text) <= most else text[: max(0, most - 1)].rstrip() + "…"


def metric(value: float | None) -> str:
    """A metric with about four digits, as many for 0.9 as for 0.9123; a dash for None."""
    if value is None:
        return "-"
    size = abs(value)
    if not math.isfinite(value) or size == 0:
        return f"{value:g}"
    if not 1e-4 <= size < 1e6:
        return f"{value:.3e}"
    # From 0.01 up the points are below one another in a column.
    decimals = 4 if 0.01 <= size < 1 else max(0, 3 - math.floor(math.log10(size)))
    return f"{value:.{decimals}f}"


def value(given: Any, digits: int = 4) -> str:
    """One hyperparameter's value in short form."""
    if isinstance(given, float):
        return f"{given:.{digits}g}" if abs(given) < 10**digits else f"{given:.{digits + 3}g}"
    if isinstance(given, str):
        return clean(given, 60)
    return clean(reprlib.repr(given), 60)


def params(given: Mapping[str, Any], most: int = 100, digits: int = 4) -> str:
    """Hyperparameters as "lr=0.003, units=64"."""
    text = ""
    for name, chosen in given.items():
        text += f"{', ' if text else ''}{clean(name, 40)}={value(chosen, digits)}"
        if len(text) > most:
            break
    return shorten(text, most)


def duration(seconds: float) -> str:
    """A time span such as "0.4s", "12s", "3m 20s", "2h 05m" or "3d 4h"."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f}s"
    return whole_seconds(seconds)


def whole_seconds(seconds: float) -> str:
    """A time span as `duration` has it, never with a fraction, so that a running clock is calm."""
    whole = round(max(0.0, seconds))
    minutes, rest = divmod(whole, 60)
    hours = minutes // 60
    if whole < 60:
        return f"{whole}s"
    if hours < 1:
        return f"{minutes}m {rest:02d}s"
    return f"{hours}h {minutes % 60:02d}m" if hours < 24 else f"{hours // 24}d {hours % 24}h"


def about(seconds: float) -> str:
    """An estimate, rounded to no more than is known."""
    grain = next(g for limit, g in _GRAINS if seconds < limit)
    return f"about {whole_seconds(max(1, round(seconds / grain)) * grain)} left"


_GRAINS = ((10, 1), (60, 5), (600, 10), (3600, 60), (math.inf, 300))


def counted(count: int, noun: str) -> str:
    """ "1 trial", "2 trials"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def clock_time(seconds: float) -> str:
    """Seconds since the epoch as local "12:03:04"."""
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def short_path(path: Path) -> str:
    """The path as seen from the working directory where it is below it; never cut, for copying."""
    if not in_store(path):
        with contextlib.suppress(ValueError, OSError):
            path = path.relative_to(Path.cwd())
    return clean(path, 4096)
