"""Events as lines that stay on the screen, and never more of them than a person can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maggy.core import events as ev
from maggy.core.state import State
from maggy.places import in_store
from maggy.progress import format as fm
from maggy.progress.told import told
from maggy.trial import Trial

# Lines a second in the long run, and how many may come at once after a quiet time.
RATE, BURST = 3.0, 6.0
# Seconds after which what was left out is summed up.
SUM_UP = 1.0
# A kind has to leave so many of the lines to kinds that matter more, so that a thousand finished trials
# do not hide a failed one. Kinds that are not here are rare, and always shown.
_LEAVES = {
    "finished": 3.0,
    "stopped early": 2.0,
    "stopped by hand": 1.0,
    "best": 1.0,
    "to run again": 0.0,
    "failed": 0.0,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One line: when, of what kind, the words, and a detail that may have a line of its own."""

    time: float
    kind: str
    text: str
    detail: str = ""


class Notices:
    """Makes lines of events.

    Args:
        path: the experiment's folder, where the trials' logs are.
        finished: whether every finished trial is worth a line.
    """

    def __init__(self, path: Path, finished: bool) -> None:
        self._path = path
        self._finished = finished
        self._best: Trial | None = None
        self._limit = _Limit()

    def take(self, state: State, records: list[ev.Record], now: float) -> list[Notice]:
        """The lines for these records, which the state has taken in."""
        notices = [n for record in records if (n := self._notice(state, record, now)) is not None]
        return [*notices, *self._new_best(state, now), *self._limit.left_out(now)]

    def rest(self, now: float) -> list[Notice]:
        """At the end: what has been left out and not yet been summed up."""
        return self._limit.left_out(now, at_once=True)

    def _notice(self, state: State, record: ev.Record, now: float) -> Notice | None:
        event = record.event
        kind = _kind(event)
        if kind is None or not self._worth_a_line(event) or not self._limit.allows(kind, now):
            return None
        text, detail = _WORDS[type(event)](self, state, event)
        return Notice(record.time, kind, text, detail)

    def _worth_a_line(self, event: ev.Event) -> bool:
        if isinstance(event, ev.TrialFinished):
            return self._finished
        # A stop of the whole experiment has a line of its own.
        if isinstance(event, ev.TrialStopDecided):
            return event.by != "experiment"
        if isinstance(event, ev.TrialCreated):
            return event.by == "person"
        return not isinstance(event, ev.SuggestionsEnded) or event.error is not None

    def _new_best(self, state: State, now: float) -> list[Notice]:
        best = state.best
        # Where there is no room for the line, the next call looks again.
        if best is None or best is self._best or not self._limit.allows("best", now, count=False):
            return []
        self._best = best
        text = f"new best {told(best, state)}: trial {best.number} ({fm.params(best.params)})"
        return [Notice((best.start or now) + (best.duration or 0.0), "best", text)]

    # The words for each kind of event: the line, and its detail.

    def _trial_finished(self, state: State, event: ev.TrialFinished) -> tuple[str, str]:
        trial = state.trials[event.trial]
        best = ""
        if trial is state.best and trial is not self._best:
            best, self._best = ", new best", trial
        took = fm.duration(trial.duration or 0.0)
        return (
            f"trial {trial.number} finished: {told(trial, state)}{best} "
            f"after {took} ({fm.params(trial.params)})"
        ), ""

    def _trial_failed(self, state: State, event: ev.TrialFailed) -> tuple[str, str]:
        trial = state.trials[event.trial]
        text = f"trial {trial.number} failed: {fm.clean(event.error)} ({fm.params(trial.params)})"
        log = log_file(self._path, trial)
        return text, f"log: {fm.short_path(log)}" if log is not None else ""

    def _stop_decided(self, state: State, event: ev.TrialStopDecided) -> tuple[str, str]:
        who = " by hand" if event.by == "person" else " early"
        why = fm.clean(event.reason)
        return f"trial {state.trials[event.trial].number} stopped{who}{': ' if why else ''}{why}", ""

    def _requeued(self, state: State, event: ev.TrialRequeued) -> tuple[str, str]:
        number = state.trials[event.trial].number
        return f"trial {number} lost its worker and will run again: {fm.clean(event.reason)}", ""

    def _trial_created(self, state: State, event: ev.TrialCreated) -> tuple[str, str]:
        return f"trial {event.number} was asked for by hand ({fm.params(event.params)})", ""

    def _resumed(self, state: State, event: ev.ExperimentResumed) -> tuple[str, str]:
        done = sum(trial.ended for trial in state.trials.values())
        return f"taken up again: {done:,} of {fm.counted(event.num_trials, 'trial')} done", ""

    def _trials_added(self, state: State, event: ev.TrialsAdded) -> tuple[str, str]:
        return f"{fm.counted(event.num_trials, 'trial')} in all from now on", ""

    def _rule_disabled(self, state: State, event: ev.EarlyStopDisabled) -> tuple[str, str]:
        return f"early stopping is off, its rule failed: {fm.clean(event.error)}", ""

    def _suggestions_ended(self, state: State, event: ev.SuggestionsEnded) -> tuple[str, str]:
        return f"the optimizer failed; running trials end, no more start: {fm.clean(event.error)}", ""

    def _stopping(self, state: State, event: ev.ExperimentStopping) -> tuple[str, str]:
        return f"{'giving up' if event.failed else 'stopping'}: {fm.clean(event.reason)}", ""


class _Limit:
    """Allows `RATE` lines a second, `BURST` at once, and counts what it does not allow."""

    def __init__(self) -> None:
        self._tokens, self._filled = BURST, 0.0
        self._left_out: Counter[str] = Counter()
        self._since = 0.0

    def allows(self, kind: str, now: float, count: bool = True) -> bool:
        """Whether there is room for a line; counts it as left out where not (unless `count` is False)."""
        self._tokens = min(BURST, self._tokens + max(0.0, now - self._filled) * RATE)
        self._filled = now
        if kind not in _LEAVES:
            return True
        if self._tokens >= _LEAVES[kind] + 1:
            self._tokens -= 1
            return True
        if count:
            self._since = self._since if self._left_out else now
            self._left_out[kind] += 1
        return False

    def left_out(self, now: float, at_once: bool = False) -> list[Notice]:
        """A line that sums up what was left out, once it is due."""
        if not self._left_out or (now - self._since < SUM_UP and not at_once):
            return []
        words = ", ".join(f"{count:,} more {kind}" for kind, count in self._left_out.items())
        self._left_out.clear()
        return [Notice(now, "more", f"… {words}")]


def _kind(event: ev.Event) -> str | None:
    if isinstance(event, ev.TrialStopDecided) and event.by == "person":
        return "stopped by hand"
    return KINDS.get(type(event))


def log_file(path: Path, trial: Trial) -> Path | None:
    """A failed trial's log; None where it left none, because its worker was lost."""
    log = path / "trials" / f"{trial.number:04d}.log"
    # A display must not wait for a store.
    return log if trial.traceback or (not in_store(path) and log.exists()) else None


KINDS: Mapping[type, str] = {
    ev.TrialFinished: "finished",
    ev.TrialFailed: "failed",
    ev.TrialStopDecided: "stopped early",
    ev.TrialRequeued: "to run again",
    ev.TrialCreated: "added",
    ev.ExperimentResumed: "resumed",
    ev.TrialsAdded: "added",
    ev.EarlyStopDisabled: "rule off",
    ev.SuggestionsEnded: "optimizer failed",
    ev.ExperimentStopping: "stopping",
}
_WORDS: Mapping[type, Callable[[Notices, State, Any], tuple[str, str]]] = {
    ev.TrialFinished: Notices._trial_finished,
    ev.TrialFailed: Notices._trial_failed,
    ev.TrialStopDecided: Notices._stop_decided,
    ev.TrialRequeued: Notices._requeued,
    ev.TrialCreated: Notices._trial_created,
    ev.ExperimentResumed: Notices._resumed,
    ev.TrialsAdded: Notices._trials_added,
    ev.EarlyStopDisabled: Notices._rule_disabled,
    ev.SuggestionsEnded: Notices._suggestions_ended,
    ev.ExperimentStopping: Notices._stopping,
}
