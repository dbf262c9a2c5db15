"""Draws the state diagram in ARCHITECTURE.md from the machine's table: `python -m tools.state_diagram`."""

from __future__ import annotations

import re
from pathlib import Path

from maggy.core.state import TRIALS
from maggy.trial import Trial

DOCUMENT = Path(__file__).parents[1] / "ARCHITECTURE.md"
_BLOCK = re.compile(r"(?<=<!-- states -->\n).*?(?=<!-- /states -->)", re.DOTALL)


def diagram() -> str:
    """The table as a Mermaid diagram in Markdown."""
    arrows = [
        f"    {status} --> {after}: {event.__name__}"
        for status, row in TRIALS.items()
        for event, after in row.items()
        if after != status
    ]
    ends = [f"    {status} --> [*]" for status, row in TRIALS.items() if not row]
    start = f"    [*] --> {Trial.PENDING}: TrialCreated"
    return "\n".join(["```mermaid", "stateDiagram-v2", start, *arrows, *ends, "```", ""])


def redrawn(document: str) -> str:
    """The document with the diagram as it should be."""
    return _BLOCK.sub(lambda _: diagram(), document)


if __name__ == "__main__":
    DOCUMENT.write_text(redrawn(DOCUMENT.read_text()))
