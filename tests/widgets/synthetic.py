"""A made-up search: the records of an experiment with learning curves, stops, failures; of any size."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

from maggy.core import events as ev
from maggy.core.state import State
from maggy.searchspace import Searchspace

SPACE = Searchspace(
    lr=("DOUBLE", [1e-5, 1e-1], {"log": True}),
    units=("INTEGER", [8, 256]),
    dropout=("DOUBLE", [0.0, 0.6]),
    optimizer=("CATEGORICAL", ["adam", "sgd", "rmsprop"]),
)
WORKERS = 4


def started(num_trials: int, **settings: Any) -> ev.ExperimentStarted:
    given: dict[str, Any] = {
        "experiment": "digits-1a2b", "name": "digits", "description": "", "searchspace": SPACE.to_dict(),
        "optimizer": "randomsearch", "direction": "max", "num_trials": num_trials, "es_policy": "median",
        "es_interval": 1.0, "es_min": 5, "max_failures": 5, "max_attempts": 3, "lookahead": 0, "grace": 5.0,
    }  # fmt: skip
    return ev.ExperimentStarted(**{**given, **settings})


def curve(params: dict[str, Any], steps: int, rng: random.Random, direction: str) -> list[float]:
    """An accuracy that climbs, or a loss that falls."""
    peak = 0.97 - 0.08 * abs(math.log10(params["lr"]) + 3) - 0.1 * params["dropout"]
    pace = 0.1 + 0.2 * params["units"] / 256
    values = [peak * (1 - math.exp(-pace * (n + 1))) + rng.gauss(0, 0.008) for n in range(steps)]
    return values if direction == "max" else [2.5 * (1.05 - v) ** 2 for v in values]


def events(num_trials: int, steps: int = 30, seed: int = 0, **settings: Any) -> Iterator[ev.Event]:
    """What happens, trial after trial; many are stopped early, the 7th by hand, a few fail."""
    rng = random.Random(seed)
    start = started(num_trials, **settings)
    yield start
    for n in range(1, WORKERS + 1):
        yield ev.WorkerJoined(f"w{n}", n, "host", n)
    for number in range(1, num_trials + 1):
        yield from trial(number, steps, rng, start.direction, len(start.directions))


def trial(
    number: int, steps: int, rng: random.Random, direction: str = "max", objectives: int = 0
) -> Iterator[ev.Event]:
    name, params = f"t{number}", SPACE.sample(rng)
    yield ev.TrialCreated(name, number, params, "optimizer")
    yield ev.TrialStarted(name, 1, f"w{number % WORKERS + 1}")
    values = curve(params, steps, rng, direction)
    cut = rng.randrange(3, steps) if number % 3 == 0 or number == 7 or number % 29 == 0 else steps
    yield ev.TrialProgressed(name, tuple(range(cut)), tuple(values[:cut]))
    if number % 29 == 0:
        yield ev.TrialFailed(name, "RuntimeError: out of memory", "Traceback ...")
    elif cut < steps:
        yield ev.TrialStopDecided(name, "person" if number == 7 else "rule", "step 7: below the median", 0.5)
        yield ev.TrialStopped(name)
    else:
        yield ev.TrialFinished(name, values[-1], told(values[-1], params, objectives))


def told(metric: float, params: dict[str, Any], objectives: int) -> dict[str, float] | None:
    """What a trial of several objectives returns: a wide network is slow and large."""
    units = params["units"]
    costs = {"latency": units / 8 + 3 * params["dropout"], "size": units * units / 100}
    named = {"accuracy": metric, **costs}
    return dict(list(named.items())[:objectives]) if objectives > 1 else None


def running(number: int, steps: int, rng: random.Random) -> Iterator[ev.Event]:
    """A trial that has not ended."""
    name, params = f"t{number}", SPACE.sample(rng)
    yield ev.TrialCreated(name, number, params, "optimizer")
    yield ev.TrialStarted(name, 1, f"w{number % WORKERS + 1}")
    values = curve(params, steps, rng, "max")
    yield ev.TrialProgressed(name, tuple(range(steps)), tuple(values))


def recorded(happened: Iterator[ev.Event] | list[ev.Event], first: int = 1) -> list[ev.Record]:
    """The events as records, one a second."""
    return [ev.Record(n, 1_000_000.0 + n, event) for n, event in enumerate(happened, first)]


def search(num_trials: int, ended: bool = True, **settings: Any) -> State:
    """The state of a search; `ended`, or with its last trials running."""
    happened = list(events(num_trials, **settings))
    if ended:
        happened.append(ev.ExperimentEnded("finished", ""))
    else:
        rng = random.Random(1)
        for n in range(num_trials + 1, num_trials + WORKERS + 1):
            happened += running(n, 5 + 4 * (n % WORKERS), rng)
    return State(recorded(happened))


def conditional() -> Iterator[ev.Event]:
    """Three trials, of which the best has neither depth nor kind, and the last kind None."""
    trees = {"when": {"model": "tree"}}
    space = Searchspace(
        model=("CATEGORICAL", ["svm", "tree"]),
        depth=("INTEGER", [1, 8], trees),
        kind=("CATEGORICAL", [None, "x"], trees),
        rate=("DOUBLE", [0.0, 1.0]),
    )
    yield started(3, searchspace=space.to_dict())
    yield ev.WorkerJoined("w1", 1, "host", 1)
    points: list[tuple[dict[str, Any], float]] = [
        ({"model": "svm", "rate": 0.5}, 0.9),
        ({"model": "tree", "depth": 3, "kind": "x", "rate": 0.25}, 0.8),
        ({"model": "tree", "depth": 4, "kind": None, "rate": 0.75}, 0.7),
    ]
    for number, (params, metric) in enumerate(points, 1):
        yield ev.TrialCreated(f"t{number}", number, params, "optimizer")
        yield ev.TrialStarted(f"t{number}", 1, "w1")
        yield ev.TrialFinished(f"t{number}", metric)
    yield ev.ExperimentEnded("finished", "")


def ablation() -> Iterator[ev.Event]:
    """The base twice, a component twice and another that fails."""
    space = Searchspace(ablated_feature=("CATEGORICAL", ["None", "age", "<b>fare"]))
    nothing = {"ablated_feature": "None"}
    yield started(5, searchspace=space.to_dict(), optimizer="LOCO", baseline=nothing)
    yield ev.WorkerJoined("w1", 1, "host", 1)
    points = [("None", 0.5), ("age", 0.25), ("<b>fare", None), ("None", 0.75), ("age", 0.25)]
    for number, (name, metric) in enumerate(points, 1):
        yield ev.TrialCreated(f"t{number}", number, {"ablated_feature": name}, "optimizer")
        yield ev.TrialStarted(f"t{number}", 1, "w1")
        ended = ev.TrialFinished(f"t{number}", metric) if metric else ev.TrialFailed(f"t{number}", "no", "")
        yield ended
    yield ev.ExperimentEnded("finished", "")
