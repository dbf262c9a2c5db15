"""The same connection over TLS: who has another certificate, or none, does not get in."""

from __future__ import annotations

import dataclasses
import ssl
import sys

import pytest

from maggy.driver.certificate import MISSING, make_tls
from maggy.executor.task import METRICS_A_FRAME
from maggy.rpc import messages as msg
from maggy.rpc.client import Client
from tests.executor import functions
from tests.executor.processes import ends_clean, task_for, working
from tests.executor.test_worker import heard, last_words, metrics_up_to_last_words, play
from tests.rpc.served import SECRET, GoodWorker, closing, serving


@pytest.fixture(scope="module")
def tls():
    return make_tls()


@pytest.fixture
def served(tls):
    with serving(tls=tls) as served:
        yield served


def test_both_sides_hear_each_other_and_bystanders_do_not_disturb(served):
    with closing(GoodWorker(served)) as good:
        for size in (1, 20_000, 3_000_000):
            served.send(good.worker, msg.Stop("t", 1, "x" * size))
            assert good._client.receive() == msg.Stop("t", 1, "x" * size)
        with pytest.raises(OSError, match="certificate verify failed"):
            Client("127.0.0.1", served.port, SECRET, make_tls().certificate)
        good.assert_served()


def test_who_speaks_no_tls_is_cut_off(served):
    with closing(GoodWorker(served)) as good, closing(served.stranger()) as stranger:
        stranger.send(b"\0\0\0\2{}")
        assert stranger._socket.recv(1000)[:1] in (b"", b"\x15")  # closed, or TLS's own alert
        good.assert_served()


def test_a_worker_that_wants_tls_leaves_a_driver_without(tls):
    with serving() as plain, pytest.raises(ssl.SSLError):
        Client("127.0.0.1", plain.port, SECRET, tls.certificate)


def test_a_whole_worker_runs_over_tls(tls):
    count = 3 * METRICS_A_FRAME + 1
    with serving(tls=tls, **play(msg.Run("t", 1, 1, {"count": count}))) as served:
        task = task_for(served.port, functions.many_broadcasts, 0.01)
        with working(dataclasses.replace(task, certificate=tls.certificate)) as worker:
            ends_clean(worker)
        assert metrics_up_to_last_words(served) == {"t": [(i, float(i)) for i in range(count)]}


def test_a_stop_is_heard_over_tls_while_metrics_are_sent(tls):
    with serving(tls=tls, **play(msg.Run("t", 1, 2, {}))) as served:
        task = task_for(served.port, functions.until_stopped, 0.001)
        with working(dataclasses.replace(task, certificate=tls.certificate)) as worker:
            heard(served, msg.Heartbeat)
            served.send(served.connected[0][0], msg.Stop("t", 2, "enough"))
            ends_clean(worker)
        assert last_words(served) == [msg.Halted("t", 2)]


def test_without_cryptography_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(ImportError, match=r"pip install 'maggy\[tls\]'") as raised:
        make_tls()
    assert str(raised.value) == MISSING
