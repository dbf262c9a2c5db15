"""A small soak in CI; `python -m tests.soak` is the large one."""

from pathlib import Path

import pytest

from tests.soak.__main__ import Soak


@pytest.mark.timeout(600)
def test_three_thousand_trials_leak_nothing_and_lose_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    assert Soak(trials=3000, workers=50, seconds=0.0).run(tmp_path, said.append) == [], said
