"""The command line: `maggy list`, `maggy show`, `maggy resume`, `maggy export`."""

from __future__ import annotations

import argparse
import csv
import json
import pickle
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from maggy.core.state import State
from maggy.core.summary import result
from maggy.driver.folder import PICKLE
from maggy.driver.journal import is_locked
from maggy.exceptions import MaggyError
from maggy.past import is_experiment, journals, last_change, read_journal
from maggy.places import asking, base_directory, in_store, is_own, spool_of
from maggy.progress import format as fm
from maggy.progress import summary
from maggy.progress.tally import done
from maggy.resume import candidates
from maggy.wire import dumps, loads

_OTHERWISE = "call lagom(..., resume=...) where it is defined"
HEADS = ("id", "name", "state", "done", "best", "last change")


def main(given: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code is 1 where it could not be done, with one line on stderr."""
    asked = _parser().parse_args(given)
    try:
        asked.run(asked)
    except (MaggyError, OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        print(f"maggy: {fm.clean(error, 500)}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `| head` has seen enough
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="maggy", description="Experiments of Maggy, by the folders they leave."
    )
    parser.add_argument("--directory", help="a folder or a URL; default $MAGGY_DIR, else ./maggy-experiments")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Any], None], about: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.set_defaults(run=run)
        return made

    command("list", _list, "Lists experiments, the latest first.").add_argument("--json", action="store_true")
    show = command("show", _show, "Shows how an experiment stands, or what it came to.")
    resume = command(
        "resume", _resume, "Takes up an experiment again, with the function it was started with."
    )
    resume.add_argument("--num-trials", type=int, metavar="N", help="how many trials there are to be in all")
    resume.add_argument(
        "--trust", action="store_true", help="run the function that another machine left in a store"
    )
    export = command("export", _export, "Writes an experiment's trials as a table.")
    for one in (show, resume, export):
        one.add_argument("id", help="its id, the beginning of it, or the path or URL of its folder")
    show.add_argument("--json", action="store_true", help="what `lagom` returns")
    export.add_argument("--csv", metavar="FILE", default="-", help="where to; - is standard output")
    return parser


def _list(asked: Any) -> None:
    folders = journals(base_directory(asked.directory))
    if asked.json:
        print(json.dumps([_as_json(*_read(folder)) for folder in folders], indent=2))
        return
    rows = [HEADS, *(_row(folder) for folder in folders)]
    if len(rows) == 1:
        print(f"no experiments in {base_directory(asked.directory)}")
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(map(str.ljust, row, widths)).rstrip())


def _show(asked: Any) -> None:
    folder, state = _read(_find(asked))
    if asked.json:
        print(json.dumps(_as_json(folder, state), indent=2))
    elif state.end is not None:
        print(summary.plain(state, folder))
    else:
        id_, name, words, trials, best, changed = _row(folder)
        print(f"{name}: {words}, {trials} trials done, best {best or 'none yet'}, last change {changed}")
        print(f"take it up again with: maggy resume {id_}" if words == "interrupted" else f"in {folder}")


def _resume(asked: Any) -> None:
    from maggy import experiment

    folder = _find(asked)
    given = _unpickled(_pickled(folder, asked.trust), folder)
    more = {} if asked.num_trials is None else {"num_trials": asked.num_trials}
    given = replace(given, resume=folder, wait=True, display=None, directory=folder.parent, **more)
    experiment.lagom(**vars(given))


def _pickled(folder: Path, trusted: bool) -> bytes:
    """What the search left for a new driver, where only this user can write to it, or it is `trusted`."""
    path, own = folder / PICKLE, folder
    if in_store(folder) and (spool_of(folder) / PICKLE).exists():
        own = spool_of(folder)
        path = own / PICKLE
    with asking(folder):
        if not path.exists():
            raise ValueError(
                f"{folder} does not hold the training function, as it could not be pickled; {_OTHERWISE}"
            )
        if not trusted and (in_store(own) or not (is_own(own) and is_own(path))):
            raise ValueError(
                f"{folder} holds a training function that would run as you: give --trust where only people "
                "you trust can write to it"
            )
        return path.read_bytes()


def _unpickled(pickled: bytes, folder: Path) -> Any:
    try:
        return pickle.loads(pickled)
    except Exception as error:  # of whatever kind: it is made by what was pickled
        raise ValueError(f"{folder / PICKLE} cannot be read here ({error!r}); {_OTHERWISE}") from error


def _export(asked: Any) -> None:
    _, state = _read(_find(asked))
    if asked.csv == "-":
        _write_table(state, sys.stdout)
        return
    with open(asked.csv, "w", newline="", encoding="utf-8") as file:
        _write_table(state, file)


def _write_table(state: State, file: TextIO) -> None:
    space = state.settings.searchspace if state.settings else {}
    names = list(dict.fromkeys([*space, *(name for trial in state.trials.values() for name in trial.params)]))
    table = csv.writer(file)
    several = state.objectives if state.settings and state.settings.directions else ()
    heads = ["trial", "id", "status", "metric", *several, "steps", "duration", "stopped", "error", *names]
    table.writerow(heads)
    for t in state.trials.values():
        told = [(t.objectives or {}).get(name) for name in several]
        about = [t.number, t.trial_id, t.status, t.final_metric, *told, len(t.metric_history), t.duration]
        table.writerow([*about, t.stop_reason, t.error, *(_cell(t.params, name) for name in names)])


def _cell(params: Mapping[str, Any], name: str) -> Any:
    """Empty where a trial lacks the hyperparameter; the choice None is a word."""
    return "" if name not in params else "None" if params[name] is None else params[name]


def _find(asked: Any) -> Path:
    base = base_directory(asked.directory)
    for path in candidates(asked.id, base):
        if is_experiment(path):
            return path
    found = [folder for folder in journals(base) if folder.name.startswith(asked.id)]
    if len(found) != 1:
        raise ValueError(f"{len(found) or 'no'} experiments in {base} begin with {asked.id!r:.100}")
    return found[0]


def _read(folder: Path) -> tuple[Path, State]:
    return folder, State(read_journal(folder))


def _row(folder: Path) -> tuple[str, ...]:
    changed = fm.whole_seconds(max(0.0, time.time() - last_change(folder))) + " ago"
    try:
        _, state = _read(folder)
    except (MaggyError, OSError) as error:
        return folder.name, "", f"cannot be read: {fm.clean(error, 60)}", "", "", changed
    name = fm.clean(state.settings.name, 30) if state.settings else ""
    best = fm.metric(state.best.final_metric) if state.best else ""
    total = state.total() if state.settings else 0
    return folder.name, name, _standing(folder, state), f"{done(state)} of {total}", best, changed


def _standing(folder: Path, state: State) -> str:
    if state.end is not None:
        return state.end.status
    return "running" if is_locked(folder) else "interrupted"


def _as_json(folder: Path, state: State) -> dict[str, Any]:
    found = {**result(state), "status": _standing(folder, state), "path": str(folder)}
    spelled: dict[str, Any] = loads(dumps(found))
    return spelled


if __name__ == "__main__":
    sys.exit(main())
