"""The machine's clock jumps by hours while a search runs, and before it is taken up again."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maggy.core import events as ev
from maggy.core.state import State
from maggy.driver.journal import NAME, read_journal
from maggy.trial import Trial
from tests.network.clock import WallClock
from tests.waiting import eventually

pytestmark = pytest.mark.network
HOUR = 3600
TRIALS = 60


def finished(base: Path) -> int:
    """How many trials have finished in the one search in this folder."""
    journals = [read_journal(folder) for folder in base.glob("*") if (folder / NAME).exists()]
    return sum(isinstance(record.event, ev.TrialFinished) for journal in journals for record in journal)


def more(base: Path, count: int) -> None:
    """Waits until so many more trials have finished."""
    wanted = finished(base) + count
    eventually(lambda: finished(base) >= wanted, 60)


def test_a_clock_that_jumps_changes_neither_times_nor_deadlines(tmp_path: Path) -> None:
    clock, base = WallClock(tmp_path), tmp_path / "searches"
    search = [sys.executable, "-m", "tests.driver.killed", str(base), str(TRIALS)]
    began = time.monotonic()
    with subprocess.Popen(search, env=clock.environment) as driver:
        more(base, 5)
        clock.set(HOUR)
        assert abs(now_by(clock) - time.time() - HOUR) < 60
        more(base, 5)
        clock.set(-HOUR)
        more(base, 5)
        driver.kill()
    clock.set(-2 * HOUR)
    subprocess.run(search, env=clock.environment, check=True, timeout=60)
    took = time.monotonic() - began

    [folder] = base.iterdir()
    records = read_journal(folder)
    times = [record.time for record in records]
    assert times == sorted(times)
    assert times[-1] - times[0] < took
    trials = State(records).trials.values()
    assert [t.status for t in trials] == [Trial.FINALIZED] * TRIALS
    assert finished(base) == TRIALS
    assert 0 < json.loads((folder / "result.json").read_text())["duration"] < took
    # Nobody was given up for an hour that was none: what ran twice did so for the driver's death.
    assert {r.event.reason for r in records if isinstance(r.event, ev.TrialRequeued)} <= {
        "its driver is gone"
    }


def now_by(clock: WallClock) -> float:
    """What a process takes for the time."""
    command = [sys.executable, "-c", "import time; print(time.time())"]
    return float(subprocess.run(command, env=clock.environment, capture_output=True, check=True).stdout)
