"""What an experiment came to, for people: the same rows on a terminal and in plain text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from maggy.core.effects import Effect, base, effects
from maggy.core.objectives import goal, pareto_front
from maggy.core.state import State
from maggy.core.summary import result, stopped_by, worst
from maggy.progress import format as fm
from maggy.progress.notices import log_file
from maggy.progress.tally import done
from maggy.progress.told import told
from maggy.trial import Trial

# How many of these are shown; the events and the trials' logs have the others.
MOST_STOPS = 12
MOST_ERRORS = 3
MOST_EFFECTS = 24
MOST_FRONT = 12

Row = tuple[str, str]


def title(state: State) -> str:
    """What was searched and how it ended: "digits: stopped, interrupted by Ctrl-C"."""
    assert state.settings is not None
    assert state.end is not None
    reason = fm.clean(state.end.reason)
    words = f"{fm.clean(state.settings.name, 60)}: {state.end.status}"
    return f"{words}, {reason}" if reason else words


def rows(state: State, path: Path) -> list[Row]:
    """Label and text of each line; an empty label goes on with the one above."""
    assert state.settings is not None
    return [
        ("optimizer", fm.clean(state.settings.optimizer, 60)),
        ("direction", fm.clean(goal(state))),
        ("trials", _trials(state)),
        ("best", _trial(state.best, state)),
        ("worst", _trial(worst(state), state)),
        ("average", fm.metric(result(state)["avg"])),
        *_effects(state),
        *_front(state),
        *_early_stopped(state),
        *_failures(state, path),
        ("total time", fm.duration(state.ended - state.started)),
        ("results", fm.short_path(path)),
    ]


def plain(state: State, path: Path) -> str:
    """The rows as plain text."""
    found = rows(state, path)
    wide = max(len(label) for label, _ in found)
    lines = [f"  {label:{wide}}  {text}".rstrip() for label, text in found]
    return "\n".join([title(state), *lines])


def _trials(state: State) -> str:
    counts = {
        "finished": state.counts[Trial.FINALIZED],
        "stopped early": len(stopped_by(state, "rule")),
        "stopped by hand": len(stopped_by(state, "person")),
        "stopped with the search": len(stopped_by(state, "experiment")),
        "failed": state.counts[Trial.ERROR],
    }
    words = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    never = state.counts[Trial.CANCELLED]
    return f"{done(state):,}" + (f" ({words})" if words else "") + (f"; {never:,} never ran" if never else "")


def _trial(trial: Trial | None, state: State) -> str:
    if trial is None:
        return "none: no trial ended with a metric"
    return f"{told(trial, state)}  trial {trial.number}: {fm.params(trial.params, 2000, 6)}"


def _front(state: State) -> list[Row]:
    """Of several objectives, the trials that no other one surpasses."""
    assert state.settings is not None
    if not state.settings.directions:
        return []
    return _counted(
        "pareto front", pareto_front(state), MOST_FRONT, lambda t: f"trial {t.number}: {told(t, state)}"
    )


def _effects(state: State) -> list[Row]:
    """Of an ablation, the component that is missed most first."""
    against = base(state)
    if against is None:
        return []
    told = [_effect(effect) for effect in effects(state)]
    more = [f"… and {len(told) - MOST_EFFECTS:,} more"] if len(told) > MOST_EFFECTS else []
    labels = ["effects", *[""] * len(told)]
    return [("base", _mean(against)), *zip(labels, [*told[:MOST_EFFECTS], *more], strict=False)]


def _mean(point: Effect) -> str:
    words = fm.metric(point.metric) + _plus_minus(point)
    return words if point.trials == 1 else f"{words} of {point.trials} trials"


def _effect(effect: Effect) -> str:
    """ "-0.0212 ± 0.004 without age: 0.9102"."""
    name = fm.clean(effect.component, 60)
    if effect.effect is None:
        return f"- without {name}: {_mean(effect) if effect.trials else 'no trial returned a metric'}"
    sign = "+" if effect.effect >= 0 else ""
    return f"{sign}{fm.metric(effect.effect)}{_plus_minus(effect)} without {name}: {fm.metric(effect.metric)}"


def _plus_minus(point: Effect) -> str:
    return "" if point.spread is None else f" ± {fm.metric(point.spread)}"


def _early_stopped(state: State) -> list[Row]:
    stopped = stopped_by(state, "rule")
    return _counted(
        "early stopped", stopped, MOST_STOPS, lambda t: f"trial {t.number}: {fm.clean(t.stop_reason)}"
    )


def _failures(state: State, path: Path) -> list[Row]:
    failed = [t for t in state.trials.values() if t.status == Trial.ERROR]
    return _counted("failed", failed, MOST_ERRORS, lambda t: _failure(t, path))


def _counted(label: str, trials: list[Trial], most: int, tell: Callable[[Trial], str]) -> list[Row]:
    """How many there are, then a line for each of the first."""
    shown = [tell(trial) for trial in trials[:most]]
    more = [f"… and {len(trials) - most:,} more"] if len(trials) > most else []
    return [(label, str(len(trials))), *(("", line) for line in [*shown, *more])]


def _failure(trial: Trial, path: Path) -> str:
    log = log_file(path, trial)
    # The last row says where the folder is.
    where = f" (trials/{log.name})" if log is not None else ""
    return f"trial {trial.number}: {fm.clean(trial.error)}{where}"
