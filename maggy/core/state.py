"""The state of an experiment: what the events so far add up to. Pure.

The rules, which the two tables below state to the letter:

- An experiment runs from its start until it ends, or until it is stopped and then ends.
- A trial waits (PENDING) until a worker takes it (RUNNING). It ends by itself (FINALIZED, ERROR), or it
  is told to stop (STOPPING) and ends STOPPED, unless it ended by itself before it heard.
- A trial whose worker is lost waits again; one that was already told to stop ends STOPPED.
- A trial that no worker took before the experiment was stopped is CANCELLED.
- Trials may be added while the experiment runs; an optimizer that had no more is then asked again,
  unless it failed. A trial that a person asked for, like one that runs again, is first in the queue.
- What is over stays as it is, but a new driver may take up an experiment at any point, its end too. An
  event that a table does not list raises and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from maggy.core import events as ev
from maggy.exceptions import IllegalTransition
from maggy.trial import Trial

NEW, RUNNING, STOPPING, ENDED = "NEW", "RUNNING", "STOPPING", "ENDED"

PHASES: Mapping[str, Mapping[type, str]] = {
    NEW: {ev.ExperimentStarted: RUNNING},
    RUNNING: {
        ev.ExperimentStopping: STOPPING,
        ev.ExperimentEnded: ENDED,
        ev.ExperimentResumed: RUNNING,
    },
    STOPPING: {ev.ExperimentEnded: ENDED, ev.ExperimentResumed: RUNNING},
    ENDED: {ev.ExperimentResumed: RUNNING},
}

TRIALS: Mapping[str, Mapping[type, str]] = {
    Trial.PENDING: {
        ev.TrialStarted: Trial.RUNNING,
        ev.TrialCancelled: Trial.CANCELLED,
    },
    Trial.RUNNING: {
        ev.TrialProgressed: Trial.RUNNING,
        ev.TrialRequeued: Trial.PENDING,
        ev.TrialStopDecided: Trial.STOPPING,
        ev.TrialFinished: Trial.FINALIZED,
        ev.TrialFailed: Trial.ERROR,
    },
    Trial.STOPPING: {
        ev.TrialProgressed: Trial.STOPPING,
        ev.TrialStopped: Trial.STOPPED,
        ev.TrialFinished: Trial.FINALIZED,
        ev.TrialFailed: Trial.ERROR,
    },
    Trial.FINALIZED: {},
    Trial.STOPPED: {},
    Trial.ERROR: {},
    Trial.CANCELLED: {},
}


@dataclass(slots=True)
class Worker:
    """A worker; `trial` is what it runs, None when idle or gone. `number` is for people."""

    number: int
    host: str
    pid: int
    trial: str | None = None


class State:
    """What the events so far add up to; `apply` is its only door.

    Attributes:
        number: of the last event applied, 0 before the first.
        phase: NEW, RUNNING, STOPPING or ENDED.
        settings: the ExperimentStarted event, None before it; what was set anew since is set in it.
        num_trials: how many trials there are to be: as set at the start, and those added since.
        objectives: their names, as set or as the first trial told; empty where there is one without a name,
            and while there are several without.
        trials: id -> Trial, in the order of their numbers.
        workers: id -> Worker of those that are there; gone: of those that left.
        joined: the highest number of a worker so far.
        pending, idle: ids of waiting trials and idle workers, first come first (dicts as ordered sets).
        counts: status -> number of trials.
        stops: 'rule', 'person' or 'experiment' -> number of trials that it stopped.
        best: the trial with the best final metric so far, None before the first.
        dry, dry_reason: whether the optimizer gives no more, and its error where it failed.
        rule_error: why the stopping rule was switched off, None where it was not.
        thresholds: the ThresholdsChanged event that tells what the rule compares trials with, None
            before the first.
        stopping: the ExperimentStopping event, None before it and once the search was taken up again.
        end: the ExperimentEnded event, likewise.
        started, ended: seconds since the epoch.
    """

    def __init__(self, records: Iterable[ev.Record] = ()) -> None:
        self.number = 0
        self.phase = NEW
        self.settings: ev.ExperimentStarted | None = None
        self.num_trials = 0
        self.objectives: tuple[str, ...] = ()
        self.trials: dict[str, Trial] = {}
        self.workers: dict[str, Worker] = {}
        self.gone: dict[str, Worker] = {}
        self.joined = 0
        self.pending: dict[str, None] = {}
        self.idle: dict[str, None] = {}
        self.counts: Counter[str] = Counter(dict.fromkeys(TRIALS, 0))
        self.stops: Counter[str] = Counter()
        self.best: Trial | None = None
        self.dry = False
        self.dry_reason: str | None = None
        self.rule_error: str | None = None
        self.thresholds: ev.ThresholdsChanged | None = None
        self.stopping: ev.ExperimentStopping | None = None
        self.end: ev.ExperimentEnded | None = None
        self.started = self.ended = 0.0
        for record in records:
            self.apply(record)

    def apply(self, record: ev.Record) -> None:
        """Takes in the next event.

        Raises:
            IllegalTransition: the event's number is not the next, or the tables do not allow it here.
        """
        event = record.event
        if record.number != self.number + 1:
            raise IllegalTransition(f"event {record.number} after {self.number}")
        phase = self._next_phase(event)
        APPLY[type(event)](self, event, record.time)
        self.number, self.phase = record.number, phase

    # What follows from the state, without being part of it.

    def ended_with_metric(self) -> list[Trial]:
        """The trials that ended with a metric, in the order of their numbers."""
        return [t for t in self.trials.values() if t.ended and t.final_metric is not None]

    def active(self) -> int:
        """How many trials are running or told to stop."""
        return self.counts[Trial.RUNNING] + self.counts[Trial.STOPPING]

    def open_trials(self) -> int:
        """How many trials may still need a worker: running, waiting, or not yet suggested."""
        to_come = 0 if self.dry or self.phase != RUNNING else self.to_create()
        return self.active() + len(self.pending) + to_come

    def to_create(self) -> int:
        """How many trials are not yet created, of `num_trials`."""
        return self.num_trials - len(self.trials)

    def total(self) -> int:
        """How many trials there will be, as far as is known."""
        return len(self.trials) if self.dry else self.num_trials

    def beats(self, a: float, b: float) -> bool:
        """Whether metric `a` is better than metric `b`."""
        assert self.settings is not None
        return a > b if self.settings.direction == "max" else a < b

    def validate(self) -> None:
        """Raises AssertionError where the parts of the state contradict each other."""
        assert self.counts.total() == len(self.trials)
        assert +self.counts == Counter(t.status for t in self.trials.values())
        stopped = [t.stop_by for t in self.trials.values() if t.status == Trial.STOPPED]
        assert self.stops == Counter(stopped)
        assert not self.workers.keys() & self.gone.keys()
        assert self.joined == max(
            (w.number for w in [*self.workers.values(), *self.gone.values()]), default=0
        )
        assert [t.number for t in self.trials.values()] == list(range(1, len(self.trials) + 1))
        assert set(self.pending) == {t.trial_id for t in self.trials.values() if t.status == Trial.PENDING}
        assert set(self.idle) == {w for w, worker in self.workers.items() if worker.trial is None}
        running = {t.trial_id: t.worker for t in self.trials.values() if t.status in ACTIVE}
        assert running == {w.trial: name for name, w in self.workers.items() if w.trial is not None}
        for trial in self.trials.values():
            assert len(trial.metric_history) == len(trial.step_history)
            assert (trial.duration is not None) == (trial.ended and trial.start is not None)
        finals = [t.final_metric for t in self.ended_with_metric()]
        assert (self.best is None) == (not finals)
        assert not any(self.beats(v, self.best.final_metric) for v in finals)  # type: ignore
        assert self.phase != ENDED or not self.active()

    # Applying an event. Each method checks everything before it changes anything.

    def _next_phase(self, event: ev.Event) -> str:
        if type(event) in PHASE_EVENTS:
            allowed = PHASES[self.phase]
            if type(event) in allowed:
                return allowed[type(event)]
        elif self.phase in (RUNNING, STOPPING):
            return self.phase
        raise IllegalTransition(f"{type(event).__name__} in phase {self.phase}")

    def _move(self, event: Any) -> Trial:
        """The event's trial, moved to its next status."""
        trial = self.trials.get(event.trial)
        if trial is None:
            raise IllegalTransition(f"{type(event).__name__} of unknown trial {event.trial}")
        allowed = TRIALS[trial.status]
        if type(event) not in allowed:
            raise IllegalTransition(f"{type(event).__name__} in status {trial.status}")
        self._set_status(trial, allowed[type(event)])
        return trial

    def _set_status(self, trial: Trial, status: str) -> None:
        self.counts[trial.status] -= 1
        self.counts[status] += 1
        trial.status = status

    def _put_first(self, trial: str) -> None:
        self.pending = {trial: None, **self.pending}

    def _free_worker(self, trial: Trial) -> None:
        assert trial.worker is not None
        self.workers[trial.worker].trial = None
        self.idle[trial.worker] = None

    def _end_trial(self, trial: Trial, now: float) -> None:
        assert trial.start is not None
        trial.duration = max(0.0, now - trial.start)
        self._free_worker(trial)
        if trial.final_metric is not None and self._is_best(trial.final_metric):
            self.best = trial

    def _is_best(self, metric: float) -> bool:
        return (
            self.best is None or self.best.final_metric is None or self.beats(metric, self.best.final_metric)
        )

    def _experiment_started(self, event: ev.ExperimentStarted, now: float) -> None:
        self.settings, self.num_trials, self.started = event, event.num_trials, now
        self.objectives = event.objectives

    def _experiment_resumed(self, event: ev.ExperimentResumed, now: float) -> None:
        _require(event.num_trials >= len(self.trials), f"there are {len(self.trials)} trials already")
        assert self.settings is not None
        self.settings = replace(self.settings, **asdict(event))
        self.num_trials = event.num_trials
        self.dry, self.dry_reason, self.rule_error = False, None, None
        self.stopping, self.end, self.ended = None, None, 0.0

    def _experiment_stopping(self, event: ev.ExperimentStopping, now: float) -> None:
        self.stopping = event

    def _experiment_ended(self, event: ev.ExperimentEnded, now: float) -> None:
        _require(not self.active() and not self.pending, "the experiment ended with open trials")
        self.end, self.ended = event, now

    def _suggestions_ended(self, event: ev.SuggestionsEnded, now: float) -> None:
        self.dry, self.dry_reason = True, event.error

    def _trials_added(self, event: ev.TrialsAdded, now: float) -> None:
        _require(event.num_trials > len(self.trials), f"there are {len(self.trials)} trials already")
        self.num_trials = event.num_trials
        self.dry = self.dry_reason is not None

    def _thresholds_changed(self, event: ev.ThresholdsChanged, now: float) -> None:
        _require(len(event.steps) == len(event.values), "as many steps as values are needed")
        self.thresholds = event

    def _early_stop_disabled(self, event: ev.EarlyStopDisabled, now: float) -> None:
        self.rule_error = event.error

    def _worker_joined(self, event: ev.WorkerJoined, now: float) -> None:
        _require(event.worker not in self.workers, f"worker {event.worker} joined twice")
        self.workers[event.worker] = Worker(event.number, event.host, event.pid)
        self.gone.pop(event.worker, None)
        self.joined = max(self.joined, event.number)
        self.idle[event.worker] = None

    def _worker_left(self, event: ev.WorkerLeft, now: float) -> None:
        _require(event.worker in self.idle, f"worker {event.worker} left, and was not idle")
        self.gone[event.worker] = self.workers.pop(event.worker)
        del self.idle[event.worker]

    def _trial_created(self, event: ev.TrialCreated, now: float) -> None:
        _require(event.trial not in self.trials, f"trial {event.trial} created twice")
        _require(event.number == len(self.trials) + 1, f"trial number {event.number} is not the next")
        trial = Trial(dict(event.params), event.trial, event.number, created_by=event.by, parent=event.parent)
        self.trials[event.trial] = trial
        self.counts[Trial.PENDING] += 1
        self.pending[event.trial] = None
        if event.by == "person":
            self._put_first(event.trial)

    def _trial_started(self, event: ev.TrialStarted, now: float) -> None:
        _require(event.worker in self.idle, f"worker {event.worker} is not idle")
        known = self.trials.get(event.trial)
        _require(
            known is None or event.attempt == known.attempt + 1, f"attempt {event.attempt} is not the next"
        )
        trial = self._move(event)
        trial.attempt, trial.worker, trial.start = event.attempt, event.worker, now
        del self.pending[event.trial], self.idle[event.worker]
        self.workers[event.worker].trial = event.trial

    def _trial_progressed(self, event: ev.TrialProgressed, now: float) -> None:
        _require(len(event.steps) == len(event.values), "as many steps as values are needed")
        trial = self._move(event)
        trial.step_history.extend(event.steps)
        trial.metric_history.extend(event.values)

    def _trial_stop_decided(self, event: ev.TrialStopDecided, now: float) -> None:
        trial = self._move(event)
        trial.stop_by, trial.stop_reason, trial.stop_level = event.by, event.reason, event.level

    def _trial_stopped(self, event: ev.TrialStopped, now: float) -> None:
        trial = self._move(event)
        finite = [v for v in trial.metric_history[-1:] if abs(v) < float("inf")]
        trial.final_metric = finite[0] if finite else None
        assert trial.stop_by is not None
        self.stops[trial.stop_by] += 1
        self._end_trial(trial, now)

    def _trial_finished(self, event: ev.TrialFinished, now: float) -> None:
        trial = self._move(event)
        trial.final_metric, trial.objectives = event.value, event.objectives
        self.objectives = self.objectives or tuple(event.objectives or ())
        self._end_trial(trial, now)

    def _trial_failed(self, event: ev.TrialFailed, now: float) -> None:
        trial = self._move(event)
        trial.error, trial.traceback = event.error, event.traceback
        self._end_trial(trial, now)

    def _trial_requeued(self, event: ev.TrialRequeued, now: float) -> None:
        trial = self._move(event)
        self._free_worker(trial)
        # It has waited longest, and holds up the end of the search.
        self._put_first(event.trial)
        trial.metric_history, trial.step_history, trial.start = [], [], None
        trial.losses += event.by == "worker"

    def _trial_cancelled(self, event: ev.TrialCancelled, now: float) -> None:
        trial = self._move(event)
        del self.pending[trial.trial_id]


ACTIVE = (Trial.RUNNING, Trial.STOPPING)
PHASE_EVENTS = frozenset(event for row in PHASES.values() for event in row)
APPLY: Mapping[type, Callable[[State, Any, float], None]] = {
    ev.ExperimentStarted: State._experiment_started,
    ev.ExperimentResumed: State._experiment_resumed,
    ev.ExperimentStopping: State._experiment_stopping,
    ev.ExperimentEnded: State._experiment_ended,
    ev.TrialsAdded: State._trials_added,
    ev.ThresholdsChanged: State._thresholds_changed,
    ev.SuggestionsEnded: State._suggestions_ended,
    ev.EarlyStopDisabled: State._early_stop_disabled,
    ev.WorkerJoined: State._worker_joined,
    ev.WorkerLeft: State._worker_left,
    ev.TrialCreated: State._trial_created,
    ev.TrialStarted: State._trial_started,
    ev.TrialProgressed: State._trial_progressed,
    ev.TrialStopDecided: State._trial_stop_decided,
    ev.TrialStopped: State._trial_stopped,
    ev.TrialFinished: State._trial_finished,
    ev.TrialFailed: State._trial_failed,
    ev.TrialRequeued: State._trial_requeued,
    ev.TrialCancelled: State._trial_cancelled,
}


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise IllegalTransition(otherwise)
