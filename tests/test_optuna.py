"""Optuna's samplers behind our door, with the real Optuna."""

from __future__ import annotations

import importlib.util
from typing import Any

import optuna
import pytest

from maggy import Searchspace, Trial
from maggy.optimizer import AbstractOptimizer, OptunaSearch
from maggy.testing import OptimizerContract
from tests.test_asha import end, suggested


class TestTPE(OptimizerContract):
    def make(self) -> AbstractOptimizer:
        return OptunaSearch("tpe", seed=0)


class TestCMAES(OptimizerContract):
    def make(self) -> AbstractOptimizer:
        return OptunaSearch("cmaes", seed=0)


class TestQMC(OptimizerContract):
    def make(self) -> AbstractOptimizer:
        return OptunaSearch("qmc", seed=0)


class TestNSGAII(OptimizerContract):
    def make(self) -> AbstractOptimizer:
        return OptunaSearch("nsgaii", seed=0)


class TestAnInstance(OptimizerContract):
    def make(self) -> AbstractOptimizer:
        return OptunaSearch(optuna.samplers.RandomSampler(seed=0))


SPACE = Searchspace(
    x=("DOUBLE", [0.0, 1.0]),
    grid=("DOUBLE", [0.1, 0.7], {"step": 0.2}),
    odd=("CATEGORICAL", [1, True, None, (1, 2)]),
)


def ready(sampler: Any = "tpe", direction: str = "max", space: Searchspace = SPACE) -> OptunaSearch:
    search = OptunaSearch(sampler, seed=0) if isinstance(sampler, str) else OptunaSearch(sampler)
    search.setup(space, 100, direction)
    search.initialize()
    return search


class Watching(optuna.samplers.RandomSampler):
    """Keeps the trials that it knows of when it is asked."""

    seen: list[Any]

    def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
        self.seen = [t for t in study.get_trials(deepcopy=False) if t.number != trial.number]
        return {}


def test_the_sampler_knows_of_ended_stopped_failed_and_running_trials() -> None:
    watching = Watching(seed=0)
    search = ready(watching)
    trials = [suggested(search) for _ in range(4)]
    end(search, trials[0], 0.5)
    end(search, trials[1], 0.25, Trial.STOPPED)
    del search.trial_store[trials[2].trial_id]
    suggested(search)
    told = [(t.state.name, t.value) for t in watching.seen]
    assert told == [("COMPLETE", 0.5), ("PRUNED", 0.25), ("FAIL", None), ("RUNNING", None)]


def test_trials_that_it_did_not_suggest_are_told_while_they_run_and_when_they_ended() -> None:
    watching = Watching(seed=0)
    search = ready(watching)
    earlier = Trial({"x": 0.5, "grid": 0.5, "odd": True}, final_metric=0.75, status="FINALIZED")
    search.final_store.append(earlier)
    mine = Trial({"x": 0.25, "grid": 0.7, "odd": None}, created_by="person")
    search.trial_store[mine.trial_id] = mine
    suggested(search)
    assert [t.params for t in watching.seen] == [
        {"x": 0.5, "grid": 2, "odd": 1},
        {"x": 0.25, "grid": 3, "odd": 2},
    ]
    assert [t.state.name for t in watching.seen] == ["COMPLETE", "RUNNING"]
    end(search, mine, 0.125)
    suggested(search)
    assert [t.value for t in watching.seen[:2]] == [0.75, 0.125]


@pytest.mark.parametrize("direction", ["max", "min"])
def test_tpe_finds_the_better_end_in_either_direction(direction: str) -> None:
    search = ready("tpe", direction, Searchspace(x=("DOUBLE", [0.0, 1.0])))
    for _ in range(40):
        trial = suggested(search)
        end(search, trial, trial.params["x"])
    late = [t.params["x"] for t in search.final_store[-15:]]
    assert sum(x > 0.5 for x in late) >= 12 if direction == "max" else sum(x < 0.5 for x in late) >= 12


def test_what_is_not_installed_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: None)
    with pytest.raises(ImportError, match=r"sampler 'tpe' needs optuna, .*; pip install 'maggy\[optuna\]'"):
        OptunaSearch("tpe")
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: package == "optuna" or None)
    with pytest.raises(ImportError, match=r"sampler 'gp' needs scipy and torch, .* pip install scipy torch"):
        OptunaSearch("gp")


def test_what_no_sampler_can_do_is_refused() -> None:
    with pytest.raises(ValueError, match="sampler must be one of tpe, gp, cmaes, qmc, nsgaii, not 'grid'"):
        OptunaSearch("grid")
    with pytest.raises(ValueError, match="'tpe' needs a searchspace with at least one hyperparameter"):
        ready(space=Searchspace())
