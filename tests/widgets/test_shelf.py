"""Searches of this kernel and searches in folders: listed, found, and shown as their folders have them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from maggy import handle as handles
from maggy.bridge.contract import StopTrial
from maggy.core.compact import compact
from maggy.core.state import State
from maggy.exceptions import WireError
from maggy.places import ENVIRONMENT
from maggy_widgets import shelf
from maggy_widgets.past import Past
from tests.widgets.fakes import FakeSource

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture
def base(tmp_path, monkeypatch):
    """An empty folder of searches, and a process that has run none."""
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    monkeypatch.setattr(handles, "_known", [])
    return tmp_path


def add(base: Path, name: str, fixture: str = "simulated", age: int = 0) -> Path:
    """A recorded search in a folder of its own."""
    folder = base / name
    (folder / "trials").mkdir(parents=True)
    shutil.copy(FIXTURES / fixture / "events.jsonl", folder)
    os.utime(folder / "events.jsonl", (1e9 - age, 1e9 - age))
    return folder


class Known(FakeSource):
    """Stands for a Handle."""

    def __init__(self, name: str, base: Path) -> None:
        super().__init__(name)
        self.id, self.path, self.done = self.experiment, base / self.experiment, False


def remember(*known: Known) -> None:
    handles._known.extend(known)


class TestPast:
    def test_a_search_that_ended_is_there_as_it_was(self, base):
        past = Past(add(base, "digits-1"))
        last, records = past.snapshot()
        journal = (past.path / "events.jsonl").read_text().splitlines()
        assert last == len(journal)
        assert compact(State(records)) == compact(past.state)
        assert past.state.end is not None
        assert past.closed is None
        assert past.experiment == "digits-1"
        assert past.name == past.state.settings.name
        assert past.clock() == records[-1].time == past.state.ended

    def test_one_that_was_interrupted_says_so(self, base):
        assert "what its folder holds" in Past(add(base, "digits-1", "unfinished")).closed

    def test_a_torn_last_line_is_passed_over(self, base):
        folder = add(base, "digits-1")
        journal = (folder / "events.jsonl").read_bytes()
        lines = journal.splitlines(keepends=True)
        for cut in (1, len(lines[-1]) // 2, len(lines[-1]) - 1):
            (folder / "events.jsonl").write_bytes(journal[:-cut])
            assert Past(folder).snapshot()[0] == len(lines) - 1

    def test_a_torn_character_is_passed_over(self, base):
        folder = add(base, "digits-1")
        with (folder / "events.jsonl").open("ab") as journal:
            journal.write('{"seq":1,"name":"é'.encode()[:-1])
        assert Past(folder).state.end is not None

    def test_an_empty_journal_is_an_empty_search(self, base):
        folder = add(base, "digits-1")
        (folder / "events.jsonl").write_text("")
        assert Past(folder).snapshot() == (0, [])
        assert Past(folder).closed

    def test_a_journal_of_something_else_is_refused(self, base):
        folder = add(base, "digits-1")
        (folder / "events.jsonl").write_text('{"seq":1}\n')
        with pytest.raises(WireError):
            Past(folder)

    def test_nothing_can_be_asked_of_it(self, base):
        for fixture, why in (("simulated", "is over"), ("unfinished", "does not run")):
            past = Past(add(base, fixture, fixture))
            with pytest.raises(ValueError, match=why):
                past.request(StopTrial("t1", ""))
            past.subscribe(lambda records: None)()

    def test_its_logs_can_be_read(self, base):
        past = Past(add(base, "digits-1"))
        first, second, *_ = past.state.trials.values()
        assert past.log_tail(first.trial_id) == ("", 0)
        (past.path / "trials" / "0002.log").write_bytes(b"a\xff" + b"x" * 100_000)
        text, missing = past.log_tail(second.trial_id)
        assert set(text) == {"x"}
        assert (len(text), missing) == (64 * 1024, 100_002 - 64 * 1024)
        with pytest.raises(ValueError, match="no trial"):
            past.log_tail("../../secret")


class TestListing:
    def test_there_is_none(self, base):
        assert repr(shelf.listing()) == "no search has run here yet"
        assert "<table>" not in shelf.listing()._repr_html_()

    def test_those_of_the_kernel_come_first(self, base):
        add(base, "old-1", "unfinished", age=5)
        done = add(base, "done-1")
        (done / "result.json").write_text(
            json.dumps({"status": "finished", "best_val": 0.5, "num_trials": 7})
        )
        here = Known("here", base)
        here.finish(0.25)
        remember(here)
        assert [row.cells() for row in shelf.listing().rows] == [
            ("here-1", "here", "running", "0.2500", "1 of 30"),
            ("done-1", "", "finished", "0.5000", "7"),
            ("old-1", "", "interrupted, or runs elsewhere", "", ""),
        ]
        lines = repr(shelf.listing()).splitlines()
        assert lines[0].split() == ["id", "name", "state", "best", "done"]
        assert len(lines) == 4

    def test_long_lists_are_cut(self, base):
        for n in range(13):
            add(base, f"s{n:02d}", age=n)
        listing = shelf.listing()
        assert [row.id for row in listing.rows] == [f"s{n:02d}" for n in range(10)]
        assert "3 older ones" in repr(listing)
        assert "3 older ones" in listing._repr_html_()

    def test_hostile_names_are_text(self, base):
        remember(Known("<script>alert(1)</script>\ud800\x1b[31m\n", base))
        shown = shelf.listing()._repr_html_() + repr(shelf.listing())
        assert "<script>" not in shelf.listing()._repr_html_()
        assert "\x1b" not in shown
        assert shown.encode()

    def test_a_broken_result_is_no_result(self, base):
        for n, text in enumerate(
            ("", "{", "[]", '{"status": 1}', '{"status": "x", "best_val": "y", "num_trials": 1}')
        ):
            (add(base, f"s{n}") / "result.json").write_text(text)
        assert {row.state for row in shelf.listing().rows} == {"interrupted, or runs elsewhere"}


class TestFind:
    def test_by_id_or_its_beginning(self, base):
        here = Known("digits", base)
        remember(here)
        add(base, "letters-1")
        assert shelf.find("digits-1") is here
        assert shelf.find("d") is here
        assert isinstance(shelf.find("lett"), Past)

    def test_the_latest_of_the_kernel_without_an_id(self, base):
        add(base, "letters-1")
        first, second = Known("first", base), Known("second", base)
        remember(first, second)
        assert shelf.find("") is second

    def test_else_the_latest_of_all(self, base):
        for n in range(3):
            add(base, f"s{n}", age=n)
        assert shelf.find("").experiment == "s0"

    def test_a_whole_id_wins_over_beginnings(self, base):
        add(base, "digits")
        add(base, "digits-2")
        assert shelf.find("digits").experiment == "digits"

    def test_a_search_of_the_kernel_is_not_read_from_its_folder(self, base):
        here = Known("digits", base)
        remember(here)
        add(base, here.id)
        assert shelf.find("digits-1") is here
        assert len(shelf.listing().rows) == 1

    def test_one_in_a_folder_of_its_own(self, base):
        elsewhere = base / "elsewhere"
        remember(Known("digits", elsewhere))
        add(elsewhere, "letters-1")
        assert shelf.find("letters").experiment == "letters-1"

    def test_what_is_complete_is_read_once(self, base):
        add(base, "digits-1")
        add(base, "letters-1", "unfinished")
        digits, letters = shelf.find("digits"), shelf.find("letters")
        assert shelf.find("digits") is digits
        assert shelf.find("letters") is not letters

    def test_none_or_several(self, base):
        with pytest.raises(ValueError, match="no search has run here yet"):
            shelf.find("")
        add(base, "digits-1")
        add(base, "digits-2", age=1)
        with pytest.raises(ValueError, match="no search begins with 'x'"):
            shelf.find("x")
        with pytest.raises(ValueError, match="2 searches begin with 'digits', such as digits-2 and digits-1"):
            shelf.find("digits")
