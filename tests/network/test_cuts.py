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
from tests.driver.searches import OneByOne, Search, statuses
from tests.executor.processes import task_for
from tests.network.host import Host, host
from tests.waiting import eventually

pytestmark = pytest.mark.network
# Seconds that a cut lasts which workers and driver must bear.
BEARABLE = 5.0


class Afar(Search):
    """A search whose first workers are on another host, their successors on this one."""

    def start_on(self, other: Host) -> None:
        port = self.loop.start(other.here, 0)
        self.pool.task = replace(task_for(port, self._train, 0.1), host=other.here)
        self.pool.prefixes = [other.prefix] * self.settings.num_trials
        self.algorithms.start(self.loop.put)
        self.loop.put(inp.ExperimentLaunched())


@contextmanager
def searching(base: Path, workers: int = 1) -> Iterator[tuple[Afar, Host]]:
    """A search of as many trials, the first of which runs while other workers have nothing to do."""
    with host() as other:
        running = Afar(functions.ten_seconds, base, OneByOne(), workers=workers, num_trials=workers)
        try:
            running.start_on(other)
            running.await_event(ev.TrialProgressed)
            eventually(lambda: len(running.seen(ev.WorkerJoined)) == workers, 20)
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


@pytest.mark.timeout(300)
def test_a_cut_for_good_costs_the_workers_and_their_trials_run_again(tmp_path: Path) -> None:
    with searching(tmp_path, workers=2) as (search, other):
        other.pull_out()
        cut = time.monotonic()
        # One worker speaks into the void, with the end of its trial; the other is spoken to.
        search.loop.put(inp.TrialEnqueued("by hand", {"x": 5}))
        assert search.await_event(ev.TrialStarted, trial="by hand").attempt == 1
        eventually(lambda: len(search.seen(ev.TrialStarted, attempt=2)) == 2, 60)
        print(f"a network that is gone: its trials ran again after {time.monotonic() - cut:.1f} s")
        assert [worker.wait(60) for worker in search.pool.processes[:2]] == [0, 0]
        print(f"... and its workers had left after {time.monotonic() - cut:.1f} s")
        state = search.finish(60)
        requeued = search.seen(ev.TrialRequeued)
        assert len(requeued) == 2
        assert all(r.reason.startswith("its connection broke") for r in requeued)
        assert {state.trials[r.trial].attempt for r in requeued} == {2}
        assert statuses(state) == [Trial.FINALIZED] * 3
