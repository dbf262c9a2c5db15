"""A short time under fire, in CI; `python -m tests.chaos` is the long one."""

from pathlib import Path

import pytest

from tests.chaos.__main__ import run


@pytest.mark.spark
@pytest.mark.timeout(600)
def test_a_search_under_fire_finishes_each_trial_exactly_once(tmp_path: Path) -> None:
    assert run(tmp_path, 15, 3, print) == []
