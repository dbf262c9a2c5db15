from __future__ import annotations

import pytest

from maggy.core import events as ev
from maggy.progress.tally import Tally
from tests.progress.experiment import Played


class Estimate:
    """A tally as a display, that keeps the last estimate."""

    left: float | None = None

    def __init__(self) -> None:
        self._tally = Tally()

    def at(self, played: Played) -> float | None:
        played.show(self)
        return self._tally.seconds_left(played.state, played.now)

    def show(self, state, records, now) -> None:
        self._tally.take(state, records)


def test_there_is_no_estimate_before_there_is_data() -> None:
    played, estimate = Played(), Estimate()
    played.start()
    assert estimate.at(played) is None


def test_the_estimate_shares_the_work_among_the_workers() -> None:
    played, estimate = Played(num_trials=12, workers=2), Estimate()
    played.finish(took=10)
    played.fail(took=20)
    played.start("w1")
    played.start("w2")
    played.now += 5
    # The mean is 15: two trials with 10 to go, and eight more of 15, on two workers.
    assert estimate.at(played) == pytest.approx((2 * 10 + 8 * 15) / 2)


def test_the_estimate_of_the_last_trials_is_what_the_last_one_takes() -> None:
    played, estimate = Played(num_trials=3, workers=2), Estimate()
    played.finish(took=10)
    played.start("w1")
    played.now += 4
    played.start("w2")
    assert estimate.at(played) == 10


def test_one_more_trial_than_workers_takes_two_rounds() -> None:
    played, estimate = Played(num_trials=4, workers=2), Estimate()
    played.finish(took=10)
    played.start("w1")
    played.start("w2")
    assert estimate.at(played) == 20


def test_overdue_trials_and_stopped_or_workerless_searches_have_no_estimate() -> None:
    played, estimate = Played(num_trials=2, workers=1), Estimate()
    played.finish(took=10)
    trial = played.start("w1")
    played.now += 11
    assert estimate.at(played) is None
    played.now -= 5
    assert estimate.at(played) == 4
    played.happen(ev.TrialRequeued(trial, "gone"))
    played.happen(ev.WorkerLeft("w1", "gone"))
    assert estimate.at(played) is None
    played.join(1)
    assert estimate.at(played) == 10
    played.happen(ev.ExperimentStopping("enough", False))
    assert estimate.at(played) is None


def test_where_the_optimizer_gives_no_more_none_are_waited_for() -> None:
    played, estimate = Played(num_trials=100, workers=1), Estimate()
    played.finish(took=10)
    played.start("w1")
    played.happen(ev.SuggestionsEnded(None))
    assert estimate.at(played) == 10
