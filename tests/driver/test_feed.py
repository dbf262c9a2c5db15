"""Records from the machine's thread to one who watches."""

from __future__ import annotations

import threading

from maggy.core import events as ev
from maggy.driver.feed import Feed


def record(number):
    return ev.Record(number, 0.0, ev.TrialStopped("t"))


def test_take_gives_all_since_the_last_time_in_order():
    feed = Feed()
    assert feed.take() == []
    feed.put([record(1), record(2)])
    feed.put([])
    feed.put([record(3)])
    assert feed.take() == [record(1), record(2), record(3)]
    assert feed.take() == []


def test_the_first_records_are_waited_for():
    feed = Feed()
    feed.put([])
    assert not feed.await_first(0)
    giving = threading.Thread(target=feed.put, args=[[record(1)]])
    giving.start()
    assert feed.await_first(10)
    assert feed.take() == [record(1)]
    assert feed.await_first(0)
    giving.join()


def test_the_giver_may_use_its_list_again():
    feed, given = Feed(), [record(1)]
    feed.put(given)
    given.clear()
    assert feed.take() == [record(1)]


def test_nothing_is_lost_or_doubled_between_two_threads():
    feed, count, taken = Feed(), 20_000, []
    giving = threading.Thread(target=lambda: [feed.put([record(i)]) for i in range(count)])
    giving.start()
    while giving.is_alive():
        taken += feed.take()
    taken += feed.take()
    assert [r.number for r in taken] == list(range(count))
