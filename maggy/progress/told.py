"""What a trial came to, in the words of the search. Pure."""

from __future__ import annotations

from maggy.core.objectives import metric_name
from maggy.core.state import State
from maggy.progress import format as fm
from maggy.trial import Trial


def told(trial: Trial, state: State) -> str:
    """ "0.9123"; where objectives have names, "accuracy 0.9123" or "accuracy 0.9123, latency 8.000"."""
    if trial.objectives is not None:
        return ", ".join(_words(name, value) for name, value in trial.objectives.items())
    if state.objectives:
        return _words(metric_name(state), trial.final_metric)
    return fm.metric(trial.final_metric)


def _words(name: str, value: float | None) -> str:
    return f"{fm.clean(name, 60)} {fm.metric(value)}"
