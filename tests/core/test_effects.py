"""What components are good for, read off the state."""

from __future__ import annotations

import math
from typing import Any

import pytest

from maggy.core.effects import base, effects
from maggy.core.summary import result

from .world import Play

NOTHING = {"ablated_feature": "None", "ablated_layer": "None"}
AGE, FARE, DENSE = (
    {**NOTHING, "ablated_feature": "age"},
    {**NOTHING, "ablated_feature": "fare"},
    {**NOTHING, "ablated_layer": "dense"},
)


def ablation(*trials: tuple[dict[str, str], float | None], direction: str = "max") -> Any:
    """These trials ended with these metrics, or failed; one worker each."""
    names = [f"t{n}" for n in range(1, len(trials) + 1)]
    settings = {"num_trials": len(trials), "lookahead": 9, "max_failures": 9, "direction": direction}
    play = Play("abcdefghi"[: len(trials)], baseline=NOTHING, **settings)
    for name, (params, _) in zip(names, trials, strict=True):
        play.suggest_point(name, params)
    for name, (_, metric) in zip(names, trials, strict=True):
        play.fail(name) if metric is None else play.finish(name, metric)
    return play.state


def told(state: Any) -> list[tuple[str, float | None]]:
    return [(e.component, e.effect) for e in effects(state)]


@pytest.mark.parametrize(("direction", "order"), [("max", ["age", "fare"]), ("min", ["fare", "age"])])
def test_the_component_that_is_missed_most_comes_first(direction: str, order: list[str]) -> None:
    state = ablation((FARE, 0.75), (NOTHING, 0.5), (AGE, 0.25), direction=direction)
    assert dict(told(state)) == {"age": -0.25, "fare": 0.25}
    assert [name for name, _ in told(state)] == order


def test_with_repeats_an_effect_has_a_spread() -> None:
    state = ablation((NOTHING, 1.0), (AGE, 0.0), (NOTHING, 0.0), (AGE, 0.5), (FARE, 0.5))
    assert base(state).metric == 0.5
    assert base(state).spread == math.sqrt(0.5 / 2)
    by_name = {e.component: e for e in effects(state)}
    assert by_name["age"].spread == pytest.approx(math.sqrt(0.5 / 2 + 0.125 / 2))
    assert (by_name["fare"].effect, by_name["fare"].spread) == (0.0, None)


def test_what_failed_has_no_effect_and_comes_last() -> None:
    state = ablation((NOTHING, 0.5), (DENSE, None), (AGE, 0.75))
    assert told(state) == [("age", 0.25), ("dense", None)]
    assert effects(state)[1].failed == 1


def test_without_a_base_there_are_metrics_and_no_effects() -> None:
    state = ablation((NOTHING, None), (AGE, 0.75))
    assert told(state) == [("age", None)]
    assert effects(state)[0].metric == 0.75


def test_two_at_once_are_one_component() -> None:
    assert told(ablation((NOTHING, 0.5), ({**AGE, "ablated_layer": "dense"}, 0.25))) == [
        ("age + dense", -0.25)
    ]


def test_the_result_of_an_ablation_has_configs_and_effects() -> None:
    found = result(ablation((NOTHING, 0.5), (AGE, 0.25)))
    assert (found["best_config"], found["worst_config"]) == (NOTHING, AGE)
    assert found["base"]["metric"] == 0.5
    assert [e["component"] for e in found["effects"]] == ["age"]
    assert "best_hp" not in found


def test_a_search_has_none_of_it() -> None:
    state = Play("a").state
    assert (base(state), effects(state)) == (None, [])
    assert not {"effects", "base", "best_config"} & result(state).keys()
