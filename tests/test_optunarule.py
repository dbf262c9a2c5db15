"""Optuna's pruners behind our door, held to Optuna's own loop."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from typing import Any

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    PatientPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
)

from maggy import Searchspace, experiment
from maggy.earlystop import AbstractEarlyStop, OptunaRule
from maggy.testing import EarlyStopContract, ended, running
from maggy.trial import Trial

# NumPy's and Optuna's, of histories that are NaN.
pytestmark = pytest.mark.filterwarnings("ignore")


class TestHyperband(EarlyStopContract):
    def make(self) -> AbstractEarlyStop:
        return OptunaRule("hyperband")


class TestWilcoxon(EarlyStopContract):
    def make(self) -> AbstractEarlyStop:
        return OptunaRule("wilcoxon")


class TestMedianPruner(EarlyStopContract):
    def make(self) -> AbstractEarlyStop:
        return OptunaRule(MedianPruner(n_startup_trials=2))


class TestSuccessiveHalvingPruner(EarlyStopContract):
    def make(self) -> AbstractEarlyStop:
        return OptunaRule(SuccessiveHalvingPruner(min_resource=1, reduction_factor=2))


PRUNERS: list[Callable[[], BasePruner]] = [
    lambda: MedianPruner(n_startup_trials=2, interval_steps=2),
    lambda: PercentilePruner(25.0, n_startup_trials=1, n_warmup_steps=1),
    lambda: SuccessiveHalvingPruner(min_resource=1, reduction_factor=2),
    lambda: HyperbandPruner(min_resource=1, max_resource=4, reduction_factor=2),
    lambda: PatientPruner(MedianPruner(n_startup_trials=1), patience=1),
]
METRICS = st.integers(-8, 8).map(lambda n: n / 4) | st.just(math.nan)
CURVES = st.lists(st.lists(METRICS, min_size=1, max_size=6), max_size=12)


def by_optuna(pruner: BasePruner, curves: list[list[float]], direction: str) -> list[int | None]:
    """Of each trial, one after the other, the step at which Optuna's own loop prunes it."""
    study = optuna.create_study(
        study_name="maggy", direction="maximize" if direction == "max" else "minimize", pruner=pruner
    )
    return [_lead(study, curve) for curve in curves]


def _lead(study: optuna.Study, curve: list[float]) -> int | None:
    trial = study.ask()
    for step, metric in enumerate(curve):
        trial.report(metric, step)
        if trial.should_prune():
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            return step
    finite = curve[-1] == curve[-1]
    study.tell(trial, curve[-1] if finite else None, state=None if finite else optuna.trial.TrialState.FAIL)
    return None


def by_rule(rule: OptunaRule, curves: list[list[float]], direction: str, at_once: int) -> list[int | None]:
    """The same by our rule, asked after every `at_once` reports; its reason tells the step."""
    rule.initialize(direction)
    finals: list[Trial] = []
    stops: list[int | None] = []
    for number, curve in enumerate(curves, 1):
        trial, step = running(number=number), None
        for seen in range(at_once, len(curve) + at_once, at_once):
            trial.metric_history = curve[:seen]
            trial.step_history = list(range(len(trial.metric_history)))
            told = rule.earlystop_check({trial.trial_id: trial}, finals, direction)
            if told:
                step = int(told[trial.trial_id].split(":")[0].removeprefix("step "))
                del trial.metric_history[step + 1 :], trial.step_history[step + 1 :]
                break
        trial.status = Trial.FINALIZED if step is None else Trial.STOPPED
        trial.final_metric = trial.metric_history[-1]
        finals.append(trial)
        stops.append(step)
    return stops


@pytest.mark.parametrize("direction", ["max", "min"])
@pytest.mark.parametrize("make", PRUNERS)
@settings(max_examples=25, deadline=None)
@given(curves=CURVES, at_once=st.integers(1, 6))
def test_it_prunes_where_optunas_own_loop_does(
    make: Callable[[], BasePruner], direction: str, curves: list[list[float]], at_once: int
) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    ours = by_rule(OptunaRule(make()), curves, direction, at_once)
    assert ours == by_optuna(make(), curves, direction)


@pytest.mark.parametrize(("direction", "worse"), [("max", 0.1), ("min", 0.9)])
def test_every_stop_says_where_and_by_whom(direction: str, worse: float) -> None:
    rule = OptunaRule(MedianPruner(n_startup_trials=1))
    rule.initialize(direction)
    good, bad = running(0.5, 0.5, number=1), running(worse, worse, number=2)
    finals = [ended(0.5, 0.5, number=3)]
    told = rule.earlystop_check({t.trial_id: t for t in (good, bad)}, finals, direction)
    assert told == {"r2": f"step 0: {worse} pruned by MedianPruner"}


class Watching(NopPruner):
    """Keeps what it saw of all trials when it was asked."""

    seen: list[Any] = []  # noqa: RUF012  (a copy of the object is asked)

    def prune(self, study: Any, trial: Any) -> bool:
        self.seen[:] = [(t.state.name, t.intermediate_values) for t in study.get_trials(deepcopy=False)]
        return False


def test_the_pruner_knows_of_finished_stopped_and_running_trials() -> None:
    rule = OptunaRule(Watching())
    rule.initialize("max")
    finished, stopped, nothing = (ended(*h, number=n) for n, h in enumerate(((1, 2), (3,), ()), 1))
    stopped.status = Trial.STOPPED
    nothing.final_metric = math.nan
    rule.earlystop_check({"r1": running(5, 6)}, [finished, stopped, nothing], "max")
    assert Watching.seen == [
        ("COMPLETE", {0: 1, 1: 2}),
        ("PRUNED", {0: 3}),
        ("FAIL", {}),
        ("RUNNING", {0: 5, 1: 6}),
    ]


def test_the_pruner_that_was_given_stays_as_it_is() -> None:
    pruner = SuccessiveHalvingPruner()
    rule = OptunaRule(pruner)
    rule.initialize("max")
    rule.earlystop_check({"r1": running(0.5, 0.5)}, [ended(0.1, 0.2)], "max")
    assert vars(pruner) == vars(SuccessiveHalvingPruner())


def test_what_is_not_installed_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: package == "optuna" or None)
    with pytest.raises(
        ImportError, match=r"pruner 'wilcoxon' needs scipy, .*; pip install 'maggy\[optuna\]'"
    ):
        OptunaRule("wilcoxon")
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: None)
    with pytest.raises(ImportError, match=r"pruner 'hyperband' needs optuna, .*; pip install 'maggy\[optuna"):
        OptunaRule("hyperband")


def test_a_pruner_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="pruner must be one of hyperband, wilcoxon, not 'median'"):
        OptunaRule("median")


@pytest.mark.spark
def test_a_pruner_stops_trials_of_a_search(tmp_path: Any) -> None:
    result = experiment.lagom(
        climb,
        Searchspace(top=("DISCRETE", [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])),
        optimizer="gridsearch",  # in this order: the first two end, the others are worse
        num_trials=9,
        es_policy=MedianPruner(n_startup_trials=2),
        es_interval=0,
        es_min=0,
        hb_interval=0.01,
        display=False,
        directory=tmp_path,
    )
    assert result["early_stopped"] == 7
    assert result["best_val"] == 0.9


def climb(top: float, reporter: Any) -> float:
    """The two best end at once; the others, whose steps are work, would take 40 seconds."""
    import threading

    for step in range(1, 2001):
        reporter.broadcast(top * step / 2000)
        if top < 0.8:
            threading.Event().wait(0.02)
    return top
