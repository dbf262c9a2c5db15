"""One real Livy server for all tests that do not hurt it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.livy.client import STARTS_IN, Session
from tools.livy.server import LivyServer, livy_home, livy_server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.livy)
            item.add_marker(pytest.mark.timeout(2 * STARTS_IN))


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    livy_home()  # raises, and says what to do


@pytest.fixture(scope="session")
def livy(installed: None) -> Iterator[LivyServer]:
    with livy_server() as server:
        yield server


@pytest.fixture(scope="module")
def session(livy: LivyServer) -> Session:
    return Session.start(livy.url)
