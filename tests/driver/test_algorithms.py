"""What an optimizer sees between its suggestions, and its last word."""

import logging

from maggy import Searchspace, Trial
from maggy.core import commands as cmd
from maggy.driver.algorithms import Algorithms
from maggy.optimizer import AbstractOptimizer


class CountsWaiting(AbstractOptimizer):
    """Suggests how many trials it knows to be waiting or running."""

    def get_suggestion(self, trial=None):
        return Trial({"x": len(self.trial_store)})

    def finalize_experiment(self, trials):
        raise OSError("no room for my report")


def algorithms() -> Algorithms:
    optimizer = CountsWaiting()
    optimizer.setup(Searchspace(x=("INTEGER", [0, 9])), 2, "max")
    return Algorithms(optimizer, None)


def test_a_suggestion_is_known_to_the_next_one_asked_for_in_the_same_breath():
    made = algorithms()
    assert [made.answer(cmd.Suggest()).params for _ in range(2)] == [{"x": 0}, {"x": 1}]


def test_an_optimizer_that_fails_at_the_very_end_is_logged_in_a_line(caplog):
    with caplog.at_level(logging.WARNING):
        algorithms().finalize()
    assert caplog.messages == ["CountsWaiting.finalize_experiment: OSError: no room for my report"]
