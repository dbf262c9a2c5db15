"""Searches whose folder is in a store: in this process's memory, and on a file system behind fsspec."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import subprocess
import threading
from functools import partial

import pytest

from maggy.core import events as ev
from maggy.core.state import State
from maggy.driver import lease, mirror
from maggy.exceptions import ExperimentLocked, MaggyError
from maggy.past import NAME, read_journal, sizes
from maggy.places import as_place, spool_of
from maggy.trial import Trial
from maggy_widgets.past import Past
from tests.driver import functions
from tests.driver.handles import cut_off, finished, running, state
from tests.driver.stores import killed, leave, lost, mirror_files_now, read_store_records, refuse, suspend
from tests.waiting import eventually


def test_a_search_leaves_in_the_store_what_it_leaves_in_a_folder(lagom, store):
    handle = lagom(functions.raises_if_odd, directory=store, max_failures=9, num_trials=6)
    result = handle.result(20)
    assert str(handle.path) == result["path"] == f"{store}/{handle.id}"
    place = as_place(result["path"])
    records = read_journal(place)
    assert isinstance(records[-1].event, ev.ExperimentEnded)
    assert State(records).counts == state(handle).counts
    assert json.loads((place / "result.json").read_text())["best_val"] == result["best_val"]
    [piece] = set(sizes(place)) - {"result.json", "search.pickle", "lease.json"}
    assert piece.startswith("events-000")
    failed = next(t for t in state(handle).trials.values() if t.status == Trial.ERROR)
    assert "odd" in handle.log_tail(failed.trial_id)[0]
    assert "odd" in Past(place).log_tail(failed.trial_id)[0]
    assert not spool_of(place).exists()


def test_what_the_store_had_not_got_is_taken_from_the_drivers_copy(lagom, store):
    handle = lagom(functions.slow_square, directory=store, num_trials=8)
    eventually(lambda: len(finished(read_journal(handle.path))) >= 1, 20)
    leave(handle._driver.folder._mirror)
    known = len(finished(read_store_records(handle.path)))
    eventually(lambda: len(finished(read_journal(handle.path))) > known, 20)
    cut_off(handle)
    before = finished(read_journal(handle.path))
    assert len(before) > len(finished(read_store_records(handle.path)))
    again = lagom(functions.slow_square, directory=store, num_trials=8, resume=handle.id)
    assert again.result(30)["num_trials"] == 8
    after = finished(read_store_records(again.path))
    assert after[: len(before)] == before
    assert len(set(after)) == len(after) == 8


def test_after_the_loss_of_a_machine_another_one_goes_on(lagom, store):
    handle = lagom(functions.saves_and_waits, directory=store, num_trials=1)
    saved = handle.path / "trials" / "0001.state"
    eventually(lambda: handle._driver.folder.has_state(1), 20)
    mirror_files_now(handle)
    eventually(saved.exists, 20)
    lost(handle)
    again = lagom(functions.saves_and_waits, num_trials=1, resume=f"{store}/{handle.id}")
    assert again.result(30)["best_val"] == 1.0
    assert state(again).trials[next(iter(state(again).trials))].attempt == 2


def test_a_second_driver_on_this_machine_is_refused(lagom, store):
    handle = lagom(functions.until_stopped, directory=store)
    running(handle)
    with pytest.raises(ExperimentLocked, match=f"experiment {handle.id} is being run by process .* on "):
        lagom(functions.until_stopped, resume=handle.id, directory=store)
    handle.stop()
    handle.result(20)


def test_a_second_driver_on_another_machine_is_refused(lagom, store, other_machine, monkeypatch):
    monkeypatch.setattr(lease, "PATIENCE", 20.0)  # the first beat ends it
    handle = lagom(functions.until_stopped, directory=store)
    running(handle)
    eventually(lambda: sizes(handle.path))
    other_machine()
    with pytest.raises(ExperimentLocked, match=f"experiment {handle.id} is being run by process .* on "):
        lagom(functions.until_stopped, resume=handle.id, directory=store)
    running(handle)
    handle.stop()
    assert handle.result(20)["status"] == "stopped"


@pytest.mark.parametrize("held_up_in", ["_ship", "_create"])
def test_a_driver_that_was_taken_for_dead_writes_nothing_more(lagom, store, other_machine, held_up_in):
    """It is suspended, before it looks whether it is still the one, or just before it writes."""
    silent = lagom(functions.until_stopped, directory=store, num_trials=2)
    running(silent)
    eventually(lambda: [r for r in read_store_records(silent.path) if isinstance(r.event, ev.TrialStarted)])
    go_on = suspend(silent._driver.folder._mirror, held_up_in)
    other_machine()
    again = lagom(functions.square, directory=store, num_trials=2, resume=silent.id)
    assert again.result(30)["status"] == "finished"
    ended = read_store_records(again.path)
    go_on()
    with pytest.raises(MaggyError, match=r"the driver failed .*(another driver|was taken up by)"):
        silent.result(20)
    State(ended).validate()
    assert read_store_records(again.path) == ended


def test_the_journal_can_be_read_while_its_pieces_are_merged(lagom, store, monkeypatch):
    monkeypatch.setattr(mirror, "INTERVAL", 0.001)
    monkeypatch.setattr(mirror, "MANY", 3)
    monkeypatch.setattr(mirror, "SMALL", 4000)
    monkeypatch.setattr(mirror, "LARGE", 1000)
    handle = lagom(functions.five_epochs, directory=store, num_trials=30)
    lengths, most, over = [0], 0, threading.Event()
    while not over.is_set():
        if handle.done:
            over.set()
        records = read_store_records(handle.path)
        assert len(records) >= lengths[-1]
        lengths.append(len(records))
        with contextlib.suppress(FileNotFoundError):
            most = max(most, len(sizes(handle.path)))
    records = read_store_records(handle.path)
    State(records).validate()
    assert isinstance(records[-1].event, ev.ExperimentEnded)
    total = sum(len(r.to_json()) + 1 for r in records)
    assert len(set(lengths)) > 3, "it was looked at while it went on"
    assert total > 3 * 4000
    assert most < total / 4000 + 3 + 7, "and what is merged goes away"


def test_a_list_that_lacks_what_was_merged_meanwhile_is_not_believed(lagom, store, monkeypatch):
    """So does fsspec list a folder of files: those removed before it asks for their sizes are passed over."""
    done = lagom(functions.square, directory=store, num_trials=2)
    done.result(20)
    whole, ls = read_store_records(done.path), done.path.fs.ls

    def listed(path, **how):
        found = ls(path, **how)
        return [one for one in found if "events-" not in one["name"]] if disturbed.pop(0) else found

    monkeypatch.setattr(done.path.fs, "ls", listed)
    for disturbed in ([True, False], [False, True, False]):
        assert read_store_records(done.path) == whole
        assert disturbed == []


def test_while_the_store_is_gone_the_search_rests_and_then_loses_nothing(lagom, store, monkeypatch):
    monkeypatch.setattr(mirror, "LAG", 0.1)
    handle = lagom(functions.slow_square, directory=store, num_trials=8)
    eventually(lambda: finished(read_journal(handle.path)), 20)
    told = []
    handle.heed(told.append)
    back = refuse(monkeypatch, handle, ConnectionError("no route to the store"))
    eventually(lambda: handle.notice, 20)
    assert handle.notice == (
        f"the search rests: {handle.path}: no route to the store; "
        "no trials start until its journal can be written"
    )
    back()
    assert handle.result(30)["num_trials"] == 8
    assert told[-1] == ""
    records = read_store_records(handle.path)
    assert len(set(finished(records))) == len(finished(records)) == 8


def test_the_end_is_told_when_the_store_has_it(lagom, store, monkeypatch):
    handle = lagom(functions.square, directory=store, num_trials=2)
    back = refuse(monkeypatch, handle, ConnectionError("no route to the store"))
    eventually(lambda: handle.notice, 20)
    assert not handle.done
    back()
    handle.result(20)
    assert len(finished(read_store_records(handle.path))) == 2


def test_who_gives_up_need_not_wait_for_a_store_that_is_gone(lagom, store, monkeypatch, caplog):
    handle = lagom(functions.until_stopped, directory=store)
    running(handle)
    refuse(monkeypatch, handle, ConnectionError("no route to the store"))
    cut_off(handle)
    assert f"does not have all of the search; the rest is in {spool_of(handle.path)}" in caplog.text
    assert (spool_of(handle.path) / NAME).exists()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("machines", ["same", "lost"])
def test_a_driver_that_is_killed_ten_times_loses_what_is_told_or_less(tmp_path, machines):
    """On the same machine: nothing. Where each machine is lost, too: what the store had not got."""
    store, trials, rng = f"file://{tmp_path}/store", 60, random.Random(7)
    for life in range(10):
        command = killed(store, trials, tmp_path / f"spool{life if machines == 'lost' else ''}")
        before = _done(tmp_path, machines)
        with subprocess.Popen(command) as driver:
            eventually(partial(_got_so_far, tmp_path, machines, before + rng.randint(1, 4), driver), 60)
            assert driver.poll() is None, "it came to its end before it was killed"
            known = _done(tmp_path, machines)
            driver.send_signal(signal.SIGKILL)
        assert _done(tmp_path, machines) >= known
    subprocess.run(killed(store, trials, tmp_path / "spool"), check=True, timeout=120)
    [folder] = as_place(store).iterdir()
    records = read_store_records(folder)
    state = State(records)
    assert state.end.status == "finished"
    assert sorted(finished(records)) == sorted(state.trials)
    assert len(state.trials) == trials
    assert all(t.final_metric == t.params["x"] ** 2 for t in state.trials.values())
    assert sum(isinstance(r.event, ev.ExperimentResumed) for r in records) == 10


def _got_so_far(base, machines, wanted, driver):
    return _done(base, machines) >= wanted or driver.poll() is not None


def _done(base, machines):
    """How many trials finished, as far as the store knows; or the machine, where that stays."""
    store = as_place(f"file://{base}/store")
    found = list(store.iterdir()) if store.exists() else []
    spool = [path for path in base.glob("spool/*") if (path / NAME).exists()]
    if machines == "same" and spool:
        return sum(len(finished(read_journal(path))) for path in spool)
    return sum(len(finished(read_store_records(path))) for path in found)
