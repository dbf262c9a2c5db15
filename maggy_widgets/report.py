"""The static report of an experiment: what a saved notebook shows where there is no kernel. Pure.

It stands in notebooks that others open: on GitHub, in JupyterLab's untrusted notebooks, in nbconvert's
pages. What sanitizers take out is not in it: no script, no style sheet, no SVG elements (the picture is an
<img> with a data URI). It reads well with its inline styles taken out, too. It has no colours of its own
for text and background, so that it is at home in light and dark pages.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from maggy.core.effects import Effect, base, effects
from maggy.core.objectives import goal, metric_name, pareto_front
from maggy.core.state import ENDED, State
from maggy.core.summary import stopped_by
from maggy.places import in_store
from maggy.progress import format as fm
from maggy.progress.told import told
from maggy.trial import Trial
from maggy_widgets import look
from maggy_widgets.picture import picture

# How many trials, errors and effects are shown, and up to how many hyperparameters have a column each.
TOP, MOST_ERRORS, MOST_COLUMNS, MOST_EFFECTS = 10, 3, 8, 24


def html(state: State, path: Path | str | None = None, running: bool = False) -> str:
    """The report as HTML of less than 150 kB, whatever names, values and errors hold.

    Args:
        state: of an experiment at any point; it may have no trial yet.
        path: the experiment's folder, if it has one.
        running: say that the search was still going on when this was saved.
    """
    parts = [
        _line(f"<b>{_text(_name(state), 60)}</b> {_status(state, running)}"),
        _line(_text(", ".join(_counts(state))), muted=True),
        _goal(state),
        _best(state),
        _picture(state),
        _effects(state),
        _table(state),
        *_errors(state),
        _where(state, path, running),
    ]
    return f'<div style="margin: 4px 0; max-width: 900px">{"".join(parts)}</div>'


def text(state: State) -> str:
    """The report in a few plain lines."""
    lines = [f"{fm.clean(_name(state), 60)}: {_state_words(state)}"]
    lines += [", ".join(_counts(state))]
    if state.best is not None:
        lines += [f"best {told(state.best, state)}, {_trial(state.best)}"]
    if _several(state):
        lines += [_front(state)]
    return "\n".join(line for line in lines if line)


def _name(state: State) -> str:
    return (state.settings.name if state.settings else "") or "experiment"


def _state_words(state: State) -> str:
    if state.end is None:
        return "starting" if state.settings is None else "stopping" if state.stopping else "running"
    reason = f", {fm.clean(state.end.reason)}" if state.end.reason else ""
    return f"{state.end.status}{reason}, after {fm.duration(state.ended - state.started)}"


def _status(state: State, running: bool) -> str:
    if running and state.phase != ENDED:
        return "was running when this notebook was saved"
    return _text(_state_words(state))


def _counts(state: State) -> list[str]:
    """How many trials ended in which way, those first that there are most of in a good search."""
    counts = {
        "finished": state.counts[Trial.FINALIZED],
        "stopped early": len(stopped_by(state, "rule")),
        "stopped by hand": len(stopped_by(state, "person")),
        "stopped with the search": len(stopped_by(state, "experiment")),
        "failed": state.counts[Trial.ERROR],
        "never ran": state.counts[Trial.CANCELLED],
        "running": state.active(),
        "waiting": state.counts[Trial.PENDING],
    }
    told = [f"{count:,} {words}" for words, count in counts.items() if count]
    return [f"{fm.counted(len(state.trials), 'trial')}: {told[0]}", *told[1:]] if told else ["no trials yet"]


def _several(state: State) -> bool:
    return state.settings is not None and len(state.settings.directions) > 1


def _goal(state: State) -> str:
    """Of several objectives: what is looked for, and what was found."""
    return _line(_text(f"{goal(state)}; {_front(state)}"), muted=True) if _several(state) else ""


def _front(state: State) -> str:
    return f"{fm.counted(len(pareto_front(state)), 'trial')} on the Pareto front"


def _best(state: State) -> str:
    if state.best is None:
        return ""
    return _line(f"best <b>{_text(told(state.best, state))}</b>, {_text(_trial(state.best), 400)}")


def _trial(trial: Trial) -> str:
    return f"trial {trial.number}: {fm.params(trial.params, 300)}"


def _picture(state: State) -> str:
    drawn = picture(state)
    if drawn is None:
        return ""
    svg, about = drawn
    data = base64.b64encode(svg.encode()).decode()
    alt = about if state.best is None else f"{about}; the best is trial {state.best.number}"
    return _line(
        f'<img src="data:image/svg+xml;base64,{data}" alt="{_text(alt)}" width="760" style="max-width: 100%">'
    )


def _table(state: State) -> str:
    trials = _ranked(state)
    if not trials:
        return ""
    names, further = _columns(state, trials[:TOP]), _further(state)
    numbers = ["trial", metric_name(state), *further]
    heads = [
        "front" if further else "rank",
        *numbers,
        *(names or ["hyperparameters"]),
        "state",
        "duration",
    ]
    firsts = _marks(state, trials[:TOP]) if further else [str(rank + 1) for rank in range(TOP)]
    rows = [
        [first, *_cells(trial, further, names)] for first, trial in zip(firsts, trials[:TOP], strict=False)
    ]
    align = ["right"] * (1 + len(numbers)) + _alignment(trials[:TOP], names) + ["left", "right"]
    body = _row("th", heads, align) + "".join(_row("td", row, align) for row in rows)
    more = len(trials) - TOP
    under = _line(f"and {more:,} more", muted=True) if more > 0 else ""
    return f'<table style="border-collapse: collapse; margin: 6px 0">{body}</table>{under}'


def _effects(state: State) -> str:
    """Of an ablation, what is missed most first."""
    against = base(state)
    if against is None:
        return ""
    rows = [_points("everything in place", against)]
    rows += [_points(effect.component, effect) for effect in effects(state)[:MOST_EFFECTS]]
    align = ["left", *["right"] * 4]
    body = _row("th", ["without", "effect", "spread", "metric", "trials"], align)
    body += "".join(_row("td", row, align) for row in rows)
    return f'<table style="border-collapse: collapse; margin: 6px 0">{body}</table>'


def _points(name: str, point: Effect) -> list[str]:
    return [name, *map(fm.metric, (point.effect, point.spread, point.metric)), str(point.trials)]


def _alignment(trials: Sequence[Trial], names: Sequence[str]) -> list[str]:
    """Numbers stand to the right in their column."""
    first = [next(t.params[name] for t in trials if name in t.params) for name in names] or [""]
    return ["right" if type(value) in (int, float) else "left" for value in first]


def _ranked(state: State) -> list[Trial]:
    """The trials that ended with a metric, the best first; of several objectives, the front first."""
    sign = -1.0 if state.settings is None or state.settings.direction == "max" else 1.0
    ranked = sorted(state.ended_with_metric(), key=lambda t: sign * (t.final_metric or 0.0))
    front = pareto_front(state)
    there = {t.trial_id for t in front}
    return [*front, *(t for t in ranked if t.trial_id not in there)]


def _further(state: State) -> tuple[str, ...]:
    """The names of the objectives after the first."""
    return state.objectives[1:] if _several(state) else ()


def _marks(state: State, trials: Sequence[Trial]) -> list[str]:
    """Whether each is on the Pareto front."""
    there = {t.trial_id for t in pareto_front(state)}
    return ["yes" if t.trial_id in there else "no" for t in trials]


def _columns(state: State, trials: Sequence[Trial]) -> list[str]:
    """The hyperparameters that these trials have, for a column each; none where there are too many."""
    known = dict.fromkeys(name for trial in trials for name in trial.params)
    space = state.settings.searchspace if state.settings else {}
    names = [n for n in space if n in known] + [n for n in known if n not in space]
    return names if len(names) <= MOST_COLUMNS else []


def _cells(trial: Trial, further: Sequence[str], names: Sequence[str]) -> list[str]:
    own = trial.params
    params = [fm.value(own[name]) if name in own else "-" for name in names] or [fm.params(trial.params, 200)]
    took = "" if trial.duration is None else fm.duration(trial.duration)
    words = look.WORDS[look.kind(trial)]
    others = [fm.metric((trial.objectives or {}).get(name)) for name in further]
    return [str(trial.number), fm.metric(trial.final_metric), *others, *params, words, took]


def _row(tag: str, cells: Iterable[str], align: Iterable[str]) -> str:
    rule = "; border-bottom: 1px solid #888888" if tag == "th" else ""
    style = f"padding: 2px 8px; white-space: nowrap{rule}; text-align: "
    inner = (
        f'<{tag} style="{style}{side}">{_text(cell)}</{tag}>' for cell, side in zip(cells, align, strict=True)
    )
    return f"<tr>{''.join(inner)}</tr>"


def _errors(state: State) -> Iterable[str]:
    failed = [t for t in state.trials.values() if t.status == Trial.ERROR]
    for trial in failed[:MOST_ERRORS]:
        yield _line(f"trial {trial.number} failed: {_text(trial.error)}")
    if len(failed) > MOST_ERRORS:
        yield _line(f"and {len(failed) - MOST_ERRORS:,} more failed", muted=True)


def _where(state: State, path: Path | str | None, running: bool) -> str:
    words = [f"experiment {_text(state.settings.experiment)}"] if state.settings and running else []
    words += (
        [f"results in <code>{escape(fm.short_path(path if in_store(path) else Path(path)))}</code>"]
        if path
        else []
    )
    return _line(", ".join(words), muted=True) if words else ""


def _line(inner: str, muted: bool = False) -> str:
    return f'<div style="margin: 2px 0{"; opacity: 0.7" if muted else ""}">{inner}</div>'


def _text(words: object, most: int = 200) -> str:
    """The words as harmless HTML text, also between quotes."""
    return escape(fm.clean(words, most))
