"""What an input led to."""

from __future__ import annotations

from dataclasses import dataclass, field

from maggy.core import commands as cmd
from maggy.core import events as ev


@dataclass(slots=True)
class Outcome:
    """What one input led to, in order."""

    records: list[ev.Record] = field(default_factory=list)
    commands: list[cmd.Command] = field(default_factory=list)
