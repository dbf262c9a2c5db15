"""A pytest plugin: on CI a skipped test fails the run, since nobody would notice it there."""

import os

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        reporter.write_line("\nTests were skipped, which is an error on CI.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
