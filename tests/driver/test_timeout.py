"""Trials that take too long."""

from __future__ import annotations

import pytest

from maggy import Searchspace
from maggy.core import events as ev
from maggy.driver.journal import read_journal
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.handles import state

SPACE = Searchspace(x=("DISCRETE", [1, 2, 3, 4]))


@pytest.mark.parametrize("train", [functions.hangs_in_c, functions.dawdles])
def test_a_trial_that_takes_too_long_has_failed_and_its_worker_is_replaced(lagom, train):
    handle = lagom(
        train, searchspace=SPACE, optimizer="gridsearch", num_trials=4, trial_timeout=1.5, max_failures=9
    )
    result = handle.result(40)
    ends = {t.params["x"]: (t.status, t.error) for t in state(handle).trials.values()}
    late = (Trial.ERROR, "ran longer than trial_timeout=1.5 seconds")
    assert ends == {1: late, 2: (Trial.FINALIZED, None), 3: late, 4: (Trial.FINALIZED, None)}
    assert (result["status"], result["failed"]) == ("finished", 2)
    left = [r.event.reason for r in read_journal(handle.path) if isinstance(r.event, ev.WorkerLeft)]
    assert left.count("its trial took too long") == 2
