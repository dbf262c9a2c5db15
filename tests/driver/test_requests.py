"""What a person may do to a search that runs."""

from __future__ import annotations

import contextlib

import pytest

from maggy.bridge import contract
from maggy.core import events as ev
from maggy.optimizer import AbstractOptimizer
from maggy.trial import Trial
from tests.driver import functions
from tests.driver.handles import running, state, statuses
from tests.waiting import eventually


def test_trials_are_stopped_by_number_and_by_id(lagom):
    handle = lagom(functions.until_stopped, num_trials=2)
    running(handle)
    first, second = state(handle).trials
    handle.stop_trial(1, "no hope")
    handle.stop_trial(second)
    found = handle.result(20)
    assert (found["status"], found["num_trials"], found["early_stopped"]) == ("finished", 2, 0)
    told = [(t.stop_by, t.stop_reason, t.final_metric) for t in state(handle).trials.values()]
    assert told == [("person", "no hope", 0.5), ("person", "stopped by hand", 0.5)]
    assert list(state(handle).trials) == [first, second]


def test_trials_are_added_and_enqueued(lagom):
    handle = lagom(functions.until_stopped, num_trials=2)
    running(handle)
    handle.add_trials(1)
    name = handle.enqueue({"x": 8.0})
    eventually(lambda: state(handle).num_trials == 4)
    handle.stop_trial(1)
    eventually(lambda: name in [w.trial for w in state(handle).workers.values()], 20)
    mine = state(handle).trials[name]
    assert (mine.params, type(mine.params["x"]), mine.created_by) == ({"x": 8}, int, "person")
    for number in (2, 3, 4):
        eventually(lambda n=number: statuses(handle)[n - 1 : n] == [Trial.RUNNING], 20)
        handle.stop_trial(number)
    assert handle.result(20)["num_trials"] == 4


def test_requests_of_a_view_are_followed(lagom):
    handle = lagom(functions.until_stopped, num_trials=2)
    running(handle)
    handle.request(contract.AddTrials(3))
    handle.request(contract.EnqueueTrial({"x": 3}))
    handle.request(contract.StopTrial(next(iter(state(handle).trials)), "no hope"))
    eventually(lambda: state(handle).num_trials == 6)
    handle.request(contract.StopExperiment("enough"))
    handle.result(20)
    assert state(handle).stopping == ev.ExperimentStopping("enough", False)
    assert state(handle).stops["person"] == 1


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (lambda h: h.stop_trial("nobody"), "has no trial 'nobody'"),
        (lambda h: h.stop_trial(99), "has no trial 99"),
        (lambda h: h.stop_trial(0), "has no trial 0"),
        (lambda h: h.stop_trial(None), "has no trial None"),
        (lambda h: h.stop_trial(1), "trial 1 is over already (stopped)"),
        (lambda h: h.add_trials(0), "1 to 100,000 trials can be added at once, not 0"),
        (lambda h: h.add_trials(100_001), "not 100001"),
        (lambda h: h.add_trials("10"), "not '10'"),
        (lambda h: h.add_trials(True), "not True"),
        (lambda h: h.enqueue({"x": 1001}), "x must be a whole number from 0 to 1000, not 1001"),
        (lambda h: h.enqueue({"y": 1}), "there is no hyperparameter 'y'; the search space has x"),
        (lambda h: h.enqueue(None), "params must be a dict"),
        (lambda h: h.request(contract.Sync()), "Sync is answered by the view's own kernel"),
        (lambda h: h.log_tail("nobody"), "has no trial 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(refused, why, refusing):
    with pytest.raises(ValueError, match=r"\w") as error:
        refused(refusing)
    assert why in str(error.value)
    assert "\n" not in str(error.value)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory):
    """A search with a trial that is over and another that runs."""
    from tests.driver.local import Lagom, LocalDriver

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("maggy.driver.driver.Driver", LocalDriver)
        handle = Lagom(tmp_path_factory.mktemp("refusing"))(functions.until_stopped, num_trials=9)
    running(handle)
    handle.stop_trial(1)
    eventually(lambda: statuses(handle)[0] == "STOPPED", 20)
    yield handle
    handle.give_up()


@pytest.mark.parametrize("over", [False, True], ids=["being stopped", "over"])
def test_nothing_is_taken_on_after_the_stop(over, lagom):
    handle = lagom(functions.until_stopped if over else functions.deaf)
    running(handle)
    handle.stop()
    eventually(lambda: handle.done if over else state(handle).phase == "STOPPING", 20)
    word = "over" if over else "being stopped"
    for refused in (
        lambda: handle.add_trials(1),
        lambda: handle.enqueue({"x": 1}),
        lambda: handle.stop_trial(2),
    ):
        with pytest.raises(ValueError, match=f"experiment {handle.id} is {word}"):
            refused()
    with pytest.raises(ValueError, match="is over already") if over else contextlib.nullcontext():
        handle.stop()


class Raises(AbstractOptimizer):
    lookahead = 2

    def get_suggestion(self, trial=None):
        if self.trial_store:
            raise ValueError("no idea")
        return Trial({"x": 1})


def test_an_optimizer_that_failed_is_not_asked_for_more(lagom):
    handle = lagom(functions.until_stopped, optimizer=Raises())
    eventually(lambda: state(handle).dry, 20)
    with pytest.raises(ValueError, match="the optimizer failed and gives no more trials: Raises"):
        handle.add_trials(1)
