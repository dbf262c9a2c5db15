"""Decides what follows from what happened. Pure: inputs in, events and commands out.

Every input is first taken for what it is (a handler below, one per input), then `_settle` looks at the
state as a whole and does what is due: idle workers get waiting trials, the optimizer is asked for more,
the stopping rule is asked about the running ones, workers without work are dismissed, and an experiment
with nothing left to do ends.

Facts live in the `State` and come back by replaying the events. What the machine keeps beside it are
only questions in flight (asked, not yet answered) and deadlines; a search that is taken up again asks anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core import objectives
from maggy.core import state as st
from maggy.core.outcome import Outcome
from maggy.core.rule_clock import RuleClock
from maggy.core.suggestions import Suggestions
from maggy.trial import Trial

# After these a worker waits for what to do next.
AWAITING_WORD = (inp.WorkerConnected, inp.TrialReturned, inp.TrialRaised, inp.TrialHalted)
TRIAL_ENDS = (ev.TrialFinished, ev.TrialStopped, ev.TrialFailed, ev.TrialCancelled)


class Machine:
    """The experiment's decisions. `handle` is its only door.

    Args:
        settings: the experiment's settings, which become its first event.
        history: what has happened of it already, where another driver began it. Of the settings then only
            those of `ExperimentResumed` count.
    """

    def __init__(self, settings: ev.ExperimentStarted, history: Iterable[ev.Record] = ()) -> None:
        self.state = st.State(history)
        self._settings = settings
        self._launched = False
        self._suggestions = Suggestions(settings.lookahead)
        self._rule = RuleClock(settings.es_interval)
        self._grace_ends = math.inf  # then trials that do not heed the stop are given up
        self._wanted = -1
        self._outcome = Outcome()
        self._now = 0.0

    @property
    def ended(self) -> bool:
        """Whether the experiment is over."""
        return self._launched and self.state.phase == st.ENDED

    def deadline(self) -> float:
        """When `TimePassed` is due, in the time of `handle`'s `now`; infinite where nothing waits."""
        if self.ended:
            return math.inf
        retry = self._suggestions.retry_at if self._suggestions.room(self.state) > 0 else math.inf
        check = self._rule.due if self._rule_may_be_asked() else math.inf
        overdue = min((at for at, _ in self._time_limits()), default=math.inf)
        return min(retry if retry > self._now else math.inf, check, overdue, self._grace_ends)

    def handle(self, happened: inp.Input, now: float) -> Outcome:
        """What follows from one input at time `now` (seconds since the epoch, never decreasing).

        Inputs that do not fit (late words from a lost attempt, answers after the end, anything before the
        launch) change nothing.
        """
        self._outcome, self._now = Outcome(), now
        if self.ended:
            self._turn_away(happened)
        elif self._launched != isinstance(happened, inp.ExperimentLaunched):
            HANDLERS[type(happened)](self, happened)
            self._settle()
        return self._outcome

    def _turn_away(self, happened: inp.Input) -> None:
        """After the end: a worker that comes late, or back from a trial that was given up, may go."""
        if isinstance(happened, AWAITING_WORD):
            self._do(cmd.DismissWorker(happened.worker))

    # One handler per input.

    def _launch(self, happened: inp.ExperimentLaunched) -> None:
        self._launched = True
        if self.state.settings is None:
            self._emit(self._settings)
        else:
            self._take_up()
        self._rule.start(self._now)

    def _take_up(self) -> None:
        """The driver before this one is gone, and all its workers with it."""
        names = (f.name for f in fields(ev.ExperimentResumed))
        self._emit(ev.ExperimentResumed(**{name: getattr(self._settings, name) for name in names}))
        for name in list(self.state.workers):
            self._lose(name, "its driver is gone", by="driver")

    def _worker_connected(self, happened: inp.WorkerConnected) -> None:
        if happened.worker not in self.state.workers:
            number = self.state.joined + 1
            self._emit(ev.WorkerJoined(happened.worker, number, happened.host, happened.pid))

    def _worker_lost(self, happened: inp.WorkerLost) -> None:
        if happened.worker in self.state.workers:
            self._lose(happened.worker, happened.reason, by="worker")

    def _lose(self, name: str, reason: str, by: str) -> None:
        running = self.state.workers[name].trial
        if running is not None:
            self._trial_lost(self.state.trials[running], reason, by)
        self._emit(ev.WorkerLeft(name, reason))

    def _trial_lost(self, trial: Trial, reason: str, by: str) -> None:
        losses = trial.losses + (by == "worker")
        if trial.status == Trial.STOPPING:
            self._emit(ev.TrialStopped(trial.trial_id))
        elif losses < self._settings.max_attempts:
            self._emit(ev.TrialRequeued(trial.trial_id, reason, by))
        else:
            error = f"its worker was lost {losses} times, the last time: {reason}"
            self._emit(ev.TrialFailed(trial.trial_id, error, ""))

    def _metrics_arrived(self, happened: inp.MetricsArrived) -> None:
        if self._current(happened) is not None:
            self._take_metrics(happened)

    def _trial_returned(self, happened: inp.TrialReturned) -> None:
        if self._current(happened) is None:
            return
        self._take_metrics(happened)
        try:
            value, several = objectives.read(happened, self.state)
        except ValueError as error:
            self._emit(ev.TrialFailed(happened.trial, str(error), ""))
        else:
            self._emit(ev.TrialFinished(happened.trial, value, several))

    def _trial_raised(self, happened: inp.TrialRaised) -> None:
        if self._current(happened) is not None:
            self._take_metrics(happened)
            self._emit(ev.TrialFailed(happened.trial, happened.error, happened.traceback))

    def _trial_halted(self, happened: inp.TrialHalted) -> None:
        trial = self._current(happened)
        if trial is None:
            return
        self._take_metrics(happened)
        if trial.status == Trial.STOPPING:
            self._emit(ev.TrialStopped(happened.trial))
        else:
            error = "the training function stopped without being told to"
            self._emit(ev.TrialFailed(happened.trial, error, ""))

    def _suggestion_made(self, happened: inp.SuggestionMade) -> None:
        self._suggestions.asked -= 1
        if self.state.phase != st.RUNNING:
            return
        if happened.trial in self.state.trials:
            self._end_suggestions(f"the optimizer gave trial {happened.trial} twice; make a new Trial")
        else:
            self._create(happened, "optimizer", happened.parent)
            self._suggestions.made(self._now)

    def _suggestion_deferred(self, happened: inp.SuggestionDeferred) -> None:
        self._suggestions.asked -= 1
        if not self._suggestions.deferred(self.state, self._now):
            self._end_suggestions(None)

    def _suggestions_exhausted(self, happened: inp.SuggestionsExhausted) -> None:
        self._suggestions.asked -= 1
        self._end_suggestions(None)

    def _suggestion_failed(self, happened: inp.SuggestionFailed) -> None:
        self._suggestions.asked -= 1
        self._end_suggestions(happened.error)

    def _end_suggestions(self, error: str | None) -> None:
        if not self.state.dry:
            self._emit(ev.SuggestionsEnded(error))

    def _early_stop_checked(self, happened: inp.EarlyStopChecked) -> None:
        self._rule.asked = False
        for advice in happened.advice:
            trial = self.state.trials.get(advice.trial)
            if trial is not None and trial.attempt == advice.attempt:
                self._stop_trial(trial, "rule", advice.reason, advice.level)
        self._take_thresholds(happened.steps, happened.values)

    def _take_thresholds(self, steps: tuple[int, ...], values: tuple[float, ...]) -> None:
        found = ev.ThresholdsChanged(steps, values)
        if len(steps) == len(values) > 0 and found != self.state.thresholds:
            self._emit(found)

    def _early_stop_failed(self, happened: inp.EarlyStopFailed) -> None:
        self._rule.asked = False
        self._emit(ev.EarlyStopDisabled(happened.error))

    def _trial_stop_requested(self, happened: inp.TrialStopRequested) -> None:
        trial = self.state.trials.get(happened.trial)
        if trial is not None:
            self._stop_trial(trial, "person", happened.reason)

    def _stop_requested(self, happened: inp.StopRequested) -> None:
        self._stop_experiment(happened.reason, failed=False)

    def _more_trials_requested(self, happened: inp.MoreTrialsRequested) -> None:
        # An optimizer that failed gives no more, whoever asks.
        if self.state.phase == st.RUNNING and self.state.dry_reason is None and happened.count > 0:
            self._add_trials(happened.count)
            self._suggestions.retry_at = self._now

    def _trial_enqueued(self, happened: inp.TrialEnqueued) -> None:
        if self.state.phase == st.RUNNING and happened.trial not in self.state.trials:
            self._add_trials(1)
            self._create(happened, "person")

    def _workers_failed(self, happened: inp.WorkersFailed) -> None:
        self._stop_experiment(happened.error, failed=True)

    def _time_passed(self, happened: inp.TimePassed) -> None:
        for at, worker in list(self._time_limits()):
            if self._now >= at:
                self._give_up_trial(worker)
        if self._now >= self._grace_ends:
            for name in list(self.state.workers):  # the idle ones were dismissed
                self._lose(name, "did not heed the stop in time", by="worker")

    def _time_limits(self) -> Iterator[tuple[float, str]]:
        """Until when each busy worker may take over its trial."""
        limit = self._settings.trial_timeout
        if limit is not None:
            for name, worker in self.state.workers.items():
                if worker.trial is not None:
                    yield (self.state.trials[worker.trial].start or 0.0) + limit, name

    def _give_up_trial(self, worker: str) -> None:
        trial = self.state.workers[worker].trial
        assert trial is not None
        error = f"ran longer than trial_timeout={self._settings.trial_timeout:g} seconds"
        self._emit(ev.TrialFailed(trial, error, ""))
        self._emit(ev.WorkerLeft(worker, "its trial took too long"))
        self._do(cmd.DropWorker(worker))

    # What is due, given the state.

    def _settle(self) -> None:
        self._give_up_if_too_many_failed()
        self._assign()
        self._ask_optimizer()
        self._ask_rule()
        self._dismiss()
        self._state_wanted_workers()
        self._end_if_done()

    def _give_up_if_too_many_failed(self) -> None:
        failed = self.state.counts[Trial.ERROR]
        if failed > self._settings.max_failures:
            trials, limit = len(self.state.trials), self._settings.max_failures
            reason = f"{failed} of {trials} trials failed (max_failures={limit})"
            self._stop_experiment(reason, failed=True)

    def _assign(self) -> None:
        state = self.state
        while state.phase == st.RUNNING and state.idle and state.pending:
            worker, trial = next(iter(state.idle)), state.trials[next(iter(state.pending))]
            attempt = trial.attempt + 1
            self._emit(ev.TrialStarted(trial.trial_id, attempt, worker))
            self._do(cmd.RunTrial(worker, trial.trial_id, trial.number, attempt, trial.params, trial.parent))

    def _ask_optimizer(self) -> None:
        if self._now >= self._suggestions.retry_at:
            for _ in range(self._suggestions.room(self.state)):
                self._suggestions.ask()
                self._do(cmd.Suggest())

    def _ask_rule(self) -> None:
        if self._now >= self._rule.due and self._rule_may_be_asked():
            self._do(cmd.CheckEarlyStop(self._rule.ask(self._now)))

    def _rule_may_be_asked(self) -> bool:
        counts, settings = self.state.counts, self._settings
        ended = counts[Trial.FINALIZED] + counts[Trial.STOPPED]
        return (
            self._rule.news
            and not self._rule.asked
            and settings.es_policy != "none"
            and self.state.rule_error is None
            and counts[Trial.RUNNING] > 0
            and ended >= settings.es_min
        )

    def _end_if_done(self) -> None:
        state = self.state
        if state.open_trials():
            return
        if state.stopping is not None:
            status = "failed" if state.stopping.failed else "stopped"
            self._emit(ev.ExperimentEnded(status, state.stopping.reason))
        elif state.dry_reason is not None:
            self._emit(ev.ExperimentEnded("failed", state.dry_reason))
        else:
            self._emit(ev.ExperimentEnded("finished", "the optimizer gave no more" if state.dry else ""))

    def _dismiss(self) -> None:
        state = self.state
        if state.phase == st.RUNNING and (state.pending or (not state.dry and state.to_create())):
            return
        for worker in list(state.idle):
            # It counts as gone from here on, so that no trial can meet a worker on its way out.
            self._emit(ev.WorkerLeft(worker, "no more to do"))
            self._do(cmd.DismissWorker(worker))

    def _state_wanted_workers(self) -> None:
        wanted = self.state.open_trials() if self.state.phase == st.RUNNING else 0
        if wanted != self._wanted:
            self._wanted = wanted
            self._do(cmd.WantWorkers(wanted))

    # Steps that several handlers take.

    def _take_metrics(self, happened: Any) -> None:
        if len(happened.steps) == len(happened.values) > 0:
            self._emit(ev.TrialProgressed(happened.trial, happened.steps, happened.values))
            self._rule.news = True

    def _create(self, happened: Any, by: str, parent: str | None = None) -> None:
        number = len(self.state.trials) + 1
        self._emit(ev.TrialCreated(happened.trial, number, happened.params, by, parent))

    def _add_trials(self, count: int) -> None:
        state = self.state
        # Where there will be no more, but suggestions are on their way, they still count.
        planned = len(state.trials) + self._suggestions.asked if state.dry else state.num_trials
        self._emit(ev.TrialsAdded(planned + count))

    def _stop_trial(self, trial: Trial, by: str, reason: str, level: float | None = None) -> None:
        if trial.status == Trial.RUNNING:
            self._emit(ev.TrialStopDecided(trial.trial_id, by, reason, level))
            assert trial.worker is not None
            self._do(cmd.StopTrial(trial.worker, trial.trial_id, trial.attempt, reason))
        elif trial.status == Trial.PENDING and by != "rule":
            self._emit(ev.TrialCancelled(trial.trial_id))

    def _stop_experiment(self, reason: str, failed: bool) -> None:
        if self.state.phase != st.RUNNING:
            return
        self._emit(ev.ExperimentStopping(reason, failed))
        self._grace_ends = self._now + self._settings.grace
        for trial in list(self.state.trials.values()):
            self._stop_trial(trial, "experiment", reason)

    def _current(self, happened: Any) -> Trial | None:
        """The trial that the words are about, where they come from its worker and this attempt."""
        worker = self.state.workers.get(happened.worker)
        if worker is None or worker.trial is None or worker.trial != happened.trial:
            return None
        trial = self.state.trials[worker.trial]
        return trial if trial.attempt == happened.attempt else None

    def _emit(self, event: ev.Event) -> None:
        record = ev.Record(self.state.number + 1, self._now, event)
        self.state.apply(record)
        self._outcome.records.append(record)
        if isinstance(event, TRIAL_ENDS):
            self._suggestions.trial_ended(self._now)

    def _do(self, command: cmd.Command) -> None:
        self._outcome.commands.append(command)


HANDLERS: Mapping[type, Callable[[Machine, Any], None]] = {
    inp.ExperimentLaunched: Machine._launch,
    inp.WorkerConnected: Machine._worker_connected,
    inp.WorkerLost: Machine._worker_lost,
    inp.MetricsArrived: Machine._metrics_arrived,
    inp.TrialReturned: Machine._trial_returned,
    inp.TrialRaised: Machine._trial_raised,
    inp.TrialHalted: Machine._trial_halted,
    inp.SuggestionMade: Machine._suggestion_made,
    inp.SuggestionDeferred: Machine._suggestion_deferred,
    inp.SuggestionsExhausted: Machine._suggestions_exhausted,
    inp.SuggestionFailed: Machine._suggestion_failed,
    inp.EarlyStopChecked: Machine._early_stop_checked,
    inp.EarlyStopFailed: Machine._early_stop_failed,
    inp.TrialStopRequested: Machine._trial_stop_requested,
    inp.StopRequested: Machine._stop_requested,
    inp.MoreTrialsRequested: Machine._more_trials_requested,
    inp.TrialEnqueued: Machine._trial_enqueued,
    inp.WorkersFailed: Machine._workers_failed,
    inp.TimePassed: Machine._time_passed,
}
