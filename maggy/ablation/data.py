"""Data sets that can be had without one of their features: pandas and Spark DataFrames, Parquet files.

A Spark DataFrame lives on the driver and cannot be used in a trial. So it is collected there once and sent
to every worker with the training function; what is too large for that is read by the workers from files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from maggy.wire import shown


@dataclass(frozen=True)
class Dataset:
    """Called in a trial, it gives features and labels.

    Attributes:
        label: the column to predict.
        columns: all columns; None where the executors are the first to see them.
        data: a pandas DataFrame, or the path of Parquet files.
    """

    label: str
    columns: tuple[str, ...] | None
    data: Any = field(repr=False)

    def __call__(self, ablated_feature: str | None = None) -> tuple[Any, Any]:
        """A pandas DataFrame of the features but one, and a Series of the labels, row by row the same."""
        frame = _read(self.data) if isinstance(self.data, str) else self.data
        left_out = [self.label] if ablated_feature is None else [self.label, ablated_feature]
        check_columns(left_out, tuple(map(str, frame.columns)))
        return frame.drop(columns=left_out), frame[self.label]

    def check(self, features: list[str]) -> None:
        """Raises ValueError for a feature that is known not to be there."""
        if self.columns is not None:
            check_columns(features, tuple(c for c in self.columns if c != self.label))


def from_dataframe(data: Any, label_name: str) -> Dataset:
    """The function that makes a data set, for `AblationStudy(dataset_generator=...)` or by itself.

    Args:
        data: a pandas DataFrame; a Spark DataFrame, collected here and now; or the path of Parquet files
            that every executor can read. Executors need pandas, and for files pyarrow.
        label_name: the column to predict.

    Returns:
        A function of `ablated_feature`, a name or None, that returns features and labels.

    Raises:
        TypeError: it is none of these.
        ValueError: it has no such column.
    """
    if not isinstance(label_name, str) or not label_name:
        raise TypeError(f"label_name must be the name of the column to predict, not {shown(label_name)}")
    if isinstance(data, str):
        return Dataset(label_name, None, data)
    columns = getattr(data, "columns", None)
    if columns is None:
        raise TypeError(f"a data set is a pandas or Spark DataFrame or a path, not a {type(data).__name__}")
    known = tuple(map(str, columns))
    check_columns([label_name], known)
    return Dataset(label_name, known, data.toPandas() if hasattr(data, "toPandas") else data)


def dataset_of(name: Any, version: int | None, label_name: Any) -> Callable[..., Any]:
    """The data set that a study names. Raises as `from_dataframe` does."""
    is_table = isinstance(name, str) and "/" not in name and not name.endswith(".parquet")
    return from_dataframe(_table(name, version) if is_table else name, label_name)


def check_columns(wanted: list[str], has: tuple[str, ...]) -> None:
    """Raises ValueError where a column is not there; says which are."""
    for name in wanted:
        if name not in has:
            known = ", ".join(has[:20]) + (", ..." if len(has) > 20 else "")
            raise ValueError(f"the data set has no column {shown(name)}; it has {known}")


def _table(name: str, version: int | None) -> Any:
    """The table of Spark's catalog; of an active session, since none is started to check arguments."""
    from pyspark.sql import SparkSession

    spark = SparkSession.getActiveSession()
    names = [name] if version is None else [f"{name}_{version}", name]
    for table in names:
        if spark is not None and spark.catalog.tableExists(table):
            return spark.table(table)
    why = "" if spark is not None else "; there is no Spark session yet, so start one first"
    raise ValueError(f"Spark's catalog has no table {' or '.join(map(repr, names))}{why}")


@lru_cache(maxsize=1)
def _read(path: str) -> Any:
    """Once for all trials of this worker, which get copies without a column."""
    import pandas

    return pandas.read_parquet(path)
