"""Maggy: asynchronous hyperparameter search on Apache Spark."""

from maggy import experiment, handle
from maggy.searchspace import Searchspace
from maggy.trial import Trial

__all__ = ["Searchspace", "Trial", "experiment", "handle"]
