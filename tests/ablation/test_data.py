"""Data sets without one of their features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from maggy.ablation import AblationStudy, from_dataframe

FRAME = pd.DataFrame({"age": [1, 2], "fare": [3.0, 4.0], "survived": [0, 1]})


def test_features_and_labels_without_one_of_them() -> None:
    dataset = from_dataframe(FRAME, "survived")
    x, y = dataset()
    assert (list(x), list(y)) == (["age", "fare"], [0, 1])
    assert list(dataset(ablated_feature="age")[0]) == ["fare"]
    assert list(FRAME) == ["age", "fare", "survived"]


def test_files_are_read_where_the_trial_runs(tmp_path: Path) -> None:
    path = tmp_path / "titanic.parquet"
    dataset = from_dataframe(str(path), "survived")
    FRAME.to_parquet(path)
    assert list(dataset("fare")[0]) == ["age"]
    with pytest.raises(ValueError, match="no column 'gone'; it has age, fare, survived"):
        dataset("gone")


@pytest.mark.parametrize(
    ("data", "label", "why"),
    [
        (FRAME, "gone", "the data set has no column 'gone'; it has age, fare, survived"),
        (FRAME, None, "label_name must be the name"),
        ([1, 2], "survived", "a pandas or Spark DataFrame or a path, not a list"),
    ],
)
def test_what_is_no_data_set_is_refused(data: Any, label: Any, why: str) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        AblationStudy(data, None, label).dataset()
    assert why in str(refused.value)
