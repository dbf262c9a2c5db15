"""Optuna's Gaussian process, which runs on PyTorch."""

from __future__ import annotations

import pytest

from maggy import Searchspace, Trial
from maggy.optimizer import AbstractOptimizer, OptunaSearch
from maggy.testing import OptimizerContract
from tests.test_asha import end, suggested

pytestmark = pytest.mark.torch

SPACE = Searchspace(x=("DOUBLE", [0.0, 2.0]), y=("DOUBLE", [0.0, 2.0]))


def ready(direction: str, *directions: str) -> OptunaSearch:
    search = OptunaSearch("gp", seed=0)
    search.setup(SPACE, 40, direction, directions)
    search.initialize()
    return search


class TestGP(OptimizerContract):
    def make(self) -> AbstractOptimizer:
        return OptunaSearch("gp", seed=0)


@pytest.mark.parametrize(("direction", "sign"), [("min", 1), ("max", -1)])
def test_it_finds_the_bottom_of_a_bowl(direction: str, sign: int) -> None:
    search = ready(direction)
    for _ in range(25):
        trial = suggested(search)
        end(search, trial, sign * ((trial.params["x"] - 0.3) ** 2 + (trial.params["y"] - 1.7) ** 2))
    assert min(sign * (t.final_metric or 0.0) for t in search.final_store) < 0.001


def test_of_two_objectives_it_finds_what_lies_between_their_ends() -> None:
    """Both are best on the line from (0, 0) to (1, 0)."""
    search = ready("max", "max", "min")
    for _ in range(30):
        trial = suggested(search)
        x, y = trial.params["x"], trial.params["y"]
        trial.objectives = {"gain": -(x**2 + y**2), "cost": (x - 1) ** 2 + y**2}
        end(search, trial, trial.objectives["gain"])
    late = [t.params for t in search.final_store[-8:]]
    assert sum(p["y"] < 0.1 and p["x"] < 1.1 for p in late) >= 7


def test_running_trials_are_taken_into_account() -> None:
    search = ready("min")
    for _ in range(15):
        trial = suggested(search)
        end(search, trial, (trial.params["x"] - 0.3) ** 2 + (trial.params["y"] - 1.7) ** 2)
    running: list[Trial] = [suggested(search) for _ in range(4)]
    points = {(round(t.params["x"], 3), round(t.params["y"], 3)) for t in running}
    assert len(points) == 4
