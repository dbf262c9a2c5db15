"""One local Spark session for all tests that run in pytest's own process."""

from __future__ import annotations

import pytest
from pyspark import cloudpickle

from tests.spark import functions

# Executors cannot import the tests.
cloudpickle.register_pickle_by_value(functions)


@pytest.fixture(scope="session")
def spark():
    from pyspark.sql import SparkSession

    settings = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1"}
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("FATAL")
    yield session
    session.stop()


@pytest.fixture
def lagom(spark, tmp_path):
    """`experiment.lagom` on the local session, silent, with its folder in `tmp_path`."""
    from maggy import experiment

    def run(*args, **kwargs):
        return experiment.lagom(*args, **{"display": False, "directory": tmp_path, **kwargs})

    return run
