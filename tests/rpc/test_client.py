"""The worker's end of the connection."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading

import pytest

from maggy.driver.certificate import make_tls
from maggy.exceptions import WireError
from maggy.rpc import messages as msg
from maggy.rpc.client import Client
from maggy.rpc.codec import HANDSHAKE_LIMIT, encode
from maggy.rpc.handshake import WorkerSide
from tests.rpc.served import SECRET, Stranger, closing, framed, serving
from tests.waiting import eventually


class Impostor:
    """Takes one connection and says what it likes; `heard` is what the worker said back."""

    def __init__(self, *says: bytes) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._says = says
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        sock, _ = self._listener.accept()
        with closing(Stranger(sock)) as worker:
            for data in self._says:
                worker.send(data)
            worker.is_cut_off()

    def close(self) -> None:
        self._listener.close()
        self._thread.join(10)


CHALLENGE = encode(msg.HANDSHAKE, msg.Challenge(msg.PROTOCOL, "nonce"))


def impostor_welcome():
    side = WorkerSide(b"not the secret")
    side.hello(msg.Challenge(msg.PROTOCOL, "nonce"))
    return encode(msg.HANDSHAKE, msg.Welcome("0" * 64, "w1"))


IMPOSTORS = {
    "a wrong proof": ([CHALLENGE, impostor_welcome()], "the driver's proof is wrong"),
    "another protocol": (
        [encode(msg.HANDSHAKE, msg.Challenge(999, "nonce"))],
        f"the driver speaks protocol 999, this worker {msg.PROTOCOL}",
    ),
    "a web server": ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "a frame of"),
    "no challenge": ([encode(msg.HANDSHAKE, msg.Welcome("p", "w"))], "expected a Challenge"),
    "no welcome": ([CHALLENGE, CHALLENGE], "expected a Welcome"),
    "work without a welcome": ([CHALLENGE, encode(msg.TO_WORKER, msg.Dismiss())], "unknown type 'Dismiss'"),
    "a proof that is no text": ([CHALLENGE, framed(b'{"type":"Welcome","proof":1,"worker":"w"}')], "proof"),
    "half a surrogate pair as proof": (
        [CHALLENGE, framed(b'{"type":"Welcome","proof":"\\ud800","worker":"w"}')],
        "the driver's proof is wrong",
    ),
    "half a surrogate pair as nonce": (
        [encode(msg.HANDSHAKE, msg.Challenge(msg.PROTOCOL, "\ud800")), impostor_welcome()],
        "the driver's proof is wrong",
    ),
    "a large frame": ([framed(b"x" * (HANDSHAKE_LIMIT + 1))], f"the limit is {HANDSHAKE_LIMIT}"),
}


@pytest.fixture(params=["plain", "tls"])
def served(request):
    with serving(tls=make_tls() if request.param == "tls" else None) as served:
        yield served


@pytest.mark.parametrize(("says", "why"), IMPOSTORS.values(), ids=IMPOSTORS.keys())
def test_a_driver_that_does_not_prove_itself_is_refused(says, why):
    with closing(Impostor(*says)) as impostor, pytest.raises(WireError, match=why):
        Client("127.0.0.1", impostor.port, SECRET)


def test_a_server_with_another_secret_closes_the_connection():
    with serving(secret=b"another") as served:
        with pytest.raises(ConnectionError):
            Client("127.0.0.1", served.port, SECRET)
        assert served.connected == []


class Dribbler(Impostor):
    """Goes on to say zeros, one by one, without end."""

    def _take(self) -> None:
        sock, _ = self._listener.accept()
        with closing(Stranger(sock)) as worker, contextlib.suppress(ConnectionError):
            for data in self._says:
                worker.send(data)
            while not _never.wait(0.01):
                worker.send(b"\0")


_never = threading.Event()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_driver_that_dribbles_bytes_does_not_hold_a_worker(tls, monkeypatch):
    monkeypatch.setattr("maggy.rpc.client.CONNECT_DEADLINE", 0.3)
    # The start of a handshake's frame, in either protocol, which never becomes whole.
    says = b"\x16\x03\x03\x20\x00" if tls else struct.pack(">I", HANDSHAKE_LIMIT)
    certificate = make_tls().certificate if tls else None
    with closing(Dribbler(says)) as impostor, pytest.raises(TimeoutError):
        Client("127.0.0.1", impostor.port, SECRET, certificate)


def test_nobody_listens_at_a_closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        Client("127.0.0.1", port, SECRET)


def test_a_hello_says_who_connects(served):
    with closing(served.client()) as client:
        worker, hello = eventually(lambda: served.connected)[0]
    assert (worker, hello.host, hello.pid) == (client.worker, socket.gethostname(), os.getpid())


def test_workers_have_different_names(served):
    with closing(served.client()) as one, closing(served.client()) as other:
        assert one.worker != other.worker


def test_a_worker_that_goes_is_lost_once(served):
    with closing(served.client()) as client:
        pass
    assert eventually(lambda: served.lost) == [(client.worker, "its process ended")]


def test_messages_both_ways_keep_their_order(served):
    words = [msg.Heartbeat("t", i, (i,), (float(i),)) for i in range(500)]
    orders = [msg.Run(f"t{i}", i, 1, {"x": i, "y": "text", "z": (1, 2)}) for i in range(500)]
    with closing(served.client()) as client:
        client.send(*words[:250])
        client.send(*words[250:])
        for order in orders:
            served.send(client.worker, order)
        assert [client.receive() for _ in orders] == orders
        eventually(lambda: len(served.messages) == 500)
        assert served.messages == [(client.worker, w) for w in words]


def test_receive_is_none_where_the_driver_is_gone(served):
    with closing(served.client()) as client:
        served.hang_up()
        assert client.receive() is None


def test_what_was_sent_before_the_driver_hangs_up_arrives(served):
    with closing(served.client()) as client:
        for _ in range(1000):
            served.send(client.worker, msg.Stop("t" * 1000, 1, "r" * 1000))
        served.hang_up()
        assert sum(1 for _ in iter(client.receive, None)) == 1000


def test_receive_is_none_after_close_in_another_thread(served):
    client, seen = served.client(), []
    receiving = threading.Thread(target=lambda: seen.append(client.receive()))
    receiving.start()
    client.close()
    receiving.join(10)
    assert seen == [None]


def test_receive_is_none_where_the_driver_talks_nonsense(served):
    with closing(served.client()) as client:
        served.send_bytes(client.worker, framed(b"?"))
        assert client.receive() is None
