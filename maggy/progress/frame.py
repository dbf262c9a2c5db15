"""The live part of the display as lines of styled text. Pure: a state, a time and a size in, lines out.

Built by hand of strings, since rich's tables take ten times as long, and while a frame is made no trial
can be dispatched.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from maggy.core.objectives import goal, metric_name
from maggy.core.state import State
from maggy.progress import format as fm
from maggy.progress import tally
from maggy.progress.told import told
from maggy.trial import Trial

# Text and the name of its style, see `live.STYLES`.
Span = tuple[str, str]
Line = list[Span]

# Each part has a sign of its own, so that the bar can be read without colours.
SIGNS = {
    "finished": "█",
    "stopped early": "▓",
    "stopped by hand": "▒",
    "stopped with the search": "╌",
    "failed": "✗",
    "running": "░",
    "to come": "·",
}
# Columns: trial, metric, step, time; then come the hyperparameters.
WIDTHS = (6, 11, 8, 8)
GAP = "  "


@dataclass(frozen=True, slots=True)
class View:
    """What a frame shows: `left` is the estimate in seconds, None where there is none; `notice` a warning."""

    state: State
    now: float
    left: float | None
    notice: str = ""


def lines(view: View, width: int, height: int) -> list[Line]:
    """The frame, at most `width` cells wide and two thirds of `height` lines high, but at least 6 lines."""
    if view.state.settings is None:
        return _status(view.state)
    above = [
        [("─" * width, "quiet")],
        _header(view, width),
        _bar_line(view.state, width),
        *_legend(view.state, width),
        *_best(view.state, width),
        *_status(view.state),
        *([[(view.notice, "attention")]] if view.notice else []),
    ]
    return above + _table(view, width, max(1, height * 2 // 3 - len(above) - 3))


def _header(view: View, width: int) -> Line:
    settings = view.state.settings
    assert settings is not None
    elapsed = fm.whole_seconds(view.now - view.state.started)
    right = elapsed + (f", {fm.about(view.left)}" if view.left is not None else "")
    words = f"{fm.clean(settings.optimizer, 30)} ({fm.clean(goal(view.state), 40)}), "
    words += fm.counted(len(view.state.workers), "worker")
    name = fm.shorten(fm.clean(settings.name, 60), max(8, width - len(words) - len(right) - 4))
    room = max(0, width - cell_len(name) - len(right) - 2)
    return [(name, "strong"), (set_cell_size(f"{GAP}{words}", room), "quiet"), (GAP, ""), (right, "")]


def _bar_line(state: State, width: int) -> Line:
    count = f"{tally.done(state):,} of {state.total():,} done"
    parts = tally.parts(state)
    cells = divide(list(parts.values()), max(1, width - len(count) - len(GAP)))
    bar = [(SIGNS[part] * n, part) for part, n in zip(parts, cells, strict=True) if n]
    return [*bar, (GAP, ""), (count, "strong")]


def divide(counts: list[int], width: int) -> list[int]:
    """Divides `width` cells in proportion; what is there at all is seen, where there is room for it."""
    whole = sum(counts)
    if not whole:
        return [0] * (len(counts) - 1) + [width]
    cells = [max(1, count * width // whole) if count else 0 for count in counts]
    while sum(cells) != width:
        # The part that is furthest from its due takes a cell, or one that has several gives one.
        due = [count * width / whole - n for count, n in zip(counts, cells, strict=True)]
        if sum(cells) < width:
            cells[due.index(max(due))] += 1
        else:
            cells[min(range(len(cells)), key=lambda i: (cells[i] <= 1, cells[i] == 0, due[i]))] -= 1
    return cells


def _legend(state: State, width: int) -> list[Line]:
    found: list[Line] = [[]]
    room = width
    for part, count in tally.parts(state).items():
        if not count and part in tally.RARE:
            continue
        item = [(SIGNS[part], part), (f" {count:,} {part}", "" if count else "quiet")]
        size = cell_len(item[0][0] + item[1][0])
        if size > room:
            found.append([])
            room = width
        found[-1] += [*item, (GAP, "")]
        room -= size + len(GAP)
    return found


def _best(state: State, width: int) -> list[Line]:
    if state.best is None:
        return []
    words = fm.shorten(told(state.best, state), max(20, width // 2))
    where = f"{GAP}trial {state.best.number}: "
    chosen = fm.params(state.best.params, max(10, width - cell_len(words) - len(where) - 5))
    return [[("best ", ""), (words, "best"), (where, "quiet"), (chosen, "")]]


def _status(state: State) -> list[Line]:
    status = tally.status(state)
    return [] if status is None else [[(status, "attention")]]


def _table(view: View, width: int, room: int) -> list[Line]:
    """A row per worker: a row stays where it is while trials come and go."""
    trials = [t for w in view.state.workers.values() if (t := view.state.trials.get(w.trial or ""))]
    if not trials:
        return []
    metric = fm.shorten(fm.clean(metric_name(view.state), 60), WIDTHS[1] - 1)
    found = [[], _row(("trial", metric, "step", "time"), "hyperparameters", "quiet", width)]
    found += [_trial_row(trial, view.now, width) for trial in trials[:room]]
    if len(trials) > room:
        found.append([(f"… and {len(trials) - room:,} more", "quiet")])
    return found


def _trial_row(trial: Trial, now: float, width: int) -> Line:
    value = fm.metric(trial.metric_history[-1]) if trial.metric_history else "-"
    step = str(trial.step_history[-1]) if trial.step_history else "-"
    took = fm.whole_seconds(now - (trial.start or now))
    words = "stopping: " if trial.status == Trial.STOPPING else ""
    words += f"attempt {trial.attempt}: " if trial.attempt > 1 else ""
    style = "quiet" if trial.status == Trial.STOPPING else ""
    return _row((str(trial.number), value, step, took), words + fm.params(trial.params, width), style, width)


def _row(cells: tuple[str, ...], last: str, style: str, width: int) -> Line:
    text = "".join(cell.rjust(n) for cell, n in zip(cells, WIDTHS, strict=True)) + GAP
    return [(text + fm.shorten(last, max(1, width - len(text))), style)]
