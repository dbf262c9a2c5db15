"""ASHA by promotion, Hyperband, and ASHA by stopping, held to their papers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy import Searchspace, Trial
from maggy.earlystop import ASHARule
from maggy.optimizer import ASHA, AbstractOptimizer, Hyperband
from maggy.optimizer.ladder import budgets
from maggy.testing import running
from tests.simulation.curves import CENTRE, metric
from tests.simulation.simulator import Simulation

SPACE = Searchspace(x=("DOUBLE", [0.0, 1.0]))


def ready(optimizer: AbstractOptimizer, num_trials: int = 100, direction: str = "max") -> AbstractOptimizer:
    optimizer.setup(SPACE, num_trials, direction)
    optimizer.initialize()
    return optimizer


def suggested(optimizer: AbstractOptimizer) -> Trial:
    trial = optimizer.get_suggestion()
    assert isinstance(trial, Trial)
    optimizer.trial_store[trial.trial_id] = trial
    return trial


def end(optimizer: AbstractOptimizer, trial: Trial, value: float, status: str = Trial.FINALIZED) -> None:
    del optimizer.trial_store[trial.trial_id]
    trial.final_metric, trial.status = value, status
    optimizer.final_store.append(trial)


@pytest.mark.parametrize(
    ("lowest", "highest", "eta", "rungs"),
    [
        (1, 27, 3, [1, 3, 9, 27]),
        (1, 100, 3, [1, 4, 11, 33, 100]),
        (1, 16, 4, [1, 4, 16]),
        (0.5, 4.0, 2, [0.5, 1.0, 2.0, 4.0]),
        (2, 3, 3, [3]),
        (1, 3, 1.5, [1, 2, 3]),
    ],
)
def test_the_rungs_count_down_from_the_top(lowest: Any, highest: Any, eta: float, rungs: list[Any]) -> None:
    assert budgets(lowest, highest, eta) == rungs


@pytest.mark.parametrize("direction", ["max", "min"])
def test_the_best_third_of_a_rung_goes_on_once_in_either_direction(direction: str) -> None:
    asha = ready(ASHA(), direction=direction)
    begun = [suggested(asha) for _ in range(7)]
    assert {t.params["budget"] for t in begun} == {1}
    for n, trial in enumerate(begun[:6]):
        end(asha, trial, float(n))
    first, second, third = suggested(asha), suggested(asha), suggested(asha)
    best, next_best = (begun[5], begun[4]) if direction == "max" else (begun[0], begun[1])
    assert (first.parent, first.params) == (best.trial_id, {**best.params, "budget": 3})
    assert second.parent == next_best.trial_id
    assert (third.parent, third.params["budget"]) == (None, 1)


def test_the_highest_rung_with_somebody_to_go_on_comes_first() -> None:
    asha = ready(ASHA())
    for n, trial in enumerate([suggested(asha) for _ in range(9)]):
        end(asha, trial, float(n))
    promoted = [suggested(asha) for _ in range(3)]
    begun = [suggested(asha) for _ in range(3)]
    for trial in [*promoted, *begun]:
        end(asha, trial, 50.0)
    assert suggested(asha).params["budget"] == 9


def test_a_stopped_trial_counts_and_goes_no_further() -> None:
    asha = ready(ASHA())
    trials = [suggested(asha) for _ in range(3)]
    for n, trial in enumerate(trials):
        end(asha, trial, float(n), Trial.STOPPED if n == 2 else Trial.FINALIZED)
    assert suggested(asha).parent is None


def test_it_ends_with_a_full_top_rung_but_runs_what_a_person_adds() -> None:
    asha = ready(ASHA(resource_max=3, reduction_factor=3), num_trials=6)
    while isinstance(trial := asha.get_suggestion(), Trial):
        asha.trial_store[trial.trial_id] = trial
        end(asha, trial, 1.0)
    assert sum(t.params["budget"] == 3 for t in asha.final_store) == 2
    asha.num_trials += 1
    assert isinstance(asha.get_suggestion(), Trial)


def test_a_resumed_search_promotes_nobody_twice() -> None:
    asha = ready(ASHA(seed=1))
    for n in range(9):
        end(asha, suggested(asha), float(n))
    again = ready(ASHA(seed=2))
    again.final_store.extend(asha.final_store)
    assert suggested(again).parent == suggested(asha).parent
    end(asha, next(iter(asha.trial_store.values())), 9.0)
    third = ready(ASHA(seed=3))
    third.final_store.extend(asha.final_store)
    assert suggested(third).parent == suggested(asha).parent


def test_hyperband_starts_trials_in_brackets_as_many_as_its_paper_says() -> None:
    band = ready(Hyperband(), num_trials=1000)
    begun = Counter(suggested(band).params["budget"] for _ in range(49))
    assert begun == {1: 27, 3: 12, 9: 6, 27: 4}


def test_hyperband_promotes_within_brackets() -> None:
    band = ready(Hyperband(seed=0), num_trials=300)
    for n in range(300):
        end(band, suggested(band), n % 7)
    bracket = {t.trial_id: t.params["budget"] for t in band.final_store if t.parent is None}
    promoted = [t for t in band.final_store if t.parent is not None]
    for trial in promoted:
        bracket[trial.trial_id] = bracket[trial.parent or ""]
    reached = {(bracket[t.trial_id], t.params["budget"]) for t in promoted}
    assert reached == {(1, 3), (1, 9), (1, 27), (3, 9), (3, 27), (9, 27)}


@pytest.mark.parametrize(
    "options",
    [
        {"reduction_factor": 1},
        {"reduction_factor": float("inf")},
        {"resource_min": 0},
        {"resource_min": 3, "resource_max": 3},
        {"resource_max": float("inf")},
    ],
)
def test_arguments_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is needed|must be"):
        ASHA(**options)


# By stopping.


def judged(rule: ASHARule, *trials: Trial, direction: str = "max") -> set[str]:
    return set(rule.earlystop_check({t.trial_id: t for t in trials}, [], direction))


@pytest.mark.parametrize(("direction", "best"), [("max", "r9"), ("min", "r1")])
def test_at_a_rung_the_best_third_so_far_goes_on(direction: str, best: str) -> None:
    rule = ASHARule()
    rule.initialize(direction)
    trials = [running(float(n), number=n) for n in (5, 9, 1, 4, 6, 2, 8, 3, 7)]
    stopped = judged(rule, *trials, direction=direction)
    assert best not in stopped
    assert stopped, "nobody is stopped"


def test_the_first_of_a_rung_are_too_few_to_tell() -> None:
    rule = ASHARule()
    assert judged(rule, running(0.9, number=1), running(0.1, number=2)) == set()
    assert judged(rule, running(0.5, number=3)) == {"r3"}


def test_a_trial_is_judged_once_at_each_rung_by_its_metric_there() -> None:
    rule = ASHARule(min_steps=2)
    fine = running(0.1, 0.9, 0.0, number=1)
    assert judged(rule, fine) == set()
    better = [running(0.0, 1.0, number=n) for n in range(2, 12)]
    judged(rule, *better)
    assert judged(rule, fine) == set(), "it was judged before"
    (reason,) = rule.earlystop_check({"r20": running(1.0, 0.2, number=20)}, [], "max").values()
    assert reason == "step 1: 0.2 is number 12 of 12 trials at this rung, not among the best 0.333"


def test_its_thresholds_are_what_goes_on_at_the_last_rung() -> None:
    rule = ASHARule()
    judged(rule, *[running(float(n), number=n) for n in range(1, 7)])
    assert rule.thresholds([0, 1, 2], [], "max") == [5.0, 5.0, 5.0]
    assert ASHARule().thresholds([0], [], "max") == [None]


@given(st.lists(st.integers(0, 5).map(float), min_size=1, max_size=40))
def test_it_decides_as_the_paper_says(metrics: list[float]) -> None:
    rule = ASHARule()
    for n, value in enumerate(metrics, 1):
        rank = sum(before > value for before in metrics[:n])
        stop = n >= 3 and rank >= n // 3
        assert bool(judged(rule, running(value, number=n))) == stop


@pytest.mark.parametrize("options", [{"reduction_factor": 1}, {"min_steps": 0}, {"min_steps": 1.5}])
def test_a_rules_arguments_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        ASHARule(**options)


# In a whole search, in virtual time.

BEST = metric({"rate": CENTRE, "width": 256, "activation": "relu"}, 26)


@pytest.mark.parametrize("optimizer", [ASHA(seed=1), Hyperband(seed=1)])
def test_promotion_finds_as_good_a_point_in_a_fraction_of_the_epochs(optimizer: AbstractOptimizer) -> None:
    found = Simulation(trials=300, workers=8, es_interval=None, optimizer=optimizer).run()
    assert found.status == "finished"
    assert found.slot_use == pytest.approx(1.0)
    assert found.best.final_metric is not None
    assert found.best.final_metric > 0.95 * BEST
    assert found.epochs < 300 * 27 / 4
    continued = [t for t in found.trials if t.parent is not None]
    assert continued
    assert all(t.step_history[0] == t.params["budget"] / 3 for t in continued), "they began anew"


def test_stopping_finds_as_good_a_point_in_a_fraction_of_the_epochs() -> None:
    found = Simulation(trials=300, workers=8, es_interval=0.0, es_min=0, rule=ASHARule()).run()
    assert found.best.final_metric is not None
    assert found.best.final_metric > 0.95 * BEST
    assert found.epochs < 300 * 30 / 4
