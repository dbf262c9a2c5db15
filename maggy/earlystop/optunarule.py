"""Optuna's pruners as stopping rules. Optuna is imported only once one of them is asked for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from maggy.earlystop.abstract import AbstractEarlyStop
from maggy.optunas import new_study, require, states
from maggy.trial import Trial

# Of each pruner its class in Optuna. Those that are rules of ours already (median, percentile, patience,
# asha) or need arguments have no name here, and go as objects.
_PRUNERS: Mapping[str, str] = {"hyperband": "HyperbandPruner", "wilcoxon": "WilcoxonPruner"}

Key = tuple[str, int]


class OptunaRule(AbstractEarlyStop):
    """Stops a trial where a pruner of Optuna's (Akiba et al., KDD 2019, arXiv 1907.10902) prunes it.

    The pruner is asked after each report, in the order of a trial's steps, as in an objective function of
    Optuna's that calls `trial.report` and `trial.should_prune` each time. It knows of finished trials,
    stopped ones (as pruned) and running ones. Maggy asks rules once `es_min` trials are final, and at most
    every `es_interval` seconds: `es_min=0, es_interval=0` leaves it all to the pruner.

    Args:
        pruner: 'hyperband' (Li et al. 2018: brackets of successive halving, by Optuna's default from step 1
            to the longest finished trial's last, by thirds), 'wilcoxon' (a signed-rank test against the best
            trial, step by step, at p < 0.1: for metrics of folds or instances, not of epochs), or an
            `optuna.pruners.BasePruner`, of which a copy is used.

    Raises:
        ImportError: Optuna, or what the pruner needs beside, is not installed; one line says what to do.
        ValueError: there is no such pruner.
    """

    def __init__(self, pruner: Any) -> None:
        what = f"pruner {pruner!r:.60}"
        require(what, "'maggy[optuna]'", "optuna", *(["scipy"] if pruner == "wilcoxon" else []))
        if isinstance(pruner, str) and pruner not in _PRUNERS:
            raise ValueError(f"pruner must be one of {', '.join(_PRUNERS)}, not {pruner!r:.60}")
        self._given = pruner
        self.initialize("max")

    def name(self) -> str:
        return self._given if isinstance(self._given, str) else type(self._given).__name__

    def initialize(self, direction: str) -> None:
        # Hyperband draws brackets from the study's name and the trial's number; so they are repeatable.
        self._study = new_study(direction, study_name="maggy", pruner=self._make_pruner())
        self._known: dict[Key, Any] = {}  # of each attempt Optuna's trial
        self._reported: dict[Key, int] = {}  # how many of its metrics
        self._read = 0  # of the finalized trials

    def earlystop_check(
        self, to_check: dict[str, Trial], finalized_trials: list[Trial], direction: str
    ) -> dict[str, str]:
        for trial in finalized_trials[self._read :]:
            self._end(trial)
        self._read = len(finalized_trials)
        verdicts = {trial_id: self._go_on(trial) for trial_id, trial in to_check.items()}
        return {trial_id: reason for trial_id, reason in verdicts.items() if reason is not None}

    def _make_pruner(self) -> Any:
        if not isinstance(self._given, str):
            return copy.deepcopy(self._given)
        import optuna

        return getattr(optuna.pruners, _PRUNERS[self._given])()

    def _go_on(self, trial: Trial) -> str | None:
        """Takes in a running trial's new metrics; why it is to stop, None where it is to go on."""
        key = trial.trial_id, trial.attempt
        theirs = self._theirs(key)
        for at in range(self._reported.get(key, 0), len(trial.metric_history)):
            step, metric = trial.step_history[at], trial.metric_history[at]
            theirs.report(metric, step)
            self._reported[key] = at + 1
            if theirs.should_prune():
                return f"step {step}: {metric:.4g} pruned by {type(self._study.pruner).__name__}"
        return None

    def _end(self, trial: Trial) -> None:
        key = trial.trial_id, trial.attempt
        theirs = self._theirs(key)
        for at in range(self._reported.pop(key, 0), len(trial.metric_history)):
            theirs.report(trial.metric_history[at], trial.step_history[at])
        del self._known[key]
        metric = trial.final_metric
        if metric is None or metric != metric:
            self._study.tell(theirs, state=states().FAIL)
        elif trial.status == Trial.STOPPED:
            self._study.tell(theirs, state=states().PRUNED)
        else:
            self._study.tell(theirs, metric)

    def _theirs(self, key: Key) -> Any:
        if key not in self._known:
            self._known[key] = self._study.ask()
        return self._known[key]


def by_name() -> dict[str, Callable[[], AbstractEarlyStop]]:
    """Name -> what makes the rule."""
    return {name: lambda name=name: OptunaRule(name) for name in _PRUNERS}  # type: ignore[misc]
