"""A server with a good worker, to which strangers come."""

from __future__ import annotations

import pytest

from tests.rpc.served import GoodWorker, closing, serving


@pytest.fixture
def served():
    with serving() as served:
        yield served


@pytest.fixture
def good(served):
    with closing(GoodWorker(served)) as good:
        yield good


@pytest.fixture
def stranger(served, good):
    with closing(served.stranger()) as stranger:
        yield stranger
