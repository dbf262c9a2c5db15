"""Checks what `lagom` was given, before anything starts, and makes a plan of it."""

from __future__ import annotations

import inspect
import logging
import operator
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from maggy import resume
from maggy.core.events import ExperimentStarted, Record
from maggy.core.state import State
from maggy.driver.algorithms import Algorithms
from maggy.driver.driver import Plan
from maggy.driver.folder import new_experiment_id
from maggy.earlystop import BY_NAME as RULES
from maggy.earlystop import AbstractEarlyStop, OptunaRule
from maggy.forms import Arguments, plain
from maggy.objectives import KEY, Objectives
from maggy.optimizer import (
    ASHA,
    AbstractOptimizer,
    GridSearch,
    OptunaSearch,
    RandomSearch,
    SingleRun,
)
from maggy.optimizer import BY_NAME as OPTIMIZERS
from maggy.optunas import is_pruner, is_sampler
from maggy.places import base_directory, in_store
from maggy.searchspace import Searchspace
from maggy.wire import freeze
from maggy.wire import shown as _shown

log = logging.getLogger("maggy.driver")

# How often a trial is run whose worker is lost.
MAX_ATTEMPTS = 3
# Seconds that running trials have to end when the experiment is stopped.
GRACE = 10.0
# Seconds; what waits longer overflows the clocks of some systems.
_LONGEST = 1e9


def make_plan(given: Arguments) -> Plan:
    """The plan of an experiment.

    Raises:
        TypeError, ValueError: one line that names the argument and says what would be right.
    """
    again = _again(given)
    given = plain(given)
    space = _searchspace(given.searchspace)
    objectives = Objectives.of(given.direction, given.optimization_key)
    num_trials = _whole("num_trials", given.num_trials, 1)
    optimizer = _optimizer(given.optimizer, space)
    rule = _rule(given.es_policy, optimizer)
    settings = ExperimentStarted(
        experiment=new_experiment_id(_text("name", given.name)),
        name=given.name,
        description=_text("description", given.description),
        searchspace=freeze(space.to_dict()),
        optimizer=optimizer.name(),
        direction=objectives.directions[0],
        directions=objectives.directions if objectives.several else (),
        objectives=() if objectives.names == (KEY,) else objectives.names,
        num_trials=num_trials,
        es_policy=rule.name() if rule else "none",
        es_interval=_seconds("es_interval", given.es_interval, 0.0),
        es_min=_whole("es_min", given.es_min, 0),
        max_failures=_max_failures(given.max_failures, num_trials),
        max_attempts=MAX_ATTEMPTS,
        lookahead=_whole("optimizer's lookahead", optimizer.lookahead, 0),
        grace=GRACE,
        baseline=freeze(optimizer.baseline),
        trial_timeout=(
            None if given.trial_timeout is None else _seconds("trial_timeout", given.trial_timeout, 0.001)
        ),
    )
    _check_switch("display", given.display, (True, False, None))
    _check_switch("wait", given.wait, (True, False))
    wants_reporter = _check_signature(given.map_fun, space, optimizer.extras())
    hb_interval = _seconds("hb_interval", given.hb_interval, 0.001)
    worker_timeout = _worker_timeout(given.worker_timeout, hb_interval)
    directory = base_directory(_directory(given.directory))
    train = _pickled(given.map_fun)
    records: Sequence[Record] = ()
    path = resume.find(given.resume, given.name, directory)
    if path is not None:
        records = resume.history(path, settings)
        settings, directory = resume.taken_up(settings, path, records), path.parent
    planned = _set_up(optimizer, rule, space, settings)
    settings = replace(settings, num_trials=max(planned, State(records).num_trials))
    fit = partial(_fit, space, optimizer.extras())
    algorithms = Algorithms(optimizer, rule)
    return Plan(
        settings,
        algorithms,
        fit,
        train,
        wants_reporter,
        hb_interval,
        directory,
        again,
        records,
        worker_timeout,
        objectives,
    )


def _set_up(
    optimizer: AbstractOptimizer,
    rule: AbstractEarlyStop | None,
    space: Searchspace,
    settings: ExperimentStarted,
) -> int:
    """Sets up the algorithms; how many trials there are to be: the optimizer may know of fewer."""
    optimizer.setup(space, settings.num_trials, settings.direction, settings.directions)
    optimizer.initialize()
    if rule is not None:
        rule.initialize(settings.direction)
    return min(_whole("optimizer's num_trials", optimizer.num_trials, 1), settings.num_trials)


def _fit(space: Searchspace, extras: Mapping[str, Any], params: Any) -> dict[str, Any]:
    """The point that a person gives, as the space has it, and what the optimizer gives beside it."""
    if not isinstance(params, dict):
        return space.fit(params)
    own = {name: params.get(name, value) for name, value in extras.items()}
    for name, value in own.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
            raise ValueError(f"{name} must be a number above 0, not {value!r:.80}")
    return {**space.fit({n: v for n, v in params.items() if n not in extras}), **own}


def _searchspace(given: Any) -> Searchspace:
    if given is None:
        return Searchspace()
    if not isinstance(given, Searchspace):
        raise TypeError(f"searchspace must be a maggy.Searchspace or None, not {_shown(given)}")
    return given


def _optimizer(given: Any, space: Searchspace) -> AbstractOptimizer:
    if given is None:
        given = "randomsearch" if len(space) else "none"
    if is_sampler(given):
        given = OptunaSearch(given)
    made = _made("optimizer", given, OPTIMIZERS, AbstractOptimizer)
    if isinstance(made, SingleRun) and len(space):
        raise ValueError(
            "optimizer 'none' goes with an empty searchspace; use 'randomsearch' to search this one"
        )
    name = made.name()
    if isinstance(made, (RandomSearch, GridSearch, ASHA)) and not len(space):
        raise ValueError(f"optimizer {name.lower()!r} needs a searchspace with at least one hyperparameter")
    for extra in made.extras():
        if extra in space:
            raise ValueError(f"searchspace has {extra!r}, which optimizer {name} gives itself; rename it")
    return made  # type: ignore[no-any-return]


def _rule(given: Any, optimizer: AbstractOptimizer) -> AbstractEarlyStop | None:
    named = given.lower() if isinstance(given, str) else given
    if named in (None, "none") or (named == "median" and optimizer.stops_trials):
        return None
    if is_pruner(given):
        given = OptunaRule(given)
    return _made("es_policy", given, RULES, AbstractEarlyStop, "'none'")  # type: ignore[no-any-return]


def _made(argument: str, given: Any, by_name: Mapping[str, Callable[[], Any]], kind: type, *more: str) -> Any:
    """The object that is given, or is made of the given name or class."""
    if isinstance(given, kind):
        return given
    if isinstance(given, str) and given.lower() in by_name:
        return by_name[given.lower()]()
    if inspect.isclass(given) and issubclass(given, kind):
        try:
            return given()
        except Exception as error:
            why = " ".join(str(error).split())
            raise TypeError(f"{argument}: {given.__name__}() failed ({why}); give an instance") from error
    names = ", ".join([repr(n) for n in by_name] + list(more))
    raise ValueError(f"{argument} must be {names} or a maggy {kind.__name__}, not {_shown(given)}")


def _max_failures(given: Any, num_trials: int) -> int:
    if given is None:
        return max(num_trials // 5, min(3, num_trials - 1))
    return _whole("max_failures", given, 0)


def _check_signature(map_fun: Any, space: Searchspace, extras: Mapping[str, Any]) -> bool:
    """Whether the function takes `reporter`, after checking that it can be called at all."""
    if not callable(map_fun):
        raise TypeError(f"map_fun must be a function, not {_shown(map_fun)}")
    try:
        parameters = inspect.signature(map_fun).parameters
    except ValueError:  # some functions written in C do not tell
        return False
    wants_reporter = "reporter" in parameters
    given = {**space.names(), **extras}
    passed = set(given) | ({"reporter"} if wants_reporter else set())
    _check_missing(parameters, passed, given)
    _check_defaults(parameters, space)
    _check_surplus(parameters, passed, extras)
    return wants_reporter


def _check_missing(
    parameters: Mapping[str, inspect.Parameter], passed: set[str], given: Iterable[str]
) -> None:
    for p in parameters.values():
        optional = p.default is not p.empty or p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        if p.kind is p.POSITIONAL_ONLY and (p.name in passed or not optional):
            raise ValueError(f"map_fun takes {p.name!r} by position only; hyperparameters go by name")
        if p.name not in passed and not optional:
            has = ", ".join(given) or "no hyperparameters"
            raise ValueError(f"map_fun takes {p.name!r}, which the searchspace does not give (it has {has})")


def _check_defaults(parameters: Mapping[str, inspect.Parameter], space: Searchspace) -> None:
    for p in space.parameters():
        own = parameters.get(p.name)
        if p.when and own is not None and own.default is own.empty and own.kind is not own.VAR_KEYWORD:
            raise ValueError(
                f"map_fun takes {p.name!r}, which exists only where {p.condition()}; give it a default"
            )


def _check_surplus(
    parameters: Mapping[str, inspect.Parameter], passed: set[str], extras: Mapping[str, Any]
) -> None:
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    for name in sorted(passed - set(parameters)):
        source = "which the optimizer gives" if name in extras else "which is in the searchspace"
        raise ValueError(f"map_fun does not take {name!r}, {source}; add it to its parameters")


def _again(given: Arguments) -> bytes | None:
    """The arguments for a driver to come, as they are now; None where they cannot be pickled."""
    from pyspark import cloudpickle

    try:
        # Where the folder is, a new driver is told; here that may hold the keys of a store.
        pickled: bytes = cloudpickle.dumps(replace(given, directory=None, resume=False))
    except Exception as error:
        log.debug("the command line will not be able to take up this experiment again: %r", error)
        return None
    return pickled


def _pickled(map_fun: Any) -> bytes:
    from pyspark import cloudpickle

    try:
        pickled: bytes = cloudpickle.dumps(map_fun)
    except Exception as error:
        raise TypeError(
            f"map_fun cannot be sent to the executors ({type(error).__name__}: {error}); "
            "create what cannot be pickled (sessions, locks, open files) inside the function"
        ) from error
    return pickled


def _check_switch(argument: str, given: Any, allowed: tuple[bool | None, ...]) -> None:
    if not any(given is one for one in allowed):
        raise TypeError(f"{argument} must be {' or '.join(map(str, allowed))}, not {_shown(given)}")


def _worker_timeout(given: Any, hb_interval: float) -> float | None:
    if given is None:
        return None
    seconds = _seconds("worker_timeout", given, 0.001)
    if seconds < 4 * hb_interval:
        raise ValueError(
            f"worker_timeout must be at least four times hb_interval, {4 * hb_interval:g}, not {seconds:g}"
        )
    return seconds


def _directory(given: Any) -> Any:
    if given is not None and not isinstance(given, (str, os.PathLike)) and not in_store(given):
        raise TypeError(f"directory must be a path or a URL, not {_shown(given)}")
    return given


def _text(argument: str, given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError(f"{argument} must be a string, not {_shown(given)}")
    return given


def _whole(argument: str, given: Any, least: int) -> int:
    wanted = f"{argument} must be a whole number of at least {least}"
    if isinstance(given, bool) or not hasattr(given, "__index__"):  # numpy's whole numbers have one
        raise TypeError(f"{wanted}, not {_shown(given)}")
    whole = operator.index(given)
    if whole < least:
        raise ValueError(f"{wanted}, not {whole}")
    return whole


def _seconds(argument: str, given: Any, least: float) -> float:
    wanted = f"{argument} must be a number of seconds, at least {least:g} and at most {_LONGEST:.0e}"
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise TypeError(f"{wanted}, not {_shown(given)}")
    if not least <= given <= _LONGEST:  # NaN is neither
        raise ValueError(f"{wanted}, not {_shown(given)}")
    return float(given)
