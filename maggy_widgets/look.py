"""How a trial looks in every picture and table made in Python: its kind, and the kind's words and colour.

The colours are of middle lightness: each has a contrast of at least 3 on white and on a dark theme's #111,
so that a picture needs to know neither theme. No kind is told by its colour alone.
"""

from __future__ import annotations

from maggy.trial import Trial

WAITING, RUNNING, FINISHED = "waiting", "running", "finished"
EARLY, HAND, ENDED = "early", "hand", "cancelled"
FAILED = "failed"

WORDS = {
    WAITING: "waiting",
    RUNNING: "running",
    FINISHED: "finished",
    EARLY: "stopped early",
    HAND: "stopped by hand",
    ENDED: "stopped with the search",
    FAILED: "failed",
}

COLOURS = {
    WAITING: "#7a8794",
    RUNNING: "#1e88e5",
    FINISHED: "#74869a",
    EARLY: "#8391a1",
    HAND: "#9467c9",
    ENDED: "#8391a1",
    FAILED: "#e04a42",
}
BEST = "#0f8f6c"
RULE = "#cc6a10"
TEXT = "#7a7a7a"
GRID = "#88888840"

_BY_STATUS = {
    Trial.PENDING: WAITING,
    Trial.RUNNING: RUNNING,
    Trial.STOPPING: RUNNING,
    Trial.FINALIZED: FINISHED,
    Trial.ERROR: FAILED,
    Trial.CANCELLED: ENDED,
}
_BY_STOPPER = {"rule": EARLY, "person": HAND}


def kind(trial: Trial) -> str:
    """What the trial looks like, a key of `WORDS` and `COLOURS`."""
    if trial.status == Trial.STOPPED:
        return _BY_STOPPER.get(trial.stop_by or "", ENDED)
    return _BY_STATUS[trial.status]
