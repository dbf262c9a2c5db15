"""What a trial prints is kept, up to a bound, until the next heartbeat."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import threading
import tracemalloc

import pytest

from maggy.executor.output import MOST_PENDING, OutputBuffer, captured
from tests.executor.processes import ROOT


@pytest.fixture
def buffer():
    return OutputBuffer()


@pytest.fixture
def switching():
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_everything_python_writes_is_caught_in_order(buffer):
    with captured(buffer):
        print("one")
        print("two", file=sys.stderr)
        sys.stdout.write("three\n")
        sys.stdout.buffer.write(b"four\n")
        print("five", end="", flush=True)
    assert buffer.take() == "one\ntwo\nthree\nfour\nfive"


def test_what_was_taken_is_not_given_again(buffer):
    with captured(buffer):
        print("one")
        assert buffer.take() == "one\n"
        assert buffer.take() == ""
        print("two")
    assert buffer.take() == "two\n"


def test_the_streams_are_put_back_even_after_an_exception(buffer):
    before = sys.stdout, sys.stderr
    with pytest.raises(ZeroDivisionError), captured(buffer):
        raise ZeroDivisionError
    assert (sys.stdout, sys.stderr) == before


def test_threads_of_the_trial_are_caught_too(buffer):
    with captured(buffer):
        threads = [
            threading.Thread(target=print, args=(f"thread {i}\n",), kwargs={"end": ""}) for i in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(buffer.take().splitlines()) == sorted(f"thread {i}" for i in range(20))


@pytest.mark.parametrize("end", ["close", "detach"])
def test_a_trial_may_close_or_detach_its_stdout_and_the_next_one_prints_as_ever(end, buffer):
    with captured(buffer):
        print("before")
        getattr(sys.stdout, end)()
    with captured(buffer):
        print("next")
    assert buffer.take() == "before\nnext\n"


def test_a_trial_may_exchange_stdout_itself(buffer):
    before = sys.stdout
    with captured(buffer):
        sys.stdout = io.StringIO()
        print("elsewhere")
    assert (sys.stdout, buffer.take()) == (before, "")


def test_a_log_handler_set_up_in_one_trial_writes_to_the_next_ones_output(buffer):
    logger = logging.getLogger("tests.executor.training")
    try:
        with captured(OutputBuffer()):
            logger.addHandler(logging.StreamHandler())
        with captured(buffer):
            logger.warning("the second trial's words")
        assert buffer.take() == "the second trial's words\n"
    finally:
        logger.handlers.clear()


def test_a_flood_is_bounded_in_memory_and_what_was_dropped_is_counted(buffer):
    line = b"x" * 999 + b"\n"
    tracemalloc.start()
    try:
        for _ in range(20_000):
            buffer.write(line)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    text = buffer.take()
    kept = text.count("x" * 999 + "\n")
    assert peak < 2 * MOST_PENDING
    assert kept == MOST_PENDING // 1000
    assert text.endswith(f"\n[maggy: {1000 * (20_000 - kept)} bytes of output dropped]\n")


def test_after_a_flood_output_is_kept_again(buffer):
    buffer.write(b"x" * (MOST_PENDING + 1))
    assert buffer.take() == f"\n[maggy: {MOST_PENDING + 1} bytes of output dropped]\n"
    buffer.write(b"x" * MOST_PENDING)
    assert buffer.take() == "x" * MOST_PENDING


def test_many_tiny_writes_take_no_more_memory_than_their_bytes(buffer):
    tracemalloc.start()
    try:
        for i in range(50_000):
            buffer.write(b"%05d" % i)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * 5 * 50_000


def test_nothing_is_lost_or_left_over_where_writers_and_the_heartbeat_meet(buffer, switching):
    taken, rounds = [], 20_000
    writers = [threading.Thread(target=write_lines, args=(buffer, rounds)) for _ in range(2)]
    for writer in writers:
        writer.start()
    while any(w.is_alive() for w in writers):
        taken.append(buffer.take())
    taken.append(buffer.take())
    assert "".join(taken) == "line\n" * (2 * rounds)
    # The account of what waits is at nothing again: this much fits, and not a byte more.
    buffer.write(b"x" * MOST_PENDING)
    buffer.write(b"y")
    assert buffer.take() == "x" * MOST_PENDING + "\n[maggy: 1 bytes of output dropped]\n"


def write_lines(buffer, rounds):
    for _ in range(rounds):
        buffer.write(b"line\n")


def test_characters_split_over_two_heartbeats_stay_whole(buffer):
    euro = "€".encode()
    buffer.write(euro[:1])
    assert buffer.take() == ""
    buffer.write(euro[1:])
    assert buffer.take() == "€"


def test_bytes_that_are_no_text_are_replaced(buffer):
    buffer.write(b"a\xff\xfeb")
    assert buffer.take() == "a\ufffd\ufffdb"


def test_text_that_is_no_unicode_does_not_stop_the_trial(buffer):
    with captured(buffer):
        print("file \udcff")
    assert buffer.take() == "file ?\n"


def test_a_forked_child_can_print_whatever_other_threads_were_doing():
    done = subprocess.run([sys.executable, "-m", "tests.executor.forking"], cwd=ROOT, timeout=30, check=False)
    assert done.returncode == 0
