"""Maggy's searches: its own core and algorithms, in the simulator that the tests use."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.quality.clock import Reports
from benchmarks.quality.curves import EPOCHS, Curves
from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.earlystop import AbstractEarlyStop, ASHARule
from maggy.optimizer import ASHA, AbstractOptimizer, Hyperband, OptunaSearch, RandomSearch
from tests.simulation.simulator import Simulation

Made = tuple[AbstractOptimizer, AbstractEarlyStop | None]

SEARCHES: dict[str, Callable[[int], Made]] = {
    "random": lambda seed: (RandomSearch(seed), None),
    "asha": lambda seed: (ASHA(resource_max=EPOCHS, seed=seed), None),
    "asha, stopping": lambda seed: (RandomSearch(seed), ASHARule()),
    "hyperband": lambda seed: (Hyperband(resource_max=EPOCHS, seed=seed), None),
    "tpe": lambda seed: (OptunaSearch("tpe", seed), None),
    "gp": lambda seed: (OptunaSearch("gp", seed), None),
}

# More than there is time for.
ENDLESS = 100_000


def search(algorithm: str, seed: int, curves: Curves, workers: int, limit: float) -> Reports:
    """Plays the search until `limit`, in simulated seconds."""
    optimizer, rule = SEARCHES[algorithm](seed)
    found = Simulation(
        trials=ENDLESS,
        workers=workers,
        seed=seed,
        optimizer=optimizer,
        rule=rule,
        es_interval=0.0 if rule else None,
        es_min=0,
        world=curves,
        grace=limit,
        person=[(limit, inp.StopRequested("time is over"))],
    ).run()
    return [
        (record.time, loss)
        for record in found.records
        if isinstance(record.event, ev.TrialProgressed) and record.time <= limit
        for loss in record.event.values
    ]
