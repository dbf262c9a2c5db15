"""Whoever does not prove the secret is cut off, and nobody else notices."""

from __future__ import annotations

import contextlib
import json
import logging
import resource
import socket
import struct

import pytest

from maggy.rpc import messages as msg
from maggy.rpc.codec import HANDSHAKE_LIMIT, encode
from maggy.rpc.handshake import DriverSide, WorkerSide
from tests.rpc.served import SECRET, GoodWorker, closing, framed, serving
from tests.waiting import eventually

JUNK = {
    "a web browser": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no JSON": framed(b"hello"),
    "nothing in a frame": framed(b""),
    "no UTF-8": framed(b"\xff\xfe\xfd"),
    "deeply nested JSON": framed(b"[" * HANDSHAKE_LIMIT),
    "deeply nested objects": framed(b'{"a":' * (HANDSHAKE_LIMIT // 5)),
    "a list": framed(b"[]"),
    "a null": framed(b"null"),
    "an object without a type": framed(b"{}"),
    "an unknown type": framed(b'{"type":"Quit"}'),
    "a type that cannot be hashed": framed(b'{"type":["Hello"]}'),
    "a word of workers": encode(msg.TO_DRIVER, msg.Halted("t", 1)),
    "a word of the driver": encode(msg.HANDSHAKE, msg.Welcome("proof", "w1")),
    "a frame just too large": struct.pack(">I", HANDSHAKE_LIMIT + 1),
    "the largest length there is": b"\xff" * 4,
    "much of everything": bytes(range(256)) * 10_000,
}

HELLO = {"type": "Hello", "nonce": "n", "proof": "p", "host": "h", "pid": 1}
NOT_TEXT = [None, 1, 1.5, True, [], {}]
NOT_WHOLE = [None, "1", 1.5, True, [], {}]
WRONG_HELLOS = [
    *[{**HELLO, field: wrong} for field in ("nonce", "proof", "host") for wrong in NOT_TEXT],
    *[{**HELLO, "pid": wrong} for wrong in NOT_WHOLE],
    *[{k: v for k, v in HELLO.items() if k != field} for field in HELLO],
]


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_junk_is_cut_off(junk, stranger, good):
    with contextlib.suppress(ConnectionError):  # cut off while still talking
        stranger.send(junk)
    assert stranger.is_cut_off()
    good.assert_served()


def test_every_malformed_hello_is_cut_off(served, good):
    for hello in WRONG_HELLOS:
        with closing(served.stranger()) as stranger:
            stranger.send(framed(json.dumps(hello).encode()))
            assert stranger.is_cut_off(), hello
    good.assert_served()


def hello_for(challenge, secret=SECRET):
    return WorkerSide(secret).hello(challenge)


def test_a_wrong_secret_is_cut_off(stranger, good):
    stranger.say(hello_for(stranger.challenge(), b"another secret"))
    assert stranger.is_cut_off()
    good.assert_served()


def test_a_hello_heard_elsewhere_is_of_no_use(served, good):
    with closing(served.stranger()) as worker:
        overheard = hello_for(worker.challenge())
    with closing(served.stranger()) as replayer:
        replayer.say(overheard)
        assert replayer.is_cut_off()
    good.assert_served()


def test_the_drivers_own_kind_of_proof_is_no_proof_of_a_worker(stranger, good):
    challenge = stranger.challenge()
    driver = DriverSide(SECRET)
    driver._nonce = challenge.nonce
    proof = driver.welcome(msg.Hello("my nonce", "", "", 0), "w").proof
    stranger.say(msg.Hello("my nonce", proof, "h", 1))
    assert stranger.is_cut_off()
    good.assert_served()


@pytest.mark.parametrize("field", ["nonce", "proof"])
def test_a_hello_with_half_a_surrogate_pair_is_cut_off(field, stranger, good):
    stranger.send(framed(json.dumps({**HELLO, field: "\ud800"}).encode()))
    assert stranger.is_cut_off()
    good.assert_served()


def test_half_a_frame_and_then_the_end_is_forgotten(served, stranger, good):
    stranger.send(framed(b"x" * 100)[:50])
    stranger.close()
    good.assert_served()


@pytest.fixture
def impatient():
    with serving(handshake_deadline=0.2) as served:
        yield served


def test_a_silent_stranger_is_cut_off_after_the_deadline_and_a_worker_is_not(impatient):
    with closing(GoodWorker(impatient)) as good, closing(impatient.stranger()) as stranger:
        assert stranger.is_cut_off()
        good.assert_served()


def test_a_stranger_that_dribbles_bytes_gets_no_more_time(impatient):
    def dribbled():
        try:
            stranger.send(b"\0")
        except ConnectionError:
            return True

    with closing(GoodWorker(impatient)) as good, closing(impatient.stranger()) as stranger:
        stranger.send(struct.pack(">I", HANDSHAKE_LIMIT))
        eventually(dribbled, 5)
        good.assert_served()


def most_connections() -> int:
    """3000, or what this machine lets a process have: both ends of each are here."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(3000, hard // 2 - 200)


def test_a_worker_is_served_promptly_among_thousands_of_silent_connections(served, good):
    crowd = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(most_connections())]
    try:
        for _ in range(100):
            good.assert_served()
        with closing(served.client()) as late:
            eventually(lambda: late.worker in dict(served.connected), 5)
    finally:
        for sock in crowd:
            sock.close()


def test_where_too_many_strangers_come_those_that_came_first_go():
    with serving(most_strangers=50) as served, closing(GoodWorker(served)) as good:
        crowd = [served.stranger() for _ in range(120)]
        try:
            for first in crowd[:70]:
                assert first.is_cut_off()
            good.assert_served()
            crowd[-1].say(hello_for(crowd[-1].challenge()))
            assert isinstance(msg.HANDSHAKE.loads(crowd[-1].frame()), msg.Welcome)
        finally:
            for stranger in crowd:
                stranger.close()


def test_a_worker_that_does_not_read_is_cut_off_before_it_fills_the_memory(served):
    with closing(GoodWorker(served)) as good, closing(served.client()) as lazy:
        megabyte = framed(b"x" * 2**20)
        for _ in range(100):
            served.send_bytes(lazy.worker, megabyte)
        reason = eventually(lambda: dict(served.lost).get(lazy.worker))
        assert reason == "it broke the protocol (does not read what it is told)"
        served.lost.clear()
        served.connected[:] = [c for c in served.connected if c[0] == good.worker]
        good.assert_served()


METRICS = {"steps": [1], "values": [0.5]}
WORDS = {
    "Heartbeat": {"trial": "t", "attempt": 1, **METRICS},
    "Output": {"trial": "t", "attempt": 1, "text": "x"},
    "Returned": {"trial": "t", "attempt": 1, "value": 0.5, **METRICS},
    "Raised": {"trial": "t", "attempt": 1, "error": "e", "traceback": "tb", **METRICS},
    "Halted": {"trial": "t", "attempt": 1, **METRICS},
}
WRONG = {
    "trial": NOT_TEXT,
    "text": NOT_TEXT,
    "error": NOT_TEXT,
    "traceback": NOT_TEXT,
    "attempt": NOT_WHOLE,
    "value": [None, "high", True, [], {}, 10**400],
    "steps": [None, 1, "1", {}, [1.5], ["1"], [None], [[1]], [True]],
    "values": [None, 1.5, "NaN", {}, ["high"], [None], [[0.5]], [True]],
}
WRONG_WORDS = [
    {"type": kind, **fields, name: wrong}
    for kind, fields in WORDS.items()
    for name in fields
    for wrong in WRONG[name]
]


def test_a_worker_that_says_what_is_right_is_heard(served):
    with closing(served.stranger()) as stranger:
        stranger.say(hello_for(stranger.challenge()))
        for kind, fields in WORDS.items():
            stranger.send(framed(json.dumps({"type": kind, **fields}).encode()))
        eventually(lambda: [type(m).__name__ for _, m in served.messages] == list(WORDS))


@pytest.mark.parametrize("kind", WORDS)
def test_a_worker_that_says_what_is_malformed_is_cut_off_and_lost_once(kind, served, good):
    words = [w for w in WRONG_WORDS if w["type"] == kind]
    for word in words:
        assert_cut_off(served, framed(json.dumps(word).encode()))
    assert len(served.lost) == len(words)
    assert {w for w, _ in served.messages} <= {good.worker}


def test_a_worker_that_announces_too_much_is_cut_off(served, good):
    assert_cut_off(served, struct.pack(">I", 16 * 1024 * 1024 + 1))


def test_a_worker_that_speaks_for_the_driver_is_cut_off(served, good):
    assert_cut_off(served, encode(msg.TO_WORKER, msg.Dismiss()))


def test_a_worker_that_says_hello_again_is_cut_off(served, good):
    assert_cut_off(served, encode(msg.HANDSHAKE, msg.Hello("n", "p", "h", 1)))


def test_a_worker_that_nests_deeply_is_cut_off(served, good):
    assert_cut_off(served, framed(b"[" * 1_000_000))
    assert_cut_off(served, framed(b'{"type":"Halted","trial":' + b"[" * 100_000))


def test_nothing_is_taken_from_a_worker_after_its_first_wrong_word(served, good):
    right = encode(msg.TO_DRIVER, msg.Halted("t", 1))
    assert_cut_off(served, framed(b"?") + right)
    assert served.messages == []


def test_nothing_is_taken_any_more_once_the_driver_hung_up():
    words = [msg.Halted("t", attempt) for attempt in range(3)]
    with serving(on_message=lambda served, *_: served.hang_up_now()) as served:
        with closing(served.client()) as client:
            client.send(*words)
            assert client.receive() is None
        assert [m for _, m in served.messages] == words[:1]


def test_what_a_worker_said_before_its_wrong_word_counts(served, good):
    right = encode(msg.TO_DRIVER, msg.Halted("t", 1))
    worker = assert_cut_off(served, right + framed(b"?"))
    assert served.messages == [(worker, msg.Halted("t", 1))]


def assert_cut_off(served, data):
    """A stranger that passes the handshake and then sends the data is cut off, with a reason for people."""
    with closing(served.stranger()) as stranger:
        stranger.say(hello_for(stranger.challenge()))
        worker = msg.HANDSHAKE.loads(stranger.frame()).worker
        stranger.send(data)
        assert stranger.is_cut_off(), data[:200]
    reason = eventually(lambda: dict(served.lost).get(worker))
    assert reason.startswith("it broke the protocol (")
    return worker


def test_the_secret_is_in_no_log_record(caplog):
    caplog.set_level(logging.DEBUG)
    with serving(handshake_deadline=0.2) as served, closing(GoodWorker(served)) as good:
        for data in (b"junk", framed(json.dumps(HELLO).encode()), framed(SECRET)):
            with closing(served.stranger()) as stranger:
                stranger.send(data)
                assert stranger.is_cut_off()
        good.assert_served()
    assert "wrong proof" in caplog.text
    assert SECRET.decode() not in caplog.text
    assert SECRET.hex() not in caplog.text
