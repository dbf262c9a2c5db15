"""The shortest way to a state: what a view that has just come is sent in place of all that happened. Pure."""

from __future__ import annotations

from collections import deque

from maggy.core import events as ev
from maggy.core.state import ACTIVE, State, Worker
from maggy.trial import Trial

END_EVENTS = (Trial.FINALIZED, Trial.STOPPED, Trial.ERROR)


def compact(state: State) -> list[ev.Record]:
    """The shortest legal list of records, numbered from 1, that leads to the same state.

    Only `State.number` differs. Times are those that the state knows (when trials started and ended, and
    the experiment); other records have the time of the experiment's start.
    """
    return _Writer(state).records() if state.settings is not None else []


class _Writer:
    """Writes one state's records.

    Trials that are over come first, one after the other in the order in which they ended, so that the
    best is found as it was; then those that wait, so that each finds its place in the queue; then those
    that run, when all workers are idle.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._records: list[ev.Record] = []
        self._trials = list(state.trials.values())
        self._created = 0
        self._idle: dict[str, None] = {}
        # Those that were put first in the queue, the one furthest behind at the left.
        self._jumped = deque(t for i in reversed(state.pending) if _jumps(t := state.trials[i]))

    def records(self) -> list[ev.Record]:
        self._begin()
        for trial in sorted((t for t in self._trials if t.status in END_EVENTS), key=self._order):
            self._run(trial)
            self._end_trial(trial)
        for trial in self._trials:
            if trial.status == Trial.CANCELLED:
                self._lose(trial, trial.attempt)
                self._add(ev.TrialCancelled(trial.trial_id))
        self._create_up_to(len(self._trials))
        self._queue_up_to(None)
        for trial in self._trials:
            if trial.status in ACTIVE:
                self._run(trial)
        self._end()
        return self._records

    def _add(self, event: ev.Event, time: float | None = None) -> None:
        time = self._state.started if time is None else time
        self._records.append(ev.Record(len(self._records) + 1, time, event))

    def _begin(self) -> None:
        state = self._state
        assert state.settings is not None
        self._add(state.settings)
        if state.num_trials != state.settings.num_trials:
            self._add(ev.TrialsAdded(state.num_trials))
        workers = {**state.workers, **state.gone}
        for name in sorted(workers, key=lambda name: workers[name].number):
            self._join(name, workers[name])

    def _join(self, name: str, worker: Worker) -> None:
        self._add(ev.WorkerJoined(name, worker.number, worker.host, worker.pid))
        self._idle[name] = None

    def _leave(self, name: str) -> None:
        self._add(ev.WorkerLeft(name, ""))
        del self._idle[name]

    # Trials.

    def _order(self, trial: Trial) -> tuple[float, bool]:
        """By the time of the end; of those that ended at the same moment the best comes first."""
        return _end_of(trial), trial is not self._state.best

    def _create_up_to(self, number: int) -> None:
        for trial in self._trials[self._created : number]:
            self._created = trial.number
            if self._jumped and trial.attempt == 0 and _jumps(trial) and trial.status == Trial.PENDING:
                self._queue_up_to(trial)
            self._add(
                ev.TrialCreated(trial.trial_id, trial.number, trial.params, trial.created_by, trial.parent)
            )

    def _queue_up_to(self, created: Trial | None) -> None:
        """Puts into the queue what is behind the trial, which is about to be created and then first."""
        while self._jumped and (behind := self._jumped.popleft()) is not created:
            self._lose(behind, behind.attempt)

    def _lose(self, trial: Trial, times: int) -> None:
        """The trial is started and loses its worker, so many times."""
        self._create_up_to(trial.number)
        for attempt in range(1, times + 1):
            self._start(trial, attempt)
            self._add(ev.TrialRequeued(trial.trial_id, "", "worker" if attempt <= trial.losses else "driver"))
            self._free(trial)

    def _start(self, trial: Trial, attempt: int) -> None:
        assert trial.worker is not None
        self._add(ev.TrialStarted(trial.trial_id, attempt, trial.worker), trial.start)
        del self._idle[trial.worker]

    def _free(self, trial: Trial) -> None:
        assert trial.worker is not None
        self._idle[trial.worker] = None

    def _run(self, trial: Trial) -> None:
        self._lose(trial, trial.attempt - 1)
        self._start(trial, trial.attempt)
        steps, values = tuple(trial.step_history), tuple(trial.metric_history)
        if steps:
            self._add(ev.TrialProgressed(trial.trial_id, steps, values), trial.start)
        if trial.stop_by is not None:
            decided = ev.TrialStopDecided(
                trial.trial_id, trial.stop_by, trial.stop_reason or "", trial.stop_level
            )
            self._add(decided, trial.start)

    def _end_trial(self, trial: Trial) -> None:
        event: ev.Event = ev.TrialStopped(trial.trial_id)
        if trial.status == Trial.ERROR:
            event = ev.TrialFailed(trial.trial_id, trial.error or "", trial.traceback or "")
        elif trial.status == Trial.FINALIZED:
            assert trial.final_metric is not None
            event = ev.TrialFinished(trial.trial_id, trial.final_metric, trial.objectives)
        self._add(event, _end_of(trial))
        self._free(trial)

    # The rest.

    def _end(self) -> None:
        state = self._state
        for name in state.gone:
            self._leave(name)
        if list(self._idle) != list(state.idle):
            for name in state.idle:  # to the end of the line, one after the other
                self._leave(name)
                self._join(name, state.workers[name])
        if state.thresholds is not None:
            self._add(state.thresholds)
        if state.rule_error is not None:
            self._add(ev.EarlyStopDisabled(state.rule_error))
        if state.dry:
            self._add(ev.SuggestionsEnded(state.dry_reason))
        if state.stopping is not None:
            self._add(state.stopping)
        if state.end is not None:
            self._add(state.end, state.ended)


def _jumps(trial: Trial) -> bool:
    """Whether a waiting trial was put first in the queue."""
    return trial.attempt > 0 or trial.created_by == "person"


def _end_of(trial: Trial) -> float:
    """When the trial ended: the time from which `duration` follows to the last bit."""
    assert trial.start is not None
    assert trial.duration is not None
    return trial.start + trial.duration
