"""Whole workers, in processes of their own, against a real server whose driver is played by the test."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import sys

import pytest

from maggy.executor.task import METRICS_A_FRAME, WorkerTask
from maggy.rpc import messages as msg
from tests.executor import functions
from tests.executor.processes import ends_clean, last_line, task_for, working
from tests.rpc.served import SECRET, framed, serving
from tests.waiting import eventually

LAST_WORDS = (msg.Returned, msg.Raised, msg.Halted)


def play(*runs):
    """A driver that hands out the runs one by one, each with the answer to the last, then dismisses."""
    todo = iter(runs)

    def hand_out(served, worker, message=None):
        if message is None or isinstance(message, LAST_WORDS):
            served.send(worker, next(todo, msg.Dismiss()))

    return {"on_connected": hand_out, "on_message": hand_out}


def words(served, kind):
    return [m for _, m in served.messages if isinstance(m, kind)]


def heard(served, kind):
    return eventually(lambda: words(served, kind))


def last_words(served):
    """Without the metrics that ride with them."""
    return [dataclasses.replace(m, steps=(), values=()) for m in words(served, LAST_WORDS)]


def output(served):
    return "".join(m.text for m in words(served, msg.Output))


def test_a_worker_runs_its_trials_and_leaves_nothing_behind():
    runs = [msg.Run(f"t{i}", i, 1, {"x": i}) for i in range(1, 4)]
    with serving(**play(*runs)) as served, working(task_for(served.port, functions.instant)) as worker:
        ends_clean(worker)
        assert last_words(served) == [msg.Returned(f"t{i}", 1, float(i)) for i in range(1, 4)]
        assert [reason for _, reason in served.lost] == ["its process ended"]


def test_a_failed_trial_does_not_end_the_worker():
    runs = [msg.Run(f"t{i}", i, 1, {"x": i}) for i in range(1, 4)]
    with serving(**play(*runs)) as served, working(task_for(served.port, functions.raises_for_odd)) as worker:
        ends_clean(worker)
        first, second, third = last_words(served)
        assert (first.error, second, third.error) == (
            "ValueError: odd 1",
            msg.Returned("t2", 1, 2.0),
            "ValueError: odd 3",
        )


@pytest.mark.timeout(60)
@pytest.mark.parametrize("hb_interval", [0.0005, 60.0])
def test_two_thousand_instant_trials_one_after_the_other(hb_interval):
    runs = [msg.Run(f"t{i}", i, 1, {"x": i}) for i in range(2000)]
    with serving(**play(*runs)) as served:
        task = task_for(served.port, functions.three_broadcasts, hb_interval)
        with working(task) as worker:
            ends_clean(worker, 50)
        assert last_words(served) == [msg.Returned(f"t{i}", 1, float(i)) for i in range(2000)]
        assert metrics_up_to_last_words(served) == {
            f"t{i}": [(step, i + step / 10) for step in range(3)] for i in range(2000)
        }


def metrics_up_to_last_words(served):
    metrics, ended = {}, set()
    for _, message in served.messages:
        if isinstance(message, (msg.Heartbeat, *LAST_WORDS)):
            assert message.trial not in ended
            metrics.setdefault(message.trial, []).extend(zip(message.steps, message.values, strict=True))
        if isinstance(message, LAST_WORDS):
            ended.add(message.trial)
    return metrics


def test_every_metric_arrives_in_order_though_they_do_not_fit_one_frame():
    count = 5 * METRICS_A_FRAME + 1
    run = msg.Run("t", 1, 1, {"count": count})
    with serving(**play(run)) as served:
        task = task_for(served.port, functions.many_broadcasts, 60.0)
        with working(task) as worker:
            ends_clean(worker)
        assert metrics_up_to_last_words(served) == {"t": [(i, float(i)) for i in range(count)]}


def test_output_arrives_before_the_last_word():
    with serving(**play(msg.Run("t", 1, 1, {}))) as served:
        with working(task_for(served.port, functions.prints_much, 60.0)) as worker:
            ends_clean(worker)
        assert output(served) == "to stdout\nto stderr\nto the log\n"
        assert isinstance(served.messages[-1][1], msg.Returned)


@pytest.fixture(params=[functions.until_stopped, functions.stubborn_until_stopped])
def busy(request):
    """(served, worker process): the worker runs trial t in its second attempt."""
    drive = play(msg.Run("t", 1, 2, {}))
    with serving(**drive) as served, working(task_for(served.port, request.param)) as worker:
        heard(served, msg.Heartbeat)
        yield served, worker


def test_a_stop_ends_the_trial_at_its_next_broadcast(busy):
    served, worker = busy
    served.send(served.connected[0][0], msg.Stop("t", 2, "enough"))
    assert eventually(lambda: last_words(served)) == [msg.Halted("t", 2)]
    ends_clean(worker)


def test_a_stop_for_another_attempt_or_trial_is_passed_over(busy):
    served, _ = busy
    name = served.connected[0][0]
    served.send(name, msg.Stop("t", 1, "too late"))
    served.send(name, msg.Stop("s", 2, "another"))
    seen = len(words(served, msg.Heartbeat))
    eventually(lambda: len(words(served, msg.Heartbeat)) > seen + 5)
    assert last_words(served) == []
    served.send(name, msg.Stop("t", 2, "enough"))
    assert eventually(lambda: last_words(served)) == [msg.Halted("t", 2)]


def test_a_worker_whose_driver_goes_in_mid_trial_ends_by_itself(busy):
    served, worker = busy
    served.hang_up()
    ends_clean(worker)


def test_a_worker_whose_driver_talks_nonsense_ends_by_itself(busy):
    served, worker = busy
    served.send_bytes(served.connected[0][0], framed(b"?"))
    ends_clean(worker)


def test_a_worker_that_is_dismissed_in_mid_trial_leaves_it(busy):
    served, worker = busy
    served.send(served.connected[0][0], msg.Dismiss())
    ends_clean(worker)


def test_a_worker_without_a_trial_whose_driver_goes_ends_by_itself():
    with serving() as served, working(task_for(served.port, functions.instant)) as worker:
        eventually(lambda: served.connected)
        served.hang_up()
        ends_clean(worker)


def test_a_stop_right_behind_its_trial_is_not_lost():
    def both(served, worker):
        served.send(worker, msg.Run("t", 1, 1, {}))
        served.send(worker, msg.Stop("t", 1, "changed my mind"))

    with serving(both) as served, working(task_for(served.port, functions.until_stopped)):
        assert eventually(lambda: last_words(served)) == [msg.Halted("t", 1)]


def test_a_killed_worker_is_noticed_at_once_though_its_children_live_on(tmp_path):
    told = tmp_path / "pids"
    run = msg.Run("t", 1, 1, {"path": str(told)})
    with serving(**play(run)) as served, working(task_for(served.port, functions.leaves_a_child)):
        eventually(told.exists)
        worker, child = map(int, told.read_text().split())
        try:
            os.kill(worker, signal.SIGKILL)
            eventually(lambda: served.lost, 5)
            os.kill(child, 0)
        finally:
            os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize(
    ("how", "code"), [("returns", 0), ("raises", 1), (None, 0), (3, 3), ("in words", 1), (1 << 80, 0)]
)
def test_a_child_that_leaves_the_training_function_ends_and_does_not_speak_for_the_worker(how, code):
    runs = [msg.Run(f"t{i}", i, 1, {"how": how}) for i in range(1, 3)]
    with serving(**play(*runs)) as served, working(task_for(served.port, functions.forks)) as worker:
        ends_clean(worker)
        assert last_words(served) == [msg.Returned(f"t{i}", 1, float(code)) for i in range(1, 3)]


def test_a_training_function_that_cannot_be_loaded_is_named_in_one_line():
    task = dataclasses.replace(task_for(1, functions.instant), train=b"cno_such_module\nfunction\n.")
    with working(task) as worker:
        assert last_line(worker) == (
            "maggy.exceptions.MaggyError: the training function cannot be loaded on the executor: "
            "ModuleNotFoundError: No module named 'no_such_module'; "
            "make its modules available there, e.g. with SparkContext.addPyFile"
        )


def test_a_driver_that_cannot_be_reached_is_named_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with working(task_for(port, functions.instant)) as worker:
        line = last_line(worker)
    assert line.startswith(
        f"maggy.exceptions.MaggyError: this executor cannot reach the Maggy driver at 127.0.0.1:{port} ("
    )
    assert line.endswith("set spark.driver.host to an address of the driver that executors can reach")


def test_a_worker_with_another_secret_is_turned_away():
    with serving() as served:
        with working(task_for(served.port, functions.instant, secret=b"another")) as worker:
            assert "the driver closed the connection" in last_line(worker)
        assert served.connected == []


def test_the_task_reads_its_partition_and_shows_no_secret():
    task = WorkerTask("host", 1, SECRET, 1.0, b"pickled", False)
    assert SECRET.decode() not in repr(task)
    with serving(**play()) as served:
        partition = iter([0])
        assert list(dataclasses.replace(task_for(served.port, functions.instant))(partition)) == []
        assert next(partition, None) is None


@pytest.mark.parametrize("hang", ["ctypes.PyDLL(None).sleep(60)", "ctypes.CDLL(None).sleep(60)"])
def test_a_process_is_ended_that_hangs_in_c_long_after_its_trials_time(hang):
    """The first one holds Python's lock."""
    code = (
        "import ctypes\nfrom maggy.executor import task\ntask.LEAVING = 0.1\n"
        f"with task.time_limit(30): pass\nwith task.time_limit(0.1): {hang}"
    )
    ended = subprocess.run([sys.executable, "-c", code], timeout=30, capture_output=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, b"", b"")
