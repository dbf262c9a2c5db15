"""Searches in a Livy session as the notebook's side has them, with faults. Livy itself: tests/livy."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from maggy import remote
from maggy.bridge import contract as c
from maggy.bridge import distant as d
from maggy.exceptions import MaggyError, WireError
from maggy_widgets.livy import search
from maggy_widgets.livy.search import RemoteHandle, experiments
from maggy_widgets.livy.session import LivyError, NotShipped, Session, SessionGone, Unreachable
from maggy_widgets.options import parse
from maggy_widgets.writer import Writer
from tests.waiting import eventually
from tests.widgets.fakes import Browser, FakeSource
from tests.widgets.stub_livy import StubLivy


class Afar(FakeSource):
    """A search as `maggy.remote` knows it, in the place of a local handle."""

    def __init__(self) -> None:
        super().__init__()
        self.id = self.experiment
        self.path = Path("/nowhere") / self.id  # type: ignore[assignment]
        self.enqueued: list[Any] = []

    @property
    def done(self) -> bool:
        return self.state.end is not None or self.closed is not None

    def looking(self) -> Any:
        import contextlib

        return contextlib.nullcontext(self.state)

    def enqueue(self, params: dict[str, Any]) -> str:
        if params.get("lr") == 7:
            raise ValueError("lr is too large")
        self.enqueued.append(params)
        return "t99"


@pytest.fixture
def livy() -> StubLivy:
    return StubLivy()


@pytest.fixture
def afar(monkeypatch: pytest.MonkeyPatch) -> Afar:
    source = Afar()
    monkeypatch.setattr(remote.handles, "experiments", lambda: [source])
    monkeypatch.setattr(remote, "_agent", remote.Agent())
    monkeypatch.setattr(search, "RETRY", 0.01)
    monkeypatch.setattr(search, "WAIT", 0.2)
    return source


@pytest.fixture
def handle(livy: StubLivy, afar: Afar) -> RemoteHandle:
    session = Session(livy, 0, "one")
    handle = RemoteHandle(session, experiments(session)[0])
    assert handle.started(5)
    return handle


def same(handle: RemoteHandle, afar: Afar) -> bool:
    with handle.looking() as state:
        return state.number == afar.state.number and repr(state.trials) == repr(afar.state.trials)


def test_events_come_as_they_happen_until_the_end(handle: RemoteHandle, afar: Afar) -> None:
    afar.finish(0.5)
    afar.fail()
    eventually(lambda: same(handle, afar))
    assert not handle.done
    with pytest.raises(TimeoutError):
        handle.result(0.01)
    afar.end()
    found = handle.result(5)
    assert (found["best_val"], found["failed"], found["status"]) == (0.5, 1, "finished")
    assert found["path"] == str(afar.path)


def test_time_is_that_of_the_session_whose_clock_may_be_wrong(handle: RemoteHandle, afar: Afar) -> None:
    afar.start()
    eventually(lambda: same(handle, afar))
    assert afar.now <= handle.clock() <= afar.now + 60


def test_a_search_that_failed_raises_as_a_local_one_does(handle: RemoteHandle, afar: Afar) -> None:
    afar.fail("ValueError: bad")
    afar.end("failed")
    with pytest.raises(MaggyError, match="ValueError: bad"):
        handle.result(5)


def test_what_happened_while_livy_was_away_comes_later(
    handle: RemoteHandle, afar: Afar, livy: StubLivy
) -> None:
    told: list[str] = []
    handle.heed(told.append)
    livy.away = True
    eventually(lambda: "trying again since" in told[-1])
    afar.finish(0.5)
    livy.away = False
    eventually(lambda: same(handle, afar) and told[-1] == "")


def test_a_search_that_rests_says_why_at_a_distance(handle: RemoteHandle, afar: Afar) -> None:
    afar.say("the search rests: the disk is full")
    eventually(lambda: handle.notice == "the search rests: the disk is full")
    afar.say("")
    afar.finish(0.5)
    eventually(lambda: same(handle, afar) and handle.notice == "")


def test_a_lost_answer_is_asked_for_again_and_followed_once(
    handle: RemoteHandle, afar: Afar, livy: StubLivy
) -> None:
    livy.lose = 3
    handle.add_trials(5)
    eventually(lambda: livy.lose == 0)
    assert afar.requests == [c.AddTrials(5)]


def test_requests_are_refused_in_the_words_of_the_driver(handle: RemoteHandle, afar: Afar) -> None:
    assert handle.enqueue({"lr": 1}) == "t99"
    with pytest.raises(ValueError, match="lr is too large"):
        handle.enqueue({"lr": 7})
    afar.refusal = ValueError("it is over")
    with pytest.raises(ValueError, match="it is over"):
        handle.stop()


def test_a_click_that_cannot_be_followed_fails_in_time(
    handle: RemoteHandle, livy: StubLivy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "DEADLINE", 0.2)
    livy.away = True
    with pytest.raises(MaggyError, match=r"within 0\.2 seconds: Livy cannot be reached"):
        handle.stop()


@pytest.mark.parametrize(("state", "says"), [(None, "is gone"), ("dead", "is dead"), ("killed", "is killed")])
def test_a_session_that_is_gone_closes_the_search(
    handle: RemoteHandle, livy: StubLivy, state: str | None, says: str
) -> None:
    livy.state = state
    eventually(lambda: handle.done)
    assert says in (handle.closed or "")
    with pytest.raises(MaggyError, match=f"the Livy session one {says}"):
        handle.result()


def test_a_driver_that_crashed_is_told(handle: RemoteHandle, afar: Afar) -> None:
    afar.crash("the driver failed (boom)")
    eventually(lambda: handle.closed == "the driver failed (boom)")


def test_where_jobs_are_refused_statements_take_their_place(livy: StubLivy, afar: Afar) -> None:
    livy.refuses_jobs = 404
    session = Session(livy, 0)
    handle = RemoteHandle(session, experiments(session)[0])
    afar.finish(0.5)
    eventually(lambda: same(handle, afar))
    assert session.parallel is False
    handle.stop()
    assert afar.requests == [c.StopExperiment("stopped by hand")]


def test_a_notebook_that_did_not_ask_for_long_gets_a_snapshot(
    afar: Afar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "MOST_RECORDS", 2)
    feed = remote.Feed(afar)  # type: ignore[arg-type]
    after = afar.state.number
    afar.finish(0.5)
    afar.finish(0.6)
    answer, _ = d.unpack_answer(feed.read(after, 0))
    assert isinstance(answer, c.Snapshot)
    assert answer.last == afar.state.number


def test_a_slow_answer_holds_up_no_other_view(handle: RemoteHandle, livy: StubLivy) -> None:
    """The thread that writes to browsers does not wait for Livy."""
    gate, asked = threading.Event(), threading.Event()
    handle.request = lambda request: (asked.set(), gate.wait(10))  # type: ignore[method-assign]
    writer, slow, quick = Writer(), Browser(), Browser()
    line = writer.open(handle, slow.send)
    writer.ask(line, {"type": "StopExperiment", "reason": ""})
    assert asked.wait(5)
    other = writer.open(FakeSource(), quick.send)
    writer.ask(other, {"type": "Sync"})
    eventually(lambda: quick.kinds() == ["Snapshot"])
    gate.set()
    writer.shut_down()


def test_an_answer_of_another_version_or_of_nobody_is_none() -> None:
    for text in ("", "{}", '{"v":0}', "z:zz", "z:" + "A" * 40, '{"v":1,"answer":{},"buffer":""}'):
        with pytest.raises(WireError):
            d.unpack_answer(text)


def test_what_a_session_answers_is_never_run_here(livy: StubLivy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "answer", print)  # what is pickled by reference to a function is code
    livy.post("/sessions/0/statements", {"code": "pass"})
    monkeypatch.setattr("tests.widgets.stub_livy._job", lambda job: {"state": "SUCCEEDED", "result": EVIL})
    with pytest.raises(Unreachable, match="no plain value"):
        Session(livy, 0).ask(d.ListExperiments(""), 5)


# base64 of base64 of a pickle of os.getcwd
EVIL = "WTI5ekNtZGxkR04zWkFvdQ=="


def test_sessions_without_maggy_and_statements_that_fail(
    livy: StubLivy, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = {"state": "FAILED", "error": "ModuleNotFoundError: No module named 'maggy'"}
    monkeypatch.setattr("tests.widgets.stub_livy._job", lambda job: missing)
    with pytest.raises(NotShipped):
        Session(livy, 0).ask(d.ListExperiments(""), 5)
    with pytest.raises(LivyError, match="ZeroDivisionError"):
        Session(livy, 0).run("1 / 0", 5)
    livy.state = None
    with pytest.raises(SessionGone):
        Session(livy, 0).run("1", 5)


def test_a_password_on_the_line_is_in_no_repr() -> None:
    options = parse("attach x -u http://livy -t Basic_Access -a me -p secret")
    assert options.password == "secret"
    assert "secret" not in repr(options)
