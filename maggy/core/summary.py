"""What an experiment came to, read off its state: the dict that `lagom` returns, and lines for people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from maggy.core.effects import base, effects
from maggy.core.objectives import pareto_front
from maggy.core.state import State
from maggy.exceptions import ExperimentFailed
from maggy.trial import Trial


def result(state: State) -> dict[str, Any]:
    """The documented result.

    Keys:
        best_id, best_val, best_hp, worst_id, worst_val, worst_hp: of the trials that ended with a
            metric (returned it, or were stopped after a broadcast); None where there is none.
        avg: mean of these metrics; metric_list: the metrics in the order of the trials' numbers.
        num_trials: trials that ran to an end, whichever; early_stopped: those that the rule stopped.
        failed: how many failed; errors: a dict for each: trial_id, number, params, error, traceback.
        experiment_id, status ('finished', 'stopped' or 'failed') and duration in seconds.

    An ablation has best_config and worst_config in place of best_hp and worst_hp, and beside these `base`
    and `effects`: the base trials and each component, the one that is missed most first, as dicts of what
    `maggy.core.effects.Effect` has.

    Of several objectives, all of the above goes by the first. Beside it are `directions`, a dict of 'max' and
    'min' by the objectives' names, and `pareto_front`, the trials that no other one surpasses, the best by
    the first objective first, as dicts of trial_id, number, params and objectives (name -> value).
    """
    assert state.settings is not None
    metrics = [t.final_metric for t in state.ended_with_metric() if t.final_metric is not None]
    failed = [t for t in state.trials.values() if t.status == Trial.ERROR]
    return {
        **_named("best", state.best, state),
        **_named("worst", worst(state), state),
        "avg": sum(metrics) / len(metrics) if metrics else None,
        "metric_list": metrics,
        "num_trials": sum(t.ended and t.status != Trial.CANCELLED for t in state.trials.values()),
        "early_stopped": len(stopped_by(state, "rule")),
        "failed": len(failed),
        "errors": [_error(t) for t in failed],
        "experiment_id": state.settings.experiment,
        "status": state.end.status if state.end else "running",
        "duration": max(0.0, state.ended - state.started),
        **_effects(state),
        **_front(state),
    }


def failure(found: dict[str, Any], reason: str) -> ExperimentFailed:
    """What is raised for an experiment that failed for this reason; `found` is its result and `path`."""
    last = f"; the last one: {found['errors'][-1]['error']}" if found["errors"] else ""
    return ExperimentFailed(f"{reason}{last}; see {found['path']}", dict(found))


def worst(state: State) -> Trial | None:
    """The trial with the worst final metric, None where none has one."""
    direction = state.settings.direction if state.settings else "max"
    trials = [(t.final_metric, t) for t in state.ended_with_metric() if t.final_metric is not None]
    choose = min if direction == "max" else max
    return choose(trials, key=lambda pair: pair[0])[1] if trials else None


def stopped_by(state: State, by: str) -> list[Trial]:
    """The trials that ended because 'rule', 'person' or 'experiment' stopped them."""
    return [t for t in state.trials.values() if t.status == Trial.STOPPED and t.stop_by == by]


def _named(which: str, trial: Trial | None, state: State) -> dict[str, Any]:
    params = "hp" if base(state) is None else "config"
    return {
        f"{which}_id": trial.trial_id if trial else None,
        f"{which}_val": trial.final_metric if trial else None,
        f"{which}_{params}": trial.params if trial else None,
    }


def _effects(state: State) -> dict[str, Any]:
    against = base(state)
    if against is None:
        return {}
    return {"base": asdict(against), "effects": [asdict(effect) for effect in effects(state)]}


def _front(state: State) -> dict[str, Any]:
    assert state.settings is not None
    if not state.settings.directions:
        return {}
    front = [
        {"trial_id": t.trial_id, "number": t.number, "params": t.params, "objectives": t.objectives}
        for t in pareto_front(state)
    ]
    return {
        "directions": dict(zip(state.objectives, state.settings.directions, strict=False)),
        "pareto_front": front,
    }


def _error(trial: Trial) -> dict[str, Any]:
    return {
        "trial_id": trial.trial_id,
        "number": trial.number,
        "params": trial.params,
        "error": trial.error,
        "traceback": trial.traceback,
    }
