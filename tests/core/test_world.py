"""A misbehaving world against the machine.

Hypothesis plays the workers, the optimizer, the stopping rule, a person and the clock: messages come
late, twice, forged or never, workers and drivers come and die at any moment, optimizers raise, repeat
themselves or run dry, rules raise or advise nonsense. The invariants are checked after every step; in
the end the world behaves, and the experiment has to end.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from maggy.core import commands as cmd
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.compact import compact
from maggy.core.machine import Machine
from maggy.core.state import State
from maggy.trial import Trial

from .world import SETTINGS, contents

NAMES = st.sampled_from("abcde")
IDS = st.integers(0, 9).map("t{}".format)
ATTEMPTS = st.integers(0, 4)
METRICS = st.sampled_from([0.0, 0.5, 1.0, -3.0, float("nan"), float("inf"), float("-inf")])
SECONDS = st.sampled_from([0.0, 0.1, 1.0, 3.0, 20.0])
ENDS = (Trial.FINALIZED, Trial.STOPPED, Trial.ERROR, Trial.CANCELLED)
STEPS = st.lists(st.integers(0, 9), max_size=3).map(tuple)
VALUES = st.lists(METRICS, max_size=3).map(tuple)
# Of several objectives, which not all trials have in one order, or have at all.
OBJECTIVES = st.none() | st.dictionaries(st.sampled_from("abc"), METRICS, max_size=3)
# What a worker may say of a trial; tried in any order, at any time, of any trial.
WORDS = st.one_of(
    st.builds(inp.TrialReturned, NAMES, IDS, ATTEMPTS, METRICS, STEPS, VALUES, OBJECTIVES),
    st.builds(inp.TrialRaised, NAMES, IDS, ATTEMPTS, st.just("Boom"), st.just(""), STEPS, VALUES),
    st.builds(inp.TrialHalted, NAMES, IDS, ATTEMPTS, STEPS, VALUES),
    st.builds(inp.MetricsArrived, NAMES, IDS, ATTEMPTS, STEPS, VALUES),
)
LEVELS = st.none() | st.sampled_from([0.0, 0.5])
ADVICE = st.lists(st.builds(inp.StopAdvice, IDS, ATTEMPTS, st.just("hopeless"), LEVELS), max_size=3)
STARTS = st.builds(
    replace,
    st.just(SETTINGS),
    direction=st.sampled_from(["max", "min"]),
    directions=st.sampled_from([(), ("max", "min")]),
    num_trials=st.integers(1, 6),
    es_policy=st.sampled_from(["MedianRule", "none"]),
    es_interval=st.sampled_from([0.0, 2.0]),
    es_min=st.integers(0, 2),
    max_failures=st.integers(0, 6),
    max_attempts=st.integers(1, 3),
    lookahead=st.integers(0, 3),
    grace=st.sampled_from([0.0, 5.0]),
    trial_timeout=st.sampled_from([None, 3.0]),
)


class World(RuleBasedStateMachine):
    @initialize(start=STARTS, answer=st.sampled_from(["trial", "IDLE", "no more"]))
    def launch(self, start: ev.ExperimentStarted, answer: str) -> None:
        self.start = start
        self.last_answer = answer  # what the optimizer says to everything, once the world behaves
        self.machine = Machine(start)
        self.now = 1.0
        self.records: list[ev.Record] = []
        self.running: dict[str, cmd.RunTrial] = {}  # what each worker was told to run and has not answered
        self.said: list[inp.Input] = []  # what workers said before, to be said again
        self.questions = 0
        self.checks = 0
        self.enqueued = 0
        self.made = 0  # trials that the optimizer made
        self.ends: dict[str, dict[str, Any]] = {}
        self.tell(inp.ExperimentLaunched())

    def tell(self, happened: inp.Input) -> list[cmd.Command]:
        there = dict(self.machine.state.workers)
        outcome = self.machine.handle(happened, self.now)
        self.records += outcome.records
        there.update(self.machine.state.workers)  # joined in this very step
        for command in outcome.commands:
            self.obey(command, there)
        return outcome.commands

    def obey(self, command: cmd.Command, there: dict[str, Any]) -> None:
        if isinstance(command, cmd.Suggest):
            self.questions += 1
        elif isinstance(command, cmd.CheckEarlyStop):
            self.checks += 1
            assert self.checks == 1, "the rule is asked one thing at a time"
        elif isinstance(command, cmd.RunTrial):
            assert command.worker in there, "a trial for a worker that is not there"
            assert command.worker not in self.running, "a trial for a worker that is busy"
            self.running[command.worker] = command
        elif isinstance(command, cmd.StopTrial):
            told = self.running[command.worker]
            assert (told.trial, told.attempt) == (command.trial, command.attempt)
        elif isinstance(command, (cmd.DismissWorker, cmd.DropWorker)):
            self.running.pop(command.worker, None)
        else:
            assert 0 <= command.count <= self.machine.state.num_trials

    def say(self, happened: Any) -> None:
        """A worker speaks; after its last word of a trial it is free again."""
        told = self.running.get(happened.worker)
        ends = not isinstance(happened, inp.MetricsArrived)
        if told and ends and (told.trial, told.attempt) == (happened.trial, happened.attempt):
            del self.running[happened.worker]
        self.said.append(happened)
        self.tell(happened)

    # Workers.

    @rule(worker=NAMES)
    def worker_connects(self, worker: str) -> None:
        self.tell(inp.WorkerConnected(worker, "host", 1))

    @rule(worker=NAMES)
    def worker_dies(self, worker: str) -> None:
        self.running.pop(worker, None)
        self.tell(inp.WorkerLost(worker, "died"))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), value=METRICS)
    def trial_returns(self, data: st.DataObject, value: float) -> None:
        told = self.running[data.draw(st.sampled_from(sorted(self.running)))]
        self.say(inp.TrialReturned(told.worker, told.trial, told.attempt, value, (0,), (0.5,)))

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def trial_raises(self, data: st.DataObject) -> None:
        told = self.running[data.draw(st.sampled_from(sorted(self.running)))]
        self.say(inp.TrialRaised(told.worker, told.trial, told.attempt, "Boom", "Traceback"))

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def trial_halts(self, data: st.DataObject) -> None:
        told = self.running[data.draw(st.sampled_from(sorted(self.running)))]
        self.say(inp.TrialHalted(told.worker, told.trial, told.attempt))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), values=st.lists(METRICS, min_size=1, max_size=3))
    def trial_progresses(self, data: st.DataObject, values: list[float]) -> None:
        told = self.running[data.draw(st.sampled_from(sorted(self.running)))]
        steps = tuple(range(len(values)))
        self.say(inp.MetricsArrived(told.worker, told.trial, told.attempt, steps, tuple(values)))

    @rule(happened=WORDS)
    def message_is_forged(self, happened: Any) -> None:
        self.say(happened)

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def message_comes_again(self, data: st.DataObject) -> None:
        self.say(data.draw(st.sampled_from(self.said)))

    # The optimizer.

    @precondition(lambda self: self.questions)
    @rule()
    def optimizer_makes_a_trial(self) -> None:
        self.questions -= 1
        self.made += 1
        self.tell(inp.SuggestionMade(f"t{self.made}", {"x": 0.5}))

    @precondition(lambda self: self.questions and self.made)
    @rule(data=st.data())
    def optimizer_repeats_itself(self, data: st.DataObject) -> None:
        self.questions -= 1
        self.tell(inp.SuggestionMade(f"t{data.draw(st.integers(1, self.made))}", {"x": 0.5}))

    @precondition(lambda self: self.questions)
    @rule()
    def optimizer_says_idle(self) -> None:
        self.questions -= 1
        self.tell(inp.SuggestionDeferred())

    @precondition(lambda self: self.questions)
    @rule()
    def optimizer_runs_dry(self) -> None:
        self.questions -= 1
        self.tell(inp.SuggestionsExhausted())

    @precondition(lambda self: self.questions)
    @rule()
    def optimizer_raises(self) -> None:
        self.questions -= 1
        self.tell(inp.SuggestionFailed("Boom"))

    # The stopping rule.

    @precondition(lambda self: self.checks)
    @rule(advice=ADVICE, steps=STEPS, values=st.lists(st.sampled_from([0.0, 0.5]), max_size=3).map(tuple))
    def rule_advises(
        self, advice: list[inp.StopAdvice], steps: tuple[int, ...] = (), values: tuple[float, ...] = ()
    ) -> None:
        self.checks -= 1
        self.tell(inp.EarlyStopChecked(tuple(advice), steps, values))

    @precondition(lambda self: self.checks)
    @rule()
    def rule_raises(self) -> None:
        self.checks -= 1
        self.tell(inp.EarlyStopFailed("Boom"))

    # A person, Spark, and the clock.

    @rule(trial=IDS)
    def person_stops_a_trial(self, trial: str) -> None:
        self.tell(inp.TrialStopRequested(trial, "enough"))

    @rule(count=st.integers(0, 3))
    def person_adds_trials(self, count: int) -> None:
        late = self.machine.state.phase != "RUNNING"
        before = self.machine.state.num_trials
        commands = self.tell(inp.MoreTrialsRequested(count))
        assert not (late and commands)
        assert not late or self.machine.state.num_trials == before

    @rule()
    def person_enqueues_a_trial(self) -> None:
        self.enqueued += 1
        late = self.machine.state.phase != "RUNNING"
        before = len(self.machine.state.trials)
        self.tell(inp.TrialEnqueued(f"p{self.enqueued}", {"x": 0.25}))
        assert len(self.machine.state.trials) == before + (not late)

    @precondition(lambda self: len(self.records) > 20)
    @rule()
    def person_stops_the_experiment(self) -> None:
        self.tell(inp.StopRequested("enough"))

    @precondition(lambda self: len(self.records) > 20)
    @rule()
    def spark_gives_no_workers(self) -> None:
        self.tell(inp.WorkersFailed("no Python"))

    @precondition(lambda self: len(self.records) > 10)
    @rule(more=st.integers(0, 2))
    def driver_dies(self, more: int) -> None:
        """Another one takes up the search; of what was under way there is only what was written down."""
        self.start = replace(self.start, num_trials=self.machine.state.num_trials + more)
        self.machine = Machine(self.start, self.records)
        self.running.clear()
        self.questions = self.checks = 0
        self.tell(inp.ExperimentLaunched())

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.tell(inp.TimePassed())

    @rule()
    def time_passes_to_the_deadline(self) -> None:
        if self.machine.deadline() < 1e9:
            self.now = max(self.now, self.machine.deadline())
            self.tell(inp.TimePassed())

    # What always holds.

    @invariant()
    def state_is_consistent(self) -> None:
        self.machine.state.validate()
        assert len(self.machine.state.trials) <= self.machine.state.num_trials
        assert not (self.machine.ended and self.machine.state.workers), "a worker was left behind"

    @invariant()
    def machine_and_workers_agree_on_who_runs_what(self) -> None:
        for name, worker in self.machine.state.workers.items():
            assert worker.trial == (self.running[name].trial if name in self.running else None)

    @invariant()
    def records_rebuild_the_state(self) -> None:
        assert [r.number for r in self.records] == list(range(1, len(self.records) + 1))
        assert contents(State(self.records)) == contents(self.machine.state)

    @invariant()
    def a_shorter_story_leads_to_the_same_state(self) -> None:
        state = self.machine.state
        told = State(compact(state))
        told.validate()
        assert {**contents(told), "number": state.number} == contents(state)

    @invariant()
    def what_is_over_stays_as_it_is(self) -> None:
        for trial in self.machine.state.trials.values():
            if trial.status in ENDS:
                assert repr(asdict(trial)) == repr(self.ends.setdefault(trial.trial_id, asdict(trial)))

    @invariant()
    def machine_waits_for_the_future_only(self) -> None:
        assert self.machine.deadline() > self.now or self.machine.state.phase == "STOPPING"

    def teardown(self) -> None:
        """The world behaves from here on: so the experiment ends."""
        if not hasattr(self, "machine"):
            return
        for record in self.records:
            assert repr(ev.Record.from_json(record.to_json())) == repr(record)
        for _ in range(20 * (self.start.num_trials + len(self.records))):
            if self.machine.ended:
                return
            self.behave()
            self.state_is_consistent()
        raise AssertionError(f"the experiment does not end: {contents(self.machine.state)}")

    def behave(self) -> None:
        if not self.machine.state.workers:
            self.worker_connects("f")
        if self.questions and self.last_answer == "trial":
            self.optimizer_makes_a_trial()
        elif self.questions and self.last_answer == "IDLE":
            self.optimizer_says_idle()
        elif self.questions:
            self.optimizer_runs_dry()
        if self.checks:
            self.rule_advises([])
        for told in list(self.running.values()):
            self.say(inp.TrialReturned(told.worker, told.trial, told.attempt, 1.0))
        self.time_passes_to_the_deadline()


TestWorld = World.TestCase
TestWorld.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
