"""Messages of widgets reach a cell that is busy, on each version of ipykernel."""

from __future__ import annotations

import os

import pytest

from tests.widgets.kernel import Kernel

SETUP = """
import comm, signal, time
from maggy_widgets.pump import Pump

heard = []

def on_open(channel, _):
    @channel.on_msg
    def on_message(message):
        data = message["content"]["data"]
        heard.append(data)
        if data == "be interrupted":
            signal.raise_signal(signal.SIGINT)
        if data == "hang":
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        if data == "wait inside":
            wait_for("inner")
        channel.send(data)

comm.get_comm_manager().register_target("test", on_open)

def wait_for(data):
    with Pump() as pump:
        print("works" if pump.works else "does not work", flush=True)
        until = time.monotonic() + 30
        while data not in heard and time.monotonic() < until:
            pump(0.05)
    print("heard", heard)
"""


@pytest.fixture
def busy(kernel: Kernel) -> Kernel:
    kernel.seen.clear()
    kernel.run(SETUP)
    kernel.open_comm("test", "channel")
    return kernel


def start_waiting(kernel: Kernel, code: str) -> str:
    cell = kernel.start(code)
    kernel.until(lambda: "works" in kernel.printed(cell))
    return cell


def test_a_message_is_heard_and_answered_while_the_cell_is_busy(busy):
    cell = start_waiting(busy, "wait_for('last')")
    busy.send("channel", "first")
    busy.until(lambda: busy.on("channel") == ["first"], seconds=5)
    busy.send("channel", "last")
    busy.wait_for_end(cell)
    assert busy.printed(cell) == "works\nheard ['first', 'last']\n"
    assert busy.status(cell) == "ok"


def test_each_message_is_busy_and_idle_so_that_the_browser_goes_on(busy):
    cell = start_waiting(busy, "wait_for('it')")
    message = busy.send("channel", "it")
    busy.wait_for_end(cell)
    assert [m["content"]["execution_state"] for m in busy.of(message, "status")] == ["busy", "idle"]


def test_cells_that_came_meanwhile_run_afterwards_in_order(busy):
    waiting = start_waiting(busy, "wait_for('it')")
    cells = [busy.start(f"print({n})") for n in range(5)]
    busy.send("channel", "other")
    busy.until(lambda: "other" in busy.on("channel"))
    cells += [busy.start(f"print({n})") for n in range(5, 8)]
    busy.send("channel", "it")
    busy.wait_for_end(waiting)
    busy.wait_for_end(cells[-1])
    started = [m["parent_header"]["msg_id"] for m in busy.seen if m["msg_type"] == "execute_input"]
    assert started[-9:] == [waiting, *cells]
    assert "".join(map(busy.printed, cells)).split() == list("01234567")


def test_cells_that_came_meanwhile_are_aborted_where_the_cell_fails(busy):
    waiting = start_waiting(busy, "wait_for('it'); 1 / 0")
    after = busy.start("print('must not run')")
    busy.send("channel", "it")
    assert busy.status(waiting) == "error"
    assert busy.status(after) == "aborted"
    assert busy.run("print('next')") == "next\n"


def test_interrupt_works_before_and_after_a_message(busy):
    for data in (None, "other"):
        cell = start_waiting(busy, "wait_for('never')")
        if data:
            busy.send("channel", data)
            busy.until(lambda: busy.on("channel"))
        busy.interrupt()
        assert busy.status(cell) == "error"
        busy.wait_for_end(cell)
        assert busy.of(cell, "error")[0]["content"]["ename"] == "KeyboardInterrupt"
    assert busy.run("print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)") == "True\n"


def test_an_interrupt_during_a_message_is_not_lost(busy):
    cell = start_waiting(busy, "wait_for('never')")
    busy.send("channel", "be interrupted")
    assert busy.status(cell) == "error"
    busy.wait_for_end(cell)
    assert busy.on("channel") == ["be interrupted"]  # the callback came to its end


def test_a_callback_that_hangs_can_be_interrupted(busy):
    cell = start_waiting(busy, "wait_for('never')")
    busy.send("channel", "hang")
    assert busy.status(cell) == "error"
    busy.wait_for_end(cell)
    assert busy.on("channel") == []


def test_handler_of_interrupt_survives_a_message(busy):
    """A cell's own handler is the cell's own: the kernel must not take it for its own."""
    cell = start_waiting(
        busy,
        "own = signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "wait_for('it')\nsignal.signal(signal.SIGINT, own)",
    )
    busy.send("channel", "it")
    busy.wait_for_end(cell)
    cell = start_waiting(busy, "wait_for('never')")
    busy.interrupt()
    assert busy.status(cell) == "error"


def test_what_is_printed_after_a_message_is_the_cells(busy):
    cell = start_waiting(busy, "wait_for('it'); print('done'); 42")
    busy.send("channel", "it")
    busy.wait_for_end(cell)
    assert busy.printed(cell).endswith("done\n")
    assert busy.of(cell, "execute_result")[0]["content"]["data"] == {"text/plain": "42"}


def test_a_pump_within_a_pump_loses_nothing(busy):
    waiting = start_waiting(busy, "wait_for('outer')")
    cells = [busy.start(f"print({n})") for n in range(2)]
    inside = busy.send("channel", "wait inside")
    busy.until(lambda: "works" in busy.printed(inside))
    cells.append(busy.start("print(2)"))
    busy.send("channel", "inner")
    busy.until(lambda: "wait inside" in busy.on("channel"))
    assert not busy.of(cells[0], "execute_input")
    busy.send("channel", "outer")
    busy.wait_for_end(waiting, seconds=5)
    busy.wait_for_end(cells[-1])
    assert [busy.printed(cell) for cell in cells] == ["0\n", "1\n", "2\n"]


def test_messages_before_and_after_pumping_are_heard(busy):
    busy.send("channel", "before")
    busy.until(lambda: "before" in busy.on("channel"))
    busy.run("with Pump() as pump: pump(0.01)")
    busy.send("channel", "after")
    busy.until(lambda: "after" in busy.on("channel"))


def test_without_pumping_a_message_waits(busy, tmp_path):
    """What the Pump is for."""
    os.mkfifo(pipe := tmp_path / "pipe")
    cell = busy.start(f"print('there', flush=True); open({str(pipe)!r}).read(); print(heard)")
    busy.until(lambda: "there" in busy.printed(cell))
    busy.send("channel", "it")
    busy.ask_beside()  # once that is answered, the message has come, too
    pipe.write_text("go on")
    busy.wait_for_end(cell)
    assert "[]" in busy.printed(cell)
    busy.until(lambda: busy.on("channel") == ["it"])


def test_beside_the_main_thread_it_only_waits(busy):
    told = busy.run(
        "import threading\n"
        "heard.append('it')\n"
        "thread = threading.Thread(target=wait_for, args=['it'])\n"
        "thread.start(); thread.join()"
    )
    assert told.startswith("does not work")


def test_with_insides_that_it_does_not_know_it_only_waits(busy):
    told = busy.run(
        "from unittest.mock import patch\n"
        "with patch('maggy_widgets.pump._Inbox._as_before', side_effect=AttributeError('changed')):\n"
        "    with Pump() as pump: print(pump.works, pump(0.01))"
    )
    assert told == "False 0\n"
    busy.send("channel", "still")
    busy.until(lambda: "still" in busy.on("channel"))


def test_without_a_kernel_it_only_waits():
    from maggy_widgets.pump import Pump

    with Pump() as pump:
        assert not pump.works
        assert pump(0.0) == 0
