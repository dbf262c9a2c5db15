"""The secret that lets workers in is seen nowhere."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from maggy.exceptions import ExperimentFailed
from tests.spark import functions
from tests.spark.test_search import SPACE

pytestmark = pytest.mark.spark

SECRET = b"a secret that may not be seen anywhere"
SPELLINGS = [SECRET, SECRET.hex().encode(), repr(SECRET).encode()]


def test_the_secret_is_in_no_file_log_or_page_of_spark_and_the_folder_is_the_owners(
    lagom, spark, monkeypatch, caplog, capfd
):
    monkeypatch.setattr("maggy.driver.driver.new_secret", lambda: SECRET)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ExperimentFailed) as raised:
        lagom(functions.tells_its_arguments, SPACE, num_trials=2)
    found = raised.value.result
    folder = Path(found["path"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 4
    out, err = capfd.readouterr()
    seen = b"\n".join([*files, caplog.text.encode(), out.encode(), err.encode(), shown_by_spark(spark)])
    assert b"worker" in shown_by_spark(spark)
    assert b"TrialFailed" in seen
    assert not [spelling for spelling in SPELLINGS if spelling in seen]


def shown_by_spark(spark) -> bytes:
    """What Spark's pages tell of its settings and jobs."""
    store = spark.sparkContext._jsc.sc().statusStore()
    jobs = store.jobsList(None)
    told = [str(spark.sparkContext.getConf().getAll()), store.environmentInfo().sparkProperties().toString()]
    for i in range(jobs.size()):
        job = jobs.apply(i)
        told += [job.name(), job.description().toString(), job.jobGroup().toString()]
        stages = job.stageIds()
        for stage in (stages.apply(j) for j in range(stages.size())):
            told.append(store.lastStageAttempt(stage).toString() + store.lastStageAttempt(stage).details())
    return "\n".join(told).encode()
