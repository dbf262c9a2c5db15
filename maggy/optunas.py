"""What Optuna's samplers and pruners have in common here. Optuna is imported only once it is needed."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from typing import Any, Literal

_DIRECTIONS: Mapping[str, Literal["maximize", "minimize"]] = {"max": "maximize", "min": "minimize"}


def require(what: str, install: str, *packages: str) -> None:
    """Refuses in a line where a package is missing.

    Args:
        what: what needs the packages, as people call it.
        install: what pip is to install.

    Raises:
        ImportError: one of them is not installed.
    """
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        be = "is" if len(missing) == 1 else "are"
        raise ImportError(
            f"{what} needs {' and '.join(missing)}, which {be} not installed; pip install {install}"
        )


def is_sampler(given: Any) -> bool:
    """Whether it is one of Optuna's samplers, which nobody has who has not imported Optuna."""
    optuna = sys.modules.get("optuna")
    return optuna is not None and isinstance(given, optuna.samplers.BaseSampler)


def is_pruner(given: Any) -> bool:
    """Whether it is one of Optuna's pruners, which nobody has who has not imported Optuna."""
    optuna = sys.modules.get("optuna")
    return optuna is not None and isinstance(given, optuna.pruners.BasePruner)


def new_study(*directions: str, **options: Any) -> Any:
    """A study in memory, made without a word in the log.

    Args:
        directions: 'max' or 'min' of each objective.
        options: of `optuna.create_study`.
    """
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(directions=[_DIRECTIONS[each] for each in directions], **options)
    finally:
        optuna.logging.set_verbosity(level)


def states() -> Any:
    """Optuna's names for what became of a trial."""
    import optuna

    return optuna.trial.TrialState
