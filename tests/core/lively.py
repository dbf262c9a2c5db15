"""A search full of events in little time, made up by a seed: most of what is done is sensible."""

from __future__ import annotations

import random

from maggy.core import inputs as inp
from maggy.trial import Trial

from .world import Play


class Lively:
    """Plays `steps` random steps; time often stands still, metrics are often equal."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        chosen = {"direction": self._rng.choice(["max", "min"]), "lookahead": self._rng.choice([0, 0, 3])}
        self.play = Play(num_trials=12, max_failures=50, es_interval=0.0, es_min=0, **chosen)
        self._made = 0

    def step(self) -> None:
        """One thing more happens."""
        self.play.now += self._rng.choice([0.0, 0.0, 0.1, 3.7])
        acts = [self.join, self.suggest, self.suggest, self.progress, self.progress, self.end, self.end]
        acts += [self.lose, self.by_hand, self.rule]
        self._rng.choice(acts)()

    def join(self) -> None:
        self.play.join(self._rng.choice("abcdef"))

    def suggest(self) -> None:
        if self.play.asked:
            self._made += 1
            self.play.suggest(f"t{self._made}")
        else:
            self.join()

    def progress(self) -> None:
        if trial := self._one(Trial.RUNNING, Trial.STOPPING):
            self.play.metrics(trial, *self._rng.choices([0.0, 0.5, float("nan"), float("-inf")], k=2))

    def end(self) -> None:
        if trial := self._one(Trial.STOPPING):
            self.play.halt(trial)
        elif trial := self._one(Trial.RUNNING):
            value = self._rng.choice([0.0, 0.0, 1.0, 1.0, 0.5])
            self._rng.choice([self.play.finish, self.play.finish, lambda t, _: self.play.fail(t)])(
                trial, value
            )

    def lose(self) -> None:
        self.play.lose(self._rng.choice("abcdef"))

    def by_hand(self) -> None:
        self._made += 1
        told = [inp.TrialEnqueued(f"p{self._made}", {"x": 0.25})] * 3
        told += [inp.MoreTrialsRequested(2), inp.TrialStopRequested(f"t{self._rng.randint(1, 12)}", "enough")]
        told += [inp.StopRequested("enough")] if self._rng.random() < 0.1 else []
        self.play.tell(self._rng.choice(told))

    def rule(self) -> None:
        steps = tuple(range(self._rng.randint(0, 3)))
        advice = [inp.StopAdvice(t, 1, "hopeless", 0.5) for t in [self._one(Trial.RUNNING)] if t]
        self.play.tell(inp.EarlyStopChecked(tuple(advice), steps, tuple(0.5 * s for s in steps)))

    def _one(self, *statuses: str) -> str | None:
        found = [t.trial_id for t in self.play.state.trials.values() if t.status in statuses]
        return self._rng.choice(found) if found else None
