"""A search in the eyes of those who watch it."""

from __future__ import annotations

import logging

import pytest

from maggy.core import events as ev
from maggy.core.state import State
from maggy.earlystop import AbstractEarlyStop
from maggy.exceptions import MaggyError
from tests.driver import functions
from tests.driver.handles import running, state
from tests.driver.searches import Fixed
from tests.waiting import eventually


def test_a_listener_gets_every_record_once_in_order_and_a_last_word(lagom):
    told = []
    handle = lagom(functions.five_epochs)
    last, _ = handle.snapshot()
    handle.subscribe(told.append)
    again, _ = handle.snapshot()
    handle.result(20)
    eventually(lambda: told and told[-1] == [])
    assert [] not in told[:-1]
    records = [r for batch in told for r in batch]
    numbers = [r.number for r in records]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert last < numbers[0] <= again + 1
    assert isinstance(records[-1].event, ev.ExperimentEnded)


def test_a_snapshot_and_what_follows_lead_to_the_end(lagom):
    told = []
    handle = lagom(functions.five_epochs, num_trials=20)
    handle.subscribe(told.append)
    eventually(lambda: state(handle).counts["FINALIZED"] > 3, 20)
    last, records = handle.snapshot()
    followed = State(records)
    followed.number = last
    handle.result(20)
    eventually(lambda: told[-1] == [])
    for batch in told:
        assert not any(r.number <= last for r in batch) or all(r.number <= last for r in batch)
        for record in batch:
            if record.number > last:
                followed.apply(record)
    assert followed.end == state(handle).end
    assert [t.final_metric for t in followed.trials.values()] == [
        t.final_metric for t in state(handle).trials.values()
    ]


def test_who_watches_and_fails_is_told_no_more(lagom, caplog):
    calls, others = [], []

    def fails(records):
        calls.append(records)
        raise RuntimeError("no screen")

    with caplog.at_level(logging.WARNING, "maggy.driver"):
        handle = lagom(functions.until_stopped)
        handle.subscribe(fails)
        stop = handle.subscribe(others.append)
        running(handle)
        count = len(others)
        eventually(lambda: len(others) > count + 2)
        stop()
        stop()
        handle.stop()
        assert handle.result(20)["status"] == "stopped"
    assert len(calls) == 1
    assert not any(isinstance(r.event, ev.ExperimentEnded) for batch in others for r in batch)
    assert caplog.messages == [
        "who watched the search failed, and is told no more: RuntimeError('no screen')"
    ]


def test_the_end_of_a_trials_log_can_be_read(lagom):
    handle = lagom(functions.five_epochs, optimizer=Fixed({"x": 7}), num_trials=1)
    handle.result(20)
    (trial,) = state(handle).trials
    assert handle.log_tail(trial) == ("trained with 7\n", 0)
    log = handle.path / "trials" / "0001.log"
    log.write_text("ä" * 40_000)
    assert handle.log_tail(trial) == ("ä" * 32_768, 80_000 - 65_536)
    log.write_text("x" + "ä" * 40_000)
    assert handle.log_tail(trial)[0] == "ä" * 32_768
    log.write_bytes(b"\xff\xfe")
    assert handle.log_tail(trial) == ("\ufffd\ufffd", 0)
    log.unlink()
    assert handle.log_tail(trial) == ("", 0)
    log.mkdir()
    with pytest.raises(MaggyError, match="the log of trial 1 cannot be read"):
        handle.log_tail(trial)


def test_a_search_in_the_background_shows_lines_where_it_is_told_to(lagom, capsys):
    lagom(functions.square, display=True).result(20)
    assert "4 (4 finished)" in capsys.readouterr().out


class StopsAll(AbstractEarlyStop):
    @staticmethod
    def earlystop_check(to_check, finalized_trials, direction):
        return list(to_check)


def test_a_rule_and_a_person_are_told_apart_in_the_result(lagom):
    handle = lagom(functions.until_stopped, es_policy=StopsAll(), es_interval=0, es_min=0)
    assert handle.result(20)["early_stopped"] == 4


def test_what_shows_a_search_goes_by_the_clock_of_its_events(lagom, monkeypatch, capsys):
    handle = lagom(functions.until_stopped, display=True)
    running(handle)
    monkeypatch.setattr("time.time", lambda: 1e10)
    with handle.looking() as state:
        assert 0 <= handle.clock() - state.started < 60
    told = []
    handle.subscribe(told.append)
    eventually(lambda: len(told) > 3)
    handle.stop()
    handle.result(20)
    # After a quiet time there would be a line on the progress.
    assert " of 4 done" not in capsys.readouterr().out.partition("stopping")[0]
