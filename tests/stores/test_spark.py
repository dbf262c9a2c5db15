"""A search on a real Spark whose folder is in S3."""

from __future__ import annotations

from maggy import Searchspace, experiment
from maggy.core.state import State
from maggy.past import read_journal
from maggy.places import as_place
from tests.spark import functions
from tests.spark.conftest import spark  # noqa: F401

SPACE = Searchspace(x=("INTEGER", [1, 1000]))


def test_a_search_on_spark_is_in_the_bucket_and_is_taken_up_there(spark, bucket):  # noqa: F811
    given = {"searchspace": SPACE, "directory": bucket, "display": False}
    found = experiment.lagom(functions.square, num_trials=8, **given)
    assert found["path"].startswith(bucket)
    assert State(read_journal(as_place(found["path"]))).counts["FINALIZED"] == 8
    more = experiment.lagom(functions.square, num_trials=10, resume=found["experiment_id"], **given)
    assert more["num_trials"] == 10
    assert State(read_journal(as_place(found["path"]))).counts["FINALIZED"] == 10
