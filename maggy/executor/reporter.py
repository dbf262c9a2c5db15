"""What a training function talks to: `reporter.broadcast`, `log`, `save` and `saved`."""

from __future__ import annotations

import operator
from collections import deque
from typing import Any, SupportsFloat

from maggy.exceptions import TrialStopped
from maggy.executor.output import OutputBuffer
from maggy.objectives import as_metric

# Metrics kept between two heartbeats; a loop that broadcasts faster loses its oldest.
MOST_PENDING = 100_000
# Above it neighbours look alike to a browser, and a number of any length would fill frames.
LARGEST_STEP = 2**53
# Bytes that a trial may save: with a third more for base64, they fit into one frame.
LARGEST_STATE = 8 * 1024 * 1024


class Reporter:
    """Takes a trial's metrics and log lines; a background thread sends them at each heartbeat.

    A broadcast costs well under a microsecond: it appends to a deque and looks at a flag.
    """

    def __init__(self) -> None:
        self._step = -1
        self._stop: str | None = None
        self._pending: deque[tuple[int, float]] = deque(maxlen=MOST_PENDING)
        self._output = OutputBuffer()
        self._saved: bytes | None = None
        self._unsent: bytes | None = None

    def broadcast(self, metric: SupportsFloat, step: int | None = None) -> None:
        """Reports the current value of the metric that the search optimizes.

        Args:
            metric: a number, or what `float()` takes (numpy and torch scalars); NaN is allowed.
            step: a whole number above the last one; the last one plus 1 by default, from 0.

        Raises:
            TrialStopped: the trial is to stop. Let it pass.
            TypeError: the metric is no number, or the step no whole number.
            ValueError: the step is not above the last one, or above 2**53.
        """
        value = metric if type(metric) is float else as_metric(metric, "broadcast takes a number")
        if step is None:
            step = self._step + 1
        elif type(step) is not int or not self._step < step <= LARGEST_STEP:
            step = self._checked(step)
        self._step = step
        self._pending.append((step, value))
        if self._stop is not None:
            raise TrialStopped(self._stop)

    def log(self, message: object) -> None:
        """Adds a line to the trial's log."""
        self._output.write_text(f"{message}\n")

    def save(self, state: bytes) -> None:
        """Keeps the state of the training, in place of what was saved before.

        It goes to the driver with the next heartbeat, so that no file system need be shared, and comes back
        as `saved` where the trial is continued: when it is promoted to a larger budget, or runs again
        because its worker was lost.

        Args:
            state: at most 8 MB, say of `pickle.dumps`. Save larger things where all executors can read,
                and their path here.

        Raises:
            TypeError: it is not bytes.
            ValueError: it is too large.
        """
        if not isinstance(state, (bytes, bytearray)):
            raise TypeError(f"save takes bytes, such as pickle.dumps makes, not a {type(state).__name__}")
        if len(state) > LARGEST_STATE:
            raise ValueError(
                f"save takes at most {LARGEST_STATE} bytes, not {len(state)}; "
                "save them where all executors can read, and their path here"
            )
        self._saved = self._unsent = bytes(state)

    @property
    def saved(self) -> bytes | None:
        """What was saved last, by this trial or the one that it continues; None where nothing was."""
        return self._saved

    def _checked(self, step: Any) -> int:
        try:
            whole = operator.index(step)
        except TypeError:
            raise TypeError(f"broadcast takes a whole number as step, not {step!r:.80}") from None
        if whole > LARGEST_STEP:
            raise ValueError("broadcast got a larger step than any: steps go up to 2**53")
        if whole <= self._step:
            raise ValueError(f"broadcast got step {whole} after step {self._step}; steps must increase")
        return whole

    # For the worker, not for training functions.

    def stop(self, reason: str) -> None:
        """Makes the next broadcast raise."""
        self._stop = reason

    def resume(self, state: bytes) -> None:
        """What was saved before this attempt."""
        self._saved = state

    def take_saved(self) -> bytes | None:
        """What was saved since the last call; None where nothing was."""
        unsent, self._unsent = self._unsent, None
        return unsent

    def take_metrics(self) -> list[tuple[int, float]]:
        """The metrics since the last call."""
        pending = self._pending
        return [pending.popleft() for _ in range(len(pending))]

    def output(self) -> OutputBuffer:
        """Where the trial's output goes."""
        return self._output
