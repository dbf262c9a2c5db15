"""Several objectives: what trials returned of them, and the Pareto front."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy.core.objectives import goal, pareto_front
from maggy.core.summary import result
from maggy.trial import Trial

from .world import Play


def search(*returned: dict[str, float], **settings: Any) -> Play:
    """A search of which each trial returned this."""
    given = {"directions": ("max", "min"), "num_trials": len(returned), "max_failures": 9, **settings}
    play = Play("a", **given)
    for number, objectives in enumerate(returned, 1):
        play.suggest(f"t{number}")
        play.finish(f"t{number}", **objectives)
    return play


def front(play: Play) -> list[str]:
    return [t.trial_id for t in pareto_front(play.state)]


def test_the_front_has_what_no_other_surpasses_the_best_by_the_first_objective_first() -> None:
    play = search(
        {"gain": 1.0, "cost": 1.0},
        {"gain": 2.0, "cost": 3.0},
        {"gain": 1.0, "cost": 2.0},  # as good as the first, and dearer
        {"gain": 0.5, "cost": 0.5},
        {"gain": 2.0, "cost": 3.0},  # just as good as the second
        {"gain": 0.4, "cost": 0.6},
    )
    assert front(play) == ["t2", "t5", "t1", "t4"]


def test_the_result_has_the_front_and_the_best_by_the_first_objective() -> None:
    found = result(search({"gain": 1.0, "cost": 1.0}, {"gain": 2.0, "cost": 3.0}).state)
    assert (found["best_id"], found["best_val"], found["metric_list"]) == ("t2", 2.0, [1.0, 2.0])
    assert found["directions"] == {"gain": "max", "cost": "min"}
    assert found["pareto_front"] == [
        {"trial_id": "t2", "number": 2, "params": {"x": 0.5}, "objectives": {"gain": 2.0, "cost": 3.0}},
        {"trial_id": "t1", "number": 1, "params": {"x": 0.5}, "objectives": {"gain": 1.0, "cost": 1.0}},
    ]


def test_one_objective_has_no_front() -> None:
    play = search({"gain": 1.0}, directions=())
    assert play.state.trials["t1"].objectives is None
    assert front(play) == []
    assert {"directions", "pareto_front"}.isdisjoint(result(play.state))


def test_a_trial_that_was_stopped_told_the_first_objective_alone() -> None:
    play = Play("a", directions=("max", "min"))
    play.suggest("t1")
    play.metrics("t1", 0.5)
    play.stop_trial("t1")
    play.halt("t1")
    assert play.state.trials["t1"].final_metric == 0.5
    assert front(play) == []


def test_the_first_trial_tells_the_names_and_their_order() -> None:
    play = search({"gain": 1.0, "cost": 2.0}, {"cost": 4.0, "gain": 3.0})
    assert play.state.objectives == ("gain", "cost")
    trial = play.state.trials["t2"]
    assert (trial.final_metric, list((trial.objectives or {}).items())) == (
        3.0,
        [("gain", 3.0), ("cost", 4.0)],
    )


@pytest.mark.parametrize("names", [(), ("gain", "cost")])
@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({"gain": 1.0}, "returned 'gain', and the 2 objectives are 'gain', 'cost'"),
        ({"gain": 1.0, "loss": 1.0}, "returned 'gain', 'loss', and the 2 objectives are 'gain', 'cost'"),
        ({"gain": 1.0, "cost": 1.0, "more": 1.0}, "'more', and the 2 objectives are 'gain', 'cost'"),
        ({"gain": 1.0, "cost": float("nan")}, "returned nan, which is no finite number"),
        ({}, "returned without names, and"),
    ],
)
def test_what_is_not_the_searchs_objectives_fails_the_trial(
    names: tuple[str, ...], second: dict[str, float], words: str
) -> None:
    play = search({"gain": 1.0, "cost": 1.0}, second, objectives=names)
    trial = play.state.trials["t2"]
    assert trial.status == Trial.ERROR
    assert words in (trial.error or "")
    assert (trial.final_metric, trial.objectives) == (None, None)


def test_the_first_trial_has_as_many_as_there_are_directions() -> None:
    play = search({"gain": 1.0}, {"gain": 2.0, "cost": 1.0})
    assert "returned 'gain', and the 2 objectives are" in (play.state.trials["t1"].error or "")
    assert play.state.objectives == ("gain", "cost")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"directions": ()}, "max"),
        ({"directions": (), "objectives": ("loss",), "direction": "min"}, "min loss"),
        ({}, "max, min"),
        ({"objectives": ("a", "b")}, "max a, min b"),
    ],
)
def test_the_goal_in_words(settings: dict[str, Any], words: str) -> None:
    assert goal(search(**settings, num_trials=1).state) == words


VALUES = st.sampled_from([0.0, 1.0, 2.0, 3.0])
POINTS = st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=12)
SIGNS = st.lists(st.sampled_from(["max", "min"]), min_size=3, max_size=3).map(tuple)


def surpasses(one: list[float], other: list[float]) -> bool:
    return one != other and all(a >= b for a, b in zip(one, other, strict=True))


@given(POINTS, SIGNS)
def test_the_front_is_what_pareto_says(points: list[tuple[float, ...]], directions: tuple[str, ...]) -> None:
    state = search(*[dict(zip("abc", p, strict=True)) for p in points], directions=directions).state
    signs = [1 if d == "max" else -1 for d in directions]
    goods = {f"t{n}": [s * v for s, v in zip(signs, p, strict=True)] for n, p in enumerate(points, 1)}
    wanted = {one for one, mine in goods.items() if not any(surpasses(o, mine) for o in goods.values())}
    assert {t.trial_id for t in pareto_front(state)} == wanted
