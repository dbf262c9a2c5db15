"""The errors that Maggy raises, in one tree.

    MaggyError
    +-- ExperimentFailed          the search could not go on; `.result` holds what it had
    +-- ExperimentLocked          a driver runs this experiment already
    +-- WireError                 bytes or JSON from outside that do not fit the contract
    +-- IllegalTransition         a bug in Maggy: an event that the state does not allow

    TrialStopped (BaseException)  raised by `reporter.broadcast` in a trial that is told to stop

Wrong arguments raise the built-in `TypeError` or `ValueError`.
"""

from __future__ import annotations

from typing import Any


class MaggyError(Exception):
    """Base of the errors that Maggy raises."""


class ExperimentFailed(MaggyError):
    """The search was given up: too many trials failed, the optimizer raised, or no worker could start.

    `result` is the dict that `lagom` would have returned, with every trial that ended before.
    """

    def __init__(self, message: str, result: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.result = result if result is not None else {}


class ExperimentLocked(MaggyError):
    """Another driver, on this machine or another, has the experiment's journal open."""


class WireError(MaggyError):
    """A frame, message or record from outside does not fit the contract."""


class IllegalTransition(MaggyError):
    """An event does not fit the state that it was applied to; the state is unchanged."""


class TrialStopped(BaseException):
    """Raised in the training function when its trial is to stop.

    Derives from BaseException, so that a training loop's own `except Exception` does not swallow it.
    Let it pass (`finally` blocks run as usual).
    """
