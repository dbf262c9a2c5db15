from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maggy.trial import Trial
from maggy_widgets.importance import epsilon_squared, groups, importance


def trial(metric: float | None, **params: Any) -> Trial:
    return Trial(params, final_metric=metric)


def drawn(count: int, metric: Any, seed: int = 0) -> list[Trial]:
    """Trials at random points, with metric(rng, **params)."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        params = {"x": rng.random(), "lr": 10 ** rng.uniform(-5, -1), "kind": rng.choice(["a", "b", "c"])}
        found.append(trial(metric(rng, **params), **params))
    return found


def test_it_is_what_the_formula_says() -> None:
    # Two groups of three around 0 and 10: within 4, total 4 + 6 * 25 = 154; 1 - (4/4)/(154/5).
    assert epsilon_squared(list("aaabbb"), [-1, 0, 1, 9, 10, 11]) == pytest.approx(1 - 5 / 154)
    assert epsilon_squared(list("ababab"), [0, 0, 1, 1, 2, 2]) == 0.0


def test_what_matters_comes_first() -> None:
    found = importance(
        drawn(300, lambda rng, x, lr, kind: math.log10(lr) + (kind == "a") + rng.gauss(0, 0.1))
    )
    assert list(found) == ["lr", "kind", "x"]
    assert found["lr"] > 0.7
    assert 0.05 < found["kind"] < 0.3
    assert found["x"] < 0.05


def test_a_scale_makes_no_difference() -> None:
    trials = drawn(100, lambda rng, x, lr, kind: x + rng.gauss(0, 0.3))
    logged = [trial(t.final_metric, x=math.exp(20 * t.params["x"])) for t in trials]
    assert importance(logged)["x"] == importance(trials)["x"] > 0.3


def test_noise_is_worth_nothing_on_average() -> None:
    # Without the correction for bias five groups of eight trials would have 4 / 39 each.
    found = [importance(drawn(40, lambda rng, **_: rng.gauss(0, 1), seed)) for seed in range(100)]
    assert sum(f["x"] for f in found) / len(found) < 0.06


def test_a_hyperparameter_that_some_lack_is_judged_by_those_that_have_it() -> None:
    """Trees are worse by far, which is not for their depth."""
    rng = random.Random(0)
    svms = [trial(1 + rng.gauss(0, 0.01), model="svm", c=rng.random()) for _ in range(40)]
    depths = [(rng.random(), rng.random()) for _ in range(40)]
    trees = [trial(depth, model="tree", depth=depth, leaf=leaf) for depth, leaf in depths]
    found = importance([*svms, *trees, trial(0.5, model="net", width=7)])
    assert found is not None
    assert "width" not in found
    assert found["depth"] > 0.8
    assert max(found["leaf"], found["c"]) < 0.2
    assert 0.3 < found["model"] < 0.9


def test_only_main_effects_are_seen() -> None:
    trials = [trial(float((a + b) % 2), a=a, b=b) for a in (0, 1) for b in (0, 1) for _ in range(5)]
    assert importance(trials) == {"a": 0.0, "b": 0.0}


def test_few_trials_say_nothing() -> None:
    assert importance([]) is None
    some = drawn(7, lambda rng, x, **_: x)
    assert importance([*some, trial(None, x=1.0)]) is None
    assert importance([*some, trial(0.5, x=0.5, lr=0.1, kind="a")]) is not None


def test_constants_explain_nothing() -> None:
    assert importance([trial(0.5, x=n, kind="a") for n in range(20)]) == {"x": 0.0, "kind": 0.0}
    assert importance([trial(float(n), kind="a") for n in range(20)]) == {"kind": 0.0}


def test_a_category_of_its_own_for_each_trial_explains_nothing() -> None:
    assert importance([trial(float(n), name=f"n{n}") for n in range(20)]) == {"name": 0.0}


def test_ties_stay_together() -> None:
    values = [1] * 50 + [2] * 3 + [3] * 3 + [4, 5, 6, 7, 8, 9]
    labels = groups(values)
    assert len({(v, g) for v, g in zip(values, labels, strict=True)}) == len(set(values))
    assert len(set(labels)) <= 5
    assert sorted(labels) == labels


def test_values_that_are_no_numbers_are_categories() -> None:
    assert len(set(groups([True, False, None, "1", 1, (1, 2)] * 5))) == 6
    assert set(groups([1, 2, 3] * 10)) == {1, 2, 3}


values = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.floats(allow_nan=False))
finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.lists(st.tuples(finite, values, finite), min_size=8, max_size=60))
def test_it_is_always_a_share(points: list[tuple[float, Any, float]]) -> None:
    found = importance([trial(metric, any=value, number=number) for metric, value, number in points])
    assert set(found) == {"any", "number"}
    assert all(0.0 <= share <= 1.0 for share in found.values())
    assert list(found.values()) == sorted(found.values(), reverse=True)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-100, 100)), min_size=8), st.randoms())
def test_the_order_of_the_trials_makes_no_difference(
    points: list[tuple[str, int]], rng: random.Random
) -> None:
    trials = [trial(float(metric), kind=kind) for kind, metric in points]
    shuffled = rng.sample(trials, len(trials))
    assert importance(shuffled)["kind"] == pytest.approx(importance(trials)["kind"], abs=1e-9)
