"""The benchmark of search algorithms is fair: same points at the same times, whoever leads the search."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.quality import optunas, ours, show
from benchmarks.quality.clock import Reports, replay
from benchmarks.quality.compare import POINTS, best_so_far, compare, holm
from benchmarks.quality.curves import EPOCHS, SPACE, Curves
from maggy import Searchspace

HOUR = 3600.0


@pytest.fixture(scope="module")
def curves() -> Curves:
    return Curves()


class Drawn:
    """Random search as Maggy draws, led by the clock of the others."""

    def __init__(self, seed: int) -> None:
        self._space, self._rng = Searchspace(**SPACE), random.Random(seed)

    def ask(self) -> tuple[Any, dict[str, Any]]:
        return None, self._space.sample(self._rng)

    def report(self, handle: Any, epoch: int, loss: float) -> bool:
        return False

    def done(self, handle: Any, loss: float) -> None:
        return None


def rounded(reports: Reports) -> Reports:
    """Sums of seconds in another order differ in their last bits."""
    return sorted((round(when, 6), loss) for when, loss in reports)


def test_maggys_simulated_clock_and_the_others_are_one(curves: Curves) -> None:
    mine = ours.search("random", 3, curves, 8, 5 * HOUR)
    theirs = replay(Drawn(3), curves, 8, 5 * HOUR)
    assert len(mine) > 100
    assert rounded(mine) == rounded(theirs)


def test_maggys_tpe_is_optunas(curves: Curves) -> None:
    """Same seed, same points: so nothing of what happens is kept from the sampler."""
    mine, theirs = (lib.search("tpe", 1, curves, 8, 8 * HOUR) for lib in (ours, optunas))
    assert rounded(mine) == rounded(theirs)
    assert rounded(mine) != rounded(optunas.search("random", 1, curves, 8, 8 * HOUR))


@pytest.mark.parametrize("library", [ours, optunas])
@pytest.mark.parametrize("algorithm", ["random", "asha", "hyperband", "tpe"])
def test_a_seed_repeats_a_search_and_another_does_not(library: Any, algorithm: str, curves: Curves) -> None:
    first, again, other = (library.search(algorithm, seed, curves, 4, 4 * HOUR) for seed in (0, 0, 1))
    assert first == again != other
    assert max(when for when, _ in first) <= 4 * HOUR


@pytest.mark.parametrize("algorithm", ["asha", "asha, stopping", "hyperband"])
def test_halving_tries_more_points_in_the_same_time(algorithm: str, curves: Curves) -> None:
    def points(of: str) -> int:
        asked: set[float] = set()
        world = Curves()
        world.metric = lambda params, step: (asked.add(params["lr"]), curves.metric(params, step))[1]  # type: ignore
        ours.search(of, 0, world, 8, 6 * HOUR)
        return len(asked)

    assert points(algorithm) > 1.5 * points("random")


def test_a_point_has_the_curve_of_the_nearest_run(curves: Curves) -> None:
    run = next(rows for rows in curves._runs if len(rows) < EPOCHS)
    point = {name: run[0][name] for name in SPACE}
    assert [curves.metric(point, k) for k in range(len(run))] == [row["val_loss"] for row in run]
    assert curves.metric(point, EPOCHS - 1) == run[-1]["val_loss"]
    assert curves.seconds(point, EPOCHS - 1) == pytest.approx(np.mean([row["epoch_seconds"] for row in run]))


def test_the_best_so_far_counts_a_loss_from_its_report_on() -> None:
    best = best_so_far([(30.0, 0.5), (10.0, 0.7), (20.0, 0.9)], limit=40.0, points=4)
    assert best.tolist() == [0.7, 0.7, 0.5, 0.5]


def test_a_worse_library_is_called_worse_and_noise_is_not(tmp_path: Path) -> None:
    def losses(level: float, seed: int) -> Any:
        return level + np.random.default_rng(seed).normal(0, 0.01, (20, 1)) + np.zeros((20, POINTS))

    runs = {
        ("tpe", "maggy"): losses(0.5, 0),
        ("tpe", "optuna"): losses(0.5, 1),
        ("tpe", "syne tune"): losses(0.4, 2),
        ("gp", "maggy"): losses(0.3, 3)[:, : POINTS // 2],
        ("gp", "optuna"): losses(0.4, 4)[:, : POINTS // 2],
    }
    found = compare(runs, "maggy")
    verdicts = {(c.algorithm, c.rival): c.verdict for c in found if c.figure == "end"}
    assert verdicts == {("tpe", "optuna"): "same", ("tpe", "syne tune"): "WORSE", ("gp", "optuna"): "better"}
    lines = "\n".join(show.table(runs, found, hours=20.0))
    assert "end WORSE" in lines
    assert lines.count("not played") == 2


def test_holm_adjusts_for_all_tests() -> None:
    assert holm([0.04, 0.01, 0.5]) == pytest.approx([0.08, 0.03, 0.5])
