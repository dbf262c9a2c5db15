"""The same connection over TLS: who has another certificate, or none, does not get in."""

from __future__ import annotations

import contextlib
import dataclasses
import ssl
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maggy.driver.certificate import MISSING, make_tls
from maggy.executor.task import METRICS_A_FRAME
from maggy.rpc import messages as msg
from maggy.rpc.client import Client
from maggy.rpc.tls import Channel, trusting
from tests.executor import functions
from tests.executor.processes import ends_clean, task_for, working
from tests.executor.test_worker import heard, last_words, metrics_up_to_last_words, play
from tests.rpc.served import SECRET, GoodWorker, closing, serving

TLS = make_tls()


@pytest.fixture
def tls():
    return TLS


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


def opened(tls):
    """Both ends of a channel, without a network."""
    driver, worker = Channel(tls.context, driver=True), Channel(trusting(tls.certificate))
    worker.decrypt(b"")
    while not (driver.open and worker.open):
        driver.decrypt(worker.own_words())
        worker.decrypt(driver.own_words())
    return driver, worker


def test_what_comes_along_with_the_other_ends_farewell_is_heard(tls):
    driver, worker = opened(tls)
    last = driver.encrypt(b"the last words")
    with pytest.raises(ssl.SSLWantReadError):  # for the answer to its farewell
        driver._tls.unwrap()
    assert worker.decrypt(last + driver.own_words()) == b"the last words"


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_an_os_error_or_wait_for_more(data, started):
    driver = Channel(TLS.context, driver=True)
    if started:
        worker = Channel(trusting(TLS.certificate))
        worker.decrypt(b"")
        data = worker.own_words() + data
    with contextlib.suppress(OSError):
        assert driver.decrypt(data) == b""
    assert not driver.open


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_changed_byte_is_an_os_error(text, drawn):
    driver, worker = opened(TLS)
    sent = bytearray(driver.encrypt(text))
    sent[drawn.draw(st.integers(5, len(sent) - 1))] ^= drawn.draw(st.integers(1, 255))
    with pytest.raises(OSError, match="bad record mac"):
        worker.decrypt(bytes(sent))


def test_older_versions_are_refused(tls):
    context = trusting(tls.certificate)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    old, driver = Channel(context), Channel(tls.context, driver=True)
    old.decrypt(b"")
    with pytest.raises(OSError, match="unsupported protocol"):
        driver.decrypt(old.own_words())


def test_the_key_is_on_no_disk_in_the_clear_and_nothing_stays(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    written = []
    write = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", lambda path, data: written.append(data) or write(path, data))
    make_tls()
    (pem,) = written
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in pem
    assert pem.count(b"PRIVATE KEY") == 2
    assert list(tmp_path.iterdir()) == []


def test_without_cryptography_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(ImportError, match=r"pip install 'maggy\[tls\]'") as raised:
        make_tls()
    assert str(raised.value) == MISSING
