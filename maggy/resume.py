"""Finds the experiment that is to be taken up again, and checks that it is the same one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from maggy.core import events as ev
from maggy.core.state import State
from maggy.exceptions import MaggyError, WireError
from maggy.past import NAME, is_experiment, journals, read_journal
from maggy.places import as_place, in_store
from maggy.wire import shown


def find(resume: Any, name: str, base: Path) -> Path | None:
    """The folder of the experiment; None where a new one is to start.

    Args:
        resume: what `lagom` was given: False, True (the latest experiment of this name, if any), an id, or
            the path of a folder.
        name: the experiment's name.
        base: the folder of the experiments' folders.

    Raises:
        TypeError, ValueError: it is none of these, or there is no such experiment.
        ImportError, OSError: a store cannot be used.
    """
    if resume is False or resume is None:
        return None
    if resume is True:
        return next(_named(name, base), None)
    if not isinstance(resume, (str, os.PathLike)) and not in_store(resume):
        raise TypeError(f"resume must be True, False, an experiment's id or its folder, not {shown(resume)}")
    for path in candidates(resume, base):
        if is_experiment(path):
            return path
    raise ValueError(f"resume: there is no experiment {str(resume)!r:.200} in {base}")


def candidates(given: Any, base: Path) -> list[Path]:
    """Where an experiment may be: by its id in `base`, or by the path or URL of its folder."""
    place = as_place(given)
    if in_store(place) or not in_store(base):
        return [place] if in_store(place) else [base / given, place]
    return [base / str(given), place]


def history(path: Path, settings: ev.ExperimentStarted) -> Sequence[ev.Record]:
    """What happened of the experiment so far.

    Args:
        path: its folder.
        settings: of what is to go on with it.

    Raises:
        ValueError: it is another experiment, in a line that says what differs.
        OSError, WireError: its journal cannot be read.
    """
    records = read_journal(path)
    before = records[0].event if records else None
    if before is not None and not isinstance(before, ev.ExperimentStarted):
        raise WireError(f"{path / NAME} does not begin with the start of an experiment")
    if before is not None:
        for what, old, new in _differences(before, settings):
            raise ValueError(
                f"experiment {path.name} cannot be taken up again: {what} was {shown(old)} and is "
                f"{shown(new)}; start a new one (resume=False) or give what it had"
            )
    return records


def taken_up(
    settings: ev.ExperimentStarted, path: Path, records: Sequence[ev.Record]
) -> ev.ExperimentStarted:
    """The settings with which the experiment goes on: its own id, and no fewer trials than it had.

    A trial that waited when the experiment was stopped never ran; another one runs in its place.
    """
    state = State(records)
    replaced = 0
    for record in records:
        if isinstance(record.event, ev.ExperimentResumed):
            replaced = 0
        replaced += isinstance(record.event, ev.TrialCancelled)
    wanted = max(settings.num_trials, state.num_trials + replaced)
    return replace(settings, experiment=path.name, num_trials=wanted)


def _named(name: str, base: Path) -> Iterator[Path]:
    """The experiments of this name, the latest first."""
    for path in journals(base):
        try:
            first = next(iter(read_journal(path)), None)
        except (OSError, MaggyError):
            continue
        if first is not None and isinstance(first.event, ev.ExperimentStarted) and first.event.name == name:
            yield path


def _differences(old: ev.ExperimentStarted, new: ev.ExperimentStarted) -> Iterator[tuple[str, Any, Any]]:
    if old.direction != new.direction:
        yield "its direction", old.direction, new.direction
    if (old.directions, old.objectives) != (new.directions, new.objectives):
        yield "what it optimizes", (old.directions, old.objectives), (new.directions, new.objectives)
    for name in {**old.searchspace, **new.searchspace}:
        before, now = old.searchspace.get(name), new.searchspace.get(name)
        if before != now:
            yield f"hyperparameter {name!r:.60}", before, now
    if old.baseline != new.baseline:
        yield "the baseline of its ablation", old.baseline, new.baseline
