"""What is sent to the browser, and when."""

from __future__ import annotations

import contextvars
import os
import subprocess
import sys
import threading
from typing import Any

import pytest

from maggy.core.compact import compact
from maggy.exceptions import MaggyError
from maggy_widgets.writer import FRAME_INTERVAL, SNAPSHOT_INTERVAL, Line, Writer
from tests.waiting import eventually
from tests.widgets.fakes import Browser, FakeSource
from tests.widgets.kernel import ROOT


class Session:
    """A line without a thread, whose clock moves when told."""

    def __init__(self, **settings: Any) -> None:
        self.now = 100.0
        self.source = FakeSource(**settings)
        self.browser = Browser()
        self.line = Line(self.source, self.browser.send, lambda: self.now)
        self.source.subscribe(self.line.add)

    def ask(self, kind: str, **fields: Any) -> None:
        self.line.ask({"type": kind, **fields})
        self.line.flush()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.line.flush()

    def sent(self) -> list[str]:
        """What was sent since the last call."""
        kinds = self.browser.kinds()
        self.browser.messages.clear()
        return kinds


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def live(session: Session) -> Session:
    session.ask("Sync")
    session.pass_time(1)
    session.sent()
    return session


def same(browser: Browser, source: FakeSource) -> bool:
    return compact(browser.state) == compact(source.state)


def test_nothing_is_sent_before_somebody_asks(session):
    session.source.finish()
    session.pass_time(1)
    assert session.sent() == []
    assert session.line.due() is None


def test_a_snapshot_then_what_is_newer(session):
    session.source.finish(0.3)
    session.ask("Sync")
    trial = session.source.start()
    session.source.progress(trial, 1, 0.5)
    session.pass_time(FRAME_INTERVAL)
    assert session.browser.kinds() == ["Snapshot", "Frame"]
    assert {message.time for message in session.browser.messages} == {session.source.clock()}
    assert same(session.browser, session.source)


def test_frames_come_at_most_ten_times_a_second_and_hold_all_that_came_meanwhile(live):
    trial = live.source.start()
    live.pass_time(0)
    assert live.sent() == ["Frame"]
    for step in range(20):
        live.source.progress(trial, step, 0.1)
        live.pass_time(FRAME_INTERVAL / 25)
    assert live.sent() == []
    assert live.line.due() == pytest.approx(live.now + FRAME_INTERVAL / 5)
    live.pass_time(FRAME_INTERVAL / 5 + 1e-9)
    assert live.sent() == ["Frame"]
    assert live.line.due() is None
    assert same(live.browser, live.source)


def test_many_syncs_give_few_snapshots(session):
    for _ in range(10):
        session.ask("Sync")
    assert session.sent() == ["Snapshot"]
    assert session.line.due() == pytest.approx(session.now + SNAPSHOT_INTERVAL)
    session.pass_time(SNAPSHOT_INTERVAL)
    assert session.sent() == ["Snapshot"]
    session.pass_time(10)
    assert session.sent() == []


def test_what_a_snapshot_holds_is_not_sent_again(live):
    trial = live.source.start()
    live.source.progress(trial, 1, 0.5)
    live.ask("Sync")
    live.pass_time(1)
    assert live.sent() == ["Snapshot"]
    live.source.progress(trial, 2, 0.6)
    live.pass_time(1)
    assert live.sent() == ["Frame"]
    assert same(live.browser, live.source)


def test_a_snapshot_may_be_ahead_of_what_was_told(live):
    """The state is brought up to date before the listeners are told."""
    told, live.source.listeners = live.source.listeners, []
    trial = live.source.start()
    live.ask("Sync")
    untold = live.source.snapshot()
    live.source.listeners = told
    from maggy.core.events import Record, TrialCreated, TrialStarted

    created = live.source.state.trials[trial]
    last = untold[0]
    live.line.add(
        [
            Record(last - 1, 0.0, TrialCreated(trial, created.number, created.params, "optimizer")),
            Record(last, 0.0, TrialStarted(trial, 1, "w1")),
        ]
    )
    live.source.progress(trial, 1, 0.5)
    live.pass_time(1)
    assert live.sent() == ["Snapshot", "Frame"]
    assert same(live.browser, live.source)


def test_requests_go_to_the_search(live):
    live.ask("StopTrial", trial="t1", reason="hopeless")
    live.ask("AddTrials", count=10)
    live.ask("StopExperiment", reason="enough")
    live.ask("EnqueueTrial", params={"lr": 0.1})
    assert [type(r).__name__ for r in live.source.requests] == [
        "StopTrial",
        "AddTrials",
        "StopExperiment",
        "EnqueueTrial",
    ]
    assert live.source.requests[0].reason == "hopeless"
    assert live.sent() == []


def test_a_log_is_read(live):
    trial = live.source.start()
    live.pass_time(1)
    live.sent()
    live.line.ask({"type": "ReadLog", "trial": trial})
    message = live.browser.messages[0]
    assert (message.trial, message.text, message.missing) == (trial, f"log of {trial}", 7)


@pytest.mark.parametrize(
    "content",
    [
        None,
        7,
        "Sync",
        [],
        {},
        {"type": "Snapshot"},
        {"type": "AddTrials"},
        {"type": "AddTrials", "count": "many"},
        {"type": "StopTrial", "trial": 1, "reason": ""},
        {"type": {"a": 1}},
        {"type": "<script>" * 100_000},
        {"type": "\ud800"},
    ],
)
def test_a_malformed_request_is_refused(live, content):
    live.line.ask(content)
    assert live.browser.kinds() == ["Refused"]
    refused = live.browser.messages[0]
    assert refused.reason
    assert len(refused.reason) + len(refused.request) < 2000
    assert (refused.reason + refused.request).encode()
    assert live.source.requests == []


@pytest.mark.parametrize("error", [ValueError("no such trial"), MaggyError("it is over"), OSError("disk")])
def test_a_refusal_says_why(live, error):
    live.source.refusal = error
    live.ask("StopTrial", trial="t9", reason="")
    refused = live.browser.messages[0]
    assert (refused.request, refused.reason) == ("StopTrial", str(error))


def test_a_crash_is_told_once_and_to_each_newcomer(live):
    live.source.crash("the disk is full")
    live.pass_time(1)
    live.pass_time(1)
    assert live.browser.messages[-1].reason == "the disk is full"
    assert live.sent() == ["Closed"]
    live.ask("Sync")
    assert live.sent() == ["Snapshot", "Closed"]


def test_the_end_is_the_last_frame(live):
    live.source.finish(0.5)
    live.source.end()
    live.pass_time(1)
    live.pass_time(1)
    assert live.sent() == ["Frame"]
    assert live.browser.state.end is not None
    assert live.line.due() is None


class TestWriter:
    @pytest.fixture
    def writer(self):
        writer = Writer()
        yield writer
        writer.shut_down()

    def test_sends_from_one_thread_for_all(self, writer):
        threads = set()
        pairs = []
        for n in range(3):
            source, browser = FakeSource(f"search{n}"), Browser()

            def send(content, buffers, browser=browser):
                threads.add(threading.current_thread().name)
                return browser.send(content, buffers)

            line = writer.open(source, send)
            writer.ask(line, {"type": "Sync"})
            pairs.append((source, browser))
        eventually(lambda: all(b.messages for _, b in pairs))
        for source, _ in pairs:
            source.finish(0.5)
        eventually(lambda: all(same(b, s) for s, b in pairs))
        assert threads == {"maggy-widgets"}

    def test_rests_when_there_is_nothing_to_do(self, writer):
        """It waits without an end, and wakes up once for each thing that it is given."""
        patience, waits = writer._patience, []
        writer._patience = lambda: waits.append(patience()) or waits[-1]
        line = writer.open(FakeSource(), Browser().send)
        source, browser = FakeSource("other"), Browser()
        writer.ask(writer.open(source, browser.send), {"type": "Sync"})
        eventually(lambda: browser.messages)
        writer.ask(line, {"type": "AddTrials", "count": 1})
        eventually(lambda: len(waits) >= 2)
        assert set(waits) == {None}
        assert len(waits) <= 3

    def test_a_view_that_is_gone_is_dropped(self, writer):
        source, browser = FakeSource(), Browser()
        line = writer.open(source, browser.send)
        writer.ask(line, {"type": "Sync"})
        eventually(lambda: browser.messages)
        browser.gone = True
        source.finish()
        eventually(lambda: not source.listeners)

    def test_a_view_that_fails_says_so_once_and_takes_no_other_along(self, writer, caplog):
        def fail(content, buffers):
            raise RuntimeError("no such socket")

        broken, healthy, browser = FakeSource("broken"), FakeSource("healthy"), Browser()
        writer.ask(writer.open(broken, fail), {"type": "Sync"})
        line = writer.open(healthy, browser.send)
        eventually(lambda: not broken.listeners)
        broken.finish()
        writer.ask(line, {"type": "Sync"})
        eventually(lambda: browser.messages)
        assert [r.getMessage() for r in caplog.records] == [
            "a view of a search failed and is off: RuntimeError('no such socket')"
        ]

    def test_a_closed_line_is_silent(self, writer):
        source, browser = FakeSource(), Browser()
        line = writer.open(source, browser.send)
        writer.close(line)
        writer.close(line)
        assert source.listeners == []
        writer.ask(line, {"type": "Sync"})
        other = Browser()
        writer.ask(writer.open(source, other.send), {"type": "Sync"})
        eventually(lambda: other.messages)
        assert browser.messages == []

    def test_sends_for_the_cell_that_opened_the_line(self, writer):
        cell, seen = contextvars.ContextVar("cell"), []
        browser = Browser()

        def send(content, buffers):
            seen.append(cell.get())
            return browser.send(content, buffers)

        for name in ("first", "second"):
            cell.set(name)
            writer.ask(writer.open(FakeSource(name), send), {"type": "Sync"})
        cell.set("third")
        eventually(lambda: sorted(seen) == ["first", "second"])

    def test_after_the_end_of_the_process_nothing_happens(self, writer):
        source, browser = FakeSource(), Browser()
        line = writer.open(source, browser.send)
        writer.shut_down()
        eventually(lambda: not writer._thread.is_alive())
        source.finish()
        writer.ask(line, {"type": "Sync"})
        assert browser.messages == []


def test_a_forked_process_is_silent(capfd):
    writer, unused = Writer(), Writer()
    source, browser = FakeSource(), Browser()
    line = writer.open(source, browser.send)
    child = os.fork()
    if child == 0:
        source.finish()
        writer.ask(line, {"type": "Sync"})
        unused.ask(unused.open(FakeSource("other"), browser.send), {"type": "Sync"})
        os._exit(10 * threading.active_count() + len(browser.messages))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 10
    writer.ask(line, {"type": "Sync"})
    eventually(lambda: browser.messages)
    writer.shut_down()
    assert capfd.readouterr().err == ""


def test_the_end_of_a_process_is_silent():
    """With a search that still goes on, and a browser that does not answer any more."""
    program = """
import threading
from maggy_widgets.writer import writer
from tests.widgets.fakes import FakeSource
sent = threading.Event()
source = FakeSource()
line = writer.open(source, lambda content, buffers: sent.set() or True)
writer.ask(line, {"type": "Sync"})
sent.wait(10)
threading.Thread(target=lambda: [source.finish() for _ in range(1000)], daemon=True).start()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
