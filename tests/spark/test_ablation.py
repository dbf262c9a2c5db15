"""Ablations of data sets that Spark has."""

from __future__ import annotations

import pytest

from maggy.ablation import AblationStudy

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def table(spark):
    rows = [(n, -n, 2 * n) for n in range(1, 9)]
    frame = spark.createDataFrame(rows, ["age", "fare", "target"])
    frame.createOrReplaceTempView("people_2")
    return frame


def explained(dataset_function):
    """How many columns follow the target, and half a point for age."""
    x, y = dataset_function()
    return sum(abs(x[name].corr(y)) > 0.9 for name in x) + ("age" in x) / 2


@pytest.mark.parametrize("kind", ["DataFrame", "table"])
def test_a_feature_is_left_out(lagom, table, kind):
    study = AblationStudy(*{"DataFrame": (table, None), "table": ("people", 2)}[kind], label_name="target")
    study.features.include("age", "fare")
    found = lagom(explained, experiment_type="ablation", ablation_study=study, hb_interval=0.05)
    assert found["base"]["metric"] == 2.5
    assert [(e["component"], e["effect"]) for e in found["effects"]] == [("age", -1.5), ("fare", -1.0)]


def test_a_table_that_is_not_there_is_refused(lagom, spark):
    study = AblationStudy("nobody", 3, "target")
    study.features.include("age")
    with pytest.raises(ValueError, match="Spark's catalog has no table 'nobody_3' or 'nobody'"):
        lagom(explained, experiment_type="ablation", ablation_study=study)
