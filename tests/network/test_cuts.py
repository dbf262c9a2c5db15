"""The network between the driver and a worker is cut, for a while and for good."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from maggy.core import events as ev
from maggy.core import inputs as inp
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.searches import Search
from tests.executor.processes import task_for
from tests.network.host import HERE, Host, host
from tests.waiting import eventually

pytestmark = pytest.mark.network
# Seconds that a cut lasts which workers and driver must bear.
BEARABLE = 5.0


class Afar(Search):
    """A search with one worker at a time: the first on another host, its successors on this one."""

    def start_on(self, other: Host) -> None:
        port = self.loop.start(HERE, 0)
        self.pool.task = replace(task_for(port, self._train, 0.1), host=HERE)
        self.pool.prefixes = [other.prefix]
        self.algorithms.start(self.loop.put)
        self.loop.put(inp.ExperimentLaunched())


@contextmanager
def searching(base: Path) -> Iterator[tuple[Afar, Host]]:
    with host() as other:
        running = Afar(functions.ten_seconds, base, workers=1, num_trials=1)
        try:
            running.start_on(other)
            running.await_event(ev.TrialProgressed)
            yield running, other
        finally:
            running.close()


def test_a_cut_of_five_seconds_costs_no_trial(tmp_path: Path) -> None:
    with searching(tmp_path) as (search, other):
        other.pull_out()
        mended = time.monotonic() + BEARABLE
        eventually(lambda: time.monotonic() > mended, 2 * BEARABLE)
        other.plug_in()
        state = search.finish(60)
        [trial] = state.trials.values()
        assert (trial.status, trial.attempt) == (Trial.FINALIZED, 1)
        assert trial.step_history == list(range(100))
        assert search.seen(ev.TrialRequeued) == []


def test_a_cut_for_good_costs_the_worker_and_its_trial_runs_again(tmp_path: Path) -> None:
    with searching(tmp_path) as (search, other):
        other.pull_out()
        cut = time.monotonic()
        eventually(lambda: search.seen(ev.TrialStarted, attempt=2), 60)
        print(f"a network that is gone: its trial ran again after {time.monotonic() - cut:.1f} s")
        state = search.finish(60)
        [trial] = state.trials.values()
        assert (trial.status, trial.attempt) == (Trial.FINALIZED, 2)
        [requeued] = search.seen(ev.TrialRequeued)
        assert requeued.reason.startswith("its connection broke")
