"""A thousand trials on 32 workers, in virtual time."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.core.state import State
from maggy.trial import Trial

from .curves import EPOCHS
from .simulator import Outcome, Simulation


@cache
def played(**options: float | None) -> Outcome:
    return Simulation(**options).run()


def statuses(found: Outcome) -> set[str]:
    return {t.status for t in found.trials}


def test_every_trial_ends() -> None:
    found = played()
    assert found.status == "finished"
    assert [t.number for t in found.trials] == list(range(1, 1001))
    assert statuses(found) == {Trial.FINALIZED, Trial.STOPPED}


def test_every_slot_is_busy_until_the_last_trial_has_started() -> None:
    assert played().slot_use == pytest.approx(1.0)


def test_the_records_tell_the_whole_story() -> None:
    assert [t.final_metric for t in State(played().records).trials.values()] == [
        t.final_metric for t in played().trials
    ]


def test_early_stopping_saves_a_fifth_of_the_epochs_and_keeps_the_best_trial() -> None:
    patient, found = played(es_interval=None), played()
    assert patient.epochs == 1000 * EPOCHS
    assert patient.stopped == 0
    assert found.epochs < 0.8 * patient.epochs
    assert found.seconds < 0.8 * patient.seconds
    assert found.best.params == patient.best.params
    assert found.best.final_metric == patient.best.final_metric


def test_every_stop_has_a_reason_that_a_person_can_read() -> None:
    stopped = [t for t in played().trials if t.status == Trial.STOPPED]
    assert stopped
    for trial in stopped:
        assert trial.stop_by == "rule"
        assert f"below median {trial.stop_level:.4g} of" in (trial.stop_reason or "")


def test_what_the_rule_compares_with_is_told_at_most_once_a_second_and_in_few_points() -> None:
    told = [r for r in played().records if isinstance(r.event, ev.ThresholdsChanged)]
    assert len(told) > 50
    assert all(after.time - before.time >= 1.0 for before, after in pairwise(told))
    assert all(len(r.event.steps) <= 64 for r in told)


def test_trials_that_a_person_adds_run_the_enqueued_ones_first() -> None:
    point = {"rate": 1e-2, "width": 256, "activation": "relu"}
    mine = [(50.0, inp.TrialEnqueued(f"mine{n}", point)) for n in range(5)]
    found = Simulation(trials=300, person=[*mine, (60.0, inp.MoreTrialsRequested(45))]).run()
    assert (found.status, len(found.trials)) == ("finished", 350)
    started = {t.trial_id: t.start or 0.0 for t in found.trials}
    assert max(started[f"mine{n}"] for n in range(5)) < 60
    assert found.best.created_by == "person", "it is the best point there is"
    assert found.slot_use == pytest.approx(1.0)


def test_workers_that_die_lose_no_trial() -> None:
    found = played(lifetime=60.0)
    assert sum(t.attempt > 1 for t in found.trials) > 100, "hardly anybody died"
    assert len(found.trials) == 1000
    assert statuses(found) == {Trial.FINALIZED, Trial.STOPPED}
    assert found.best.params == played().best.params


def test_the_same_seed_gives_the_same_search() -> None:
    def story(found: Outcome) -> list[object]:
        return [(t.params, t.status, t.attempt, t.start, t.duration, t.final_metric) for t in found.trials]

    again = Simulation(trials=200, lifetime=60.0, seed=7).run()
    assert story(again) == story(played(trials=200, lifetime=60.0, seed=7))
    assert story(again) != story(played(trials=200, lifetime=60.0, seed=8))


@pytest.mark.parametrize("trials", [1, 31, 33])
def test_few_trials_need_not_fill_the_workers(trials: int) -> None:
    found = played(trials=trials)
    assert found.status == "finished"
    assert statuses(found) <= {Trial.FINALIZED, Trial.STOPPED}
    assert len(found.trials) == trials
