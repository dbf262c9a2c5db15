"""When the optimizer is asked for trials, and for how many. Pure."""

from __future__ import annotations

import math

from maggy.core import state as st

# How long after an IDLE the optimizer is asked again, where no trial ends before, in seconds.
IDLE_RETRY = 1.0


class Suggestions:
    """The questions to the optimizer. Kept beside the state, and begun anew by a new driver.

    Args:
        lookahead: how many trials may be suggested before a worker is free for them.

    Attributes:
        asked: trials asked for, not yet answered.
        retry_at: the optimizer said IDLE: it is not asked before this time.
    """

    def __init__(self, lookahead: int) -> None:
        self.asked = 0
        self.retry_at = -math.inf
        self._lookahead = lookahead
        self._untold = False  # a trial ended since the optimizer was last asked

    def ask(self) -> None:
        """One more trial is asked for."""
        self.asked += 1
        self._untold = False

    def made(self, now: float) -> None:
        """It had a trial, and may have more."""
        self.retry_at = min(self.retry_at, now + IDLE_RETRY)

    def deferred(self, state: st.State, now: float) -> bool:
        """It said IDLE; whether anything may change its mind."""
        if self._untold:
            self.retry_at = now
        elif state.active() or state.pending:
            self.retry_at = now + IDLE_RETRY
        elif self.asked:
            self.retry_at = math.inf  # the answers on their way decide
        else:
            return False
        return True

    def trial_ended(self, now: float) -> None:
        """An optimizer that said IDLE, or is about to, may know more now."""
        self.retry_at, self._untold = now, True

    def room(self, state: st.State) -> int:
        """How many suggestions could be used: for idle workers, and ahead of them where allowed.

        The store ahead is filled up when half of it is used, so that not every trial's end, where
        workers wait, is followed by a question.
        """
        if state.phase != st.RUNNING or state.dry:
            return 0
        missing = len(state.idle) + self._lookahead - len(state.pending) - self.asked
        return min(missing, state.to_create() - self.asked) if 2 * missing >= self._lookahead else 0
