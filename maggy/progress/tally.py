"""What the display counts along the way, so that no redraw has to look at every trial."""

from __future__ import annotations

from maggy.core import events as ev
from maggy.core.state import RUNNING, State
from maggy.trial import Trial

_ENDS = (ev.TrialFinished, ev.TrialStopped, ev.TrialFailed)


class Tally:
    """How long trials took so far, and what follows from it."""

    def __init__(self) -> None:
        self._ended = 0
        self._seconds = 0.0

    def take(self, state: State, records: list[ev.Record]) -> None:
        """Counts the trials that ended in these records, which the state has taken in."""
        for record in records:
            if isinstance(record.event, _ENDS):
                self._ended += 1
                self._seconds += state.trials[record.event.trial].duration or 0.0

    def seconds_left(self, state: State, now: float) -> float | None:
        """An estimate from the mean duration and the workers; None where there is nothing to go by."""
        if not self._ended or state.phase != RUNNING or not state.workers:
            return None
        mean = self._seconds / self._ended
        running = [max(0.0, mean - (now - start)) for start in _starts(state)]
        waiting = 0 if state.dry else state.to_create()
        waiting += len(state.pending)
        left = max(running, default=0.0)
        if waiting:
            shared = (sum(running) + waiting * mean) / len(state.workers)
            left = max(left, shared, mean if state.idle else min(running, default=0.0) + mean)
        # Where every trial takes longer than the mean, all we know is that we know nothing.
        return left if left > 0 else None


def _starts(state: State) -> list[float]:
    trials = [state.trials[w.trial] for w in state.workers.values() if w.trial is not None]
    return [t.start for t in trials if t.start is not None]


def parts(state: State) -> dict[str, int]:
    """How many trials are in which part of the whole, in words and in the order of the bar."""
    counts = state.counts
    return {
        "finished": counts[Trial.FINALIZED],
        "stopped early": state.stops["rule"],
        "stopped by hand": state.stops["person"],
        "stopped with the search": state.stops["experiment"],
        "failed": counts[Trial.ERROR],
        "running": state.active(),
        "to come": max(0, state.total() - done(state) - state.active()),
    }


# Parts that most searches do not have, and that need not be named where there are none.
RARE = ("stopped by hand", "stopped with the search")


def done(state: State) -> int:
    """How many trials ran to an end, whichever."""
    return sum(state.counts[status] for status in (Trial.FINALIZED, Trial.STOPPED, Trial.ERROR))


def status(state: State) -> str | None:
    """What a person should know about the experiment as a whole just now, None where all goes its way."""
    if state.settings is None:
        return "starting"
    if state.stopping is not None:
        return _stopping(state.stopping)
    if state.phase == RUNNING and not state.workers:
        return "waiting for workers"
    return None


def _stopping(event: ev.ExperimentStopping) -> str:
    if event.failed:
        return "giving up; running trials are being stopped"
    return "stopping kindly; Ctrl-C again to abort" if "Ctrl-C" in event.reason else "stopping kindly"
