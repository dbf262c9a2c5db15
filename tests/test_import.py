"""`from maggy import Searchspace, experiment` is quick, as it brings in nothing that is not needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ["pyspark", "py4j", "rich", "numpy", "IPython", "ipywidgets", "asyncio"]
PROGRAM = """
import sys, time
began = time.process_time()
from maggy import Searchspace, experiment
took = time.process_time() - began
print(took, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.fixture(scope="module")
def imported() -> tuple[float, set[str]]:
    """Seconds of processor time, and the top-level modules that are there afterwards."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    took, *modules = run.stdout.split()
    return float(took), set(modules)


@pytest.mark.parametrize("module", HEAVY)
def test_importing_maggy_imports_nothing_heavy(module: str, imported: tuple[float, set[str]]) -> None:
    assert "maggy" in imported[1]
    assert module not in imported[1]


def test_importing_maggy_takes_well_under_a_third_of_a_second(imported: tuple[float, set[str]]) -> None:
    assert imported[0] < 0.3
