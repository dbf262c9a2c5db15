"""A small soak in CI; `python -m tests.soak` is the large one."""

from pathlib import Path

import pytest

from tests.soak.__main__ import run


@pytest.mark.timeout(600)
def test_a_thousand_trials_leak_nothing_and_lose_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    assert run(tmp_path, 3000, 50, said.append) == [], said
