"""Runs the optimizer and the stopping rule, apart from the machine, so that they may be slow or fail."""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.state import State
from maggy.driver.thresholds import Thresholds
from maggy.earlystop.abstract import AbstractEarlyStop
from maggy.optimizer.abstract import IDLE, AbstractOptimizer
from maggy.trial import Trial
from maggy.wire import freeze

log = logging.getLogger("maggy.driver")

_ENDS = (ev.TrialFinished, ev.TrialStopped, ev.TrialFailed, ev.TrialCancelled)

Work = tuple[Sequence[ev.Record], Sequence[cmd.Command]]


class Algorithms:
    """Answers `Suggest` and `CheckEarlyStop` from its own view of the trials, folded from the events.

    Args:
        optimizer: set up and initialized here.
        rule: None where nothing is to be stopped early.
        clock: seconds, from any start.
    """

    def __init__(
        self,
        optimizer: AbstractOptimizer,
        rule: AbstractEarlyStop | None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._optimizer = optimizer
        self._rule = rule
        self._thresholds = Thresholds(rule, clock) if rule else None
        self._state = State()
        self._unseen: deque[Trial] = deque()  # ended with a metric, not yet passed to the optimizer
        self._broken: str | None = None  # why there is no view any more

    def take(self, records: Iterable[ev.Record]) -> None:
        """Brings the view of the trials up to date; never raises.

        Trials and stores are in the hands of user code. Once that has broken them, every question is
        answered with the failure, since a question without an answer would hold up the search for ever.
        """
        try:
            for record in records:
                self._take(record)
        except Exception as error:
            self._broken = self._broken or f"{self._optimizer.name()} broke the trials' view: {_line(error)}"

    def answer(self, command: cmd.Command) -> inp.Input:
        """The answer to one `Suggest` or `CheckEarlyStop`; never raises."""
        if isinstance(command, cmd.Suggest):
            return inp.SuggestionFailed(self._broken) if self._broken else self._suggest()
        assert isinstance(command, cmd.CheckEarlyStop)
        return inp.EarlyStopFailed(self._broken) if self._broken else self._check(command)

    def finalize(self) -> None:
        """Tells the optimizer that the experiment is over; never raises, for the result is there already."""
        try:
            self._optimizer.finalize_experiment(list(self._optimizer.final_store))
        except BaseException as error:
            log.warning("%s.finalize_experiment: %s", self._optimizer.name(), _line(error))

    def _take(self, record: ev.Record) -> None:
        self._state.apply(record)
        if isinstance(record.event, ev.TrialCreated):
            self._optimizer.trial_store[record.event.trial] = self._state.trials[record.event.trial]
        elif isinstance(record.event, (ev.TrialsAdded, ev.ExperimentResumed)):
            self._optimizer.num_trials = record.event.num_trials
            if isinstance(record.event, ev.ExperimentResumed):
                self._optimizer.take_up(list(self._state.trials.values()))
        elif isinstance(record.event, _ENDS):
            self._ended(self._state.trials[record.event.trial])

    def _ended(self, trial: Trial) -> None:
        self._optimizer.trial_store.pop(trial.trial_id, None)
        if trial.final_metric is not None:
            self._optimizer.final_store.append(trial)
            self._unseen.append(trial)

    def _suggest(self) -> inp.Input:
        try:
            while True:
                seen = self._unseen.popleft() if self._unseen else None
                suggestion = self._optimizer.get_suggestion(seen)
                # IDLE may change with the next result, and there is one.
                if suggestion != IDLE or not self._unseen:
                    return self._accept(suggestion)
        except BaseException as error:  # sys.exit() too: an unanswered question would hold up the search
            return inp.SuggestionFailed(f"{self._optimizer.name()}.get_suggestion: {_line(error)}")

    def _accept(self, suggestion: Any) -> inp.Input:
        answer = _as_input(suggestion)
        if not isinstance(answer, inp.SuggestionMade):
            return answer
        try:
            params = self._optimizer.fit(answer.params)
        except ValueError as error:
            # Here, as a training function that is called with it would fail for reasons hard to guess.
            name, why = self._optimizer.name(), " ".join(str(error).split())
            return inp.SuggestionFailed(f"{name} suggested what the search space does not have: {why:.400}")
        # At once, so that the next suggestion, which may come before the event, knows of this one.
        self._optimizer.trial_store[answer.trial] = Trial(params, answer.trial, parent=answer.parent)
        return inp.SuggestionMade(answer.trial, params, answer.parent)

    def _check(self, command: cmd.CheckEarlyStop) -> inp.Input:
        assert self._rule is not None
        assert self._thresholds is not None
        assert self._state.settings is not None
        running = {t.trial_id: t for t in self._running()}
        seen = list(self._optimizer.final_store), self._state.settings.direction
        try:
            stops = self._rule.earlystop_check(dict(running), *seen)
            stopped = [running[trial_id] for trial_id in stops or () if trial_id in running]
            levels = self._thresholds.levels(stopped, *seen)
            curve = self._thresholds.curve(running.values(), *seen) if command.thresholds else {}
            advice = tuple(self._advice(stopped, stops, levels))
            return inp.EarlyStopChecked(advice, tuple(curve), tuple(curve.values()))
        except BaseException as error:
            return inp.EarlyStopFailed(f"{self._rule.name()}.earlystop_check: {_line(error)}")

    def _running(self) -> Iterator[Trial]:
        for worker in self._state.workers.values():
            if worker.trial is not None and self._state.trials[worker.trial].status == Trial.RUNNING:
                yield self._state.trials[worker.trial]

    def _advice(
        self, stopped: Iterable[Trial], stops: Any, levels: Mapping[str, float]
    ) -> Iterator[inp.StopAdvice]:
        assert self._rule is not None
        reasons = stops if isinstance(stops, Mapping) else {}
        for trial in stopped:
            reason = str(reasons.get(trial.trial_id, f"stopped by {self._rule.name()}"))
            yield inp.StopAdvice(trial.trial_id, trial.attempt, reason, levels.get(trial.trial_id))


class AlgorithmsThread:
    """Runs `Algorithms` in a thread of its own.

    Args:
        algorithms: what to run.
    """

    # Records may wait for the next question; so many are passed on without one.
    _MOST_WAITING = 256

    def __init__(self, algorithms: Algorithms) -> None:
        self._algorithms = algorithms
        self._reply: Callable[[inp.Input], None]
        self._work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._waiting: list[ev.Record] = []
        self._hurried = False
        self._thread = threading.Thread(target=self._run, name="maggy-algorithms", daemon=True)

    def start(self, reply: Callable[[inp.Input], None]) -> None:
        """Starts the thread; `reply` is called in it with each answer."""
        self._reply = reply
        self._thread.start()

    def put(self, records: Sequence[ev.Record], questions: Sequence[cmd.Command]) -> None:
        """New facts, and questions to be answered knowing them. Called by one thread."""
        self._waiting.extend(records)
        if questions or len(self._waiting) > self._MOST_WAITING:
            self._work.put((self._waiting, questions))
            self._waiting = []

    def close(self, deadline: float) -> None:
        """Finalizes the optimizer. An optimizer that hangs is left behind after `deadline` seconds."""
        self._work.put((self._waiting, ()))
        self._work.put(None)
        until = time.monotonic() + deadline
        while self._thread.is_alive() and time.monotonic() < until and not self._hurried:
            self._thread.join(0.05)

    def hurry(self) -> None:
        """Closing waits no longer."""
        self._hurried = True

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            records, questions = work
            self._algorithms.take(records)
            for question in questions:
                self._reply(self._algorithms.answer(question))
        self._algorithms.finalize()


def _as_input(suggestion: Any) -> inp.Input:
    if suggestion is None:
        return inp.SuggestionsExhausted()
    if isinstance(suggestion, str) and suggestion == IDLE:
        return inp.SuggestionDeferred()
    if not isinstance(suggestion, Trial):
        raise TypeError(f"expected a Trial, None or 'IDLE', not {suggestion!r:.80}")
    if not isinstance(suggestion.trial_id, str):
        raise TypeError(f"trial_id must be a string, not {suggestion.trial_id!r:.80}")
    if not isinstance(suggestion.parent, (str, type(None))):
        raise TypeError(f"parent must be a trial's id or None, not {suggestion.parent!r:.80}")
    params = {n: _plain(n, v) for n, v in suggestion.params.items()}
    return inp.SuggestionMade(suggestion.trial_id, params, suggestion.parent)


def _plain(name: str, value: Any) -> Any:
    """The value as JSON can carry it: numpy scalars become Python's, lists become tuples."""
    if not isinstance(name, str):
        raise TypeError(f"a parameter's name must be a string, not {name!r:.80}")
    if hasattr(value, "item") and not isinstance(value, (bool, int, float, str)):
        value = value.item()
    frozen = freeze(value)
    if isinstance(frozen, float) and not math.isfinite(frozen):
        raise ValueError(f"parameter {name!r} is {frozen}; use finite numbers")
    if frozen is None or isinstance(frozen, (bool, int, float, str)):
        return frozen
    if isinstance(frozen, tuple):
        return tuple(_plain(name, v) for v in frozen)
    raise TypeError(f"parameter {name!r} is a {type(value).__name__}; use numbers, strings, booleans or None")


def _line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:300]}" if text else type(error).__name__
