from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.widgets.kernel import ROOT, running

# What `make test` sets up; the first is the environment that the tests run in.
PYTHONS = {
    "ipykernel-7.4": Path(sys.prefix),
    "ipykernel-7.3": ROOT / ".venv-ipykernel-7.3.0",
    "ipykernel-6.31": ROOT / ".venv-ipykernel-6.31.0",
}


@pytest.fixture(scope="module", params=PYTHONS)
def kernel(request, tmp_path_factory):
    """A kernel of each version, one after the other; the tests of a module share it."""
    python = PYTHONS[request.param]
    assert (python / "bin" / "python").exists(), f"{python.name} is missing; `make test` sets it up"
    with running(python, tmp_path_factory.mktemp("kernel")) as kernel:
        yield kernel
