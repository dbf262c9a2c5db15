"""Ablations run on the workers that searches without Spark have."""

from tests.driver.conftest import lagom as lagom
