"""Searches whose folder is in a store: in this process's memory, and on a file system behind fsspec."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import signal
import subprocess
import sys
import threading
from functools import partial

import pytest

from maggy.cli import main
from maggy.core import events as ev
from maggy.core.state import State
from maggy.driver import journal as journals
from maggy.driver import lease, mirror
from maggy.driver.lease import Lease, is_held
from maggy.exceptions import ExperimentLocked, MaggyError
from maggy.past import NAME, read_journal, read_store, sizes
from maggy.places import as_place, spool_of
from maggy.trial import Trial
from maggy_widgets.past import Past
from tests.driver import functions
from tests.driver.test_handle import running, state
from tests.driver.test_resume import cut_off, finished
from tests.waiting import eventually


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path, monkeypatch):
    """The URL of an empty place in a store."""
    monkeypatch.setattr(mirror, "INTERVAL", 0.02)
    monkeypatch.setattr(mirror, "RETRY", 0.02)
    monkeypatch.setattr(lease, "BEAT", 0.05)
    monkeypatch.setattr(lease, "PATIENCE", 0.5)
    monkeypatch.setattr(lease, "_LOOK", 0.02)
    monkeypatch.setenv("MAGGY_SPOOL", str(tmp_path / "spool"))
    if request.param == "file":
        return f"file://{tmp_path}/store"
    return f"memory://{tmp_path.name}/store"


@pytest.fixture
def other_machine(tmp_path, monkeypatch):
    """From its call on, this process has the spool of another machine."""
    return lambda: monkeypatch.setenv("MAGGY_SPOOL", str(tmp_path / "other spool"))


def lost(handle):
    """The driver dies without a word, and its machine is lost: no more is brought to the store."""
    folder = handle._driver.folder
    leave(folder._mirror)
    folder._mirror.close = lambda timeout: False
    own = folder._own
    cut_off(handle)
    shutil.rmtree(own)


def leave(mirror_):
    """Nothing more is brought to the store."""
    with mirror_._news:
        mirror_._off = True
        mirror_._news.notify_all()
    for thread in mirror_._threads:
        thread.join(20)
        assert not thread.is_alive()


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


def read_store_records(place):
    return [ev.Record.from_json(line) for line in read_store(place).decode().splitlines()]


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


def mirror_files_now(handle):
    mirror_ = handle._driver.folder._mirror
    for path in list(mirror_._changed):
        mirror_._ship_file(path, closing=True)


def test_a_second_driver_on_this_machine_is_refused(lagom, store):
    handle = lagom(functions.until_stopped, directory=store)
    running(handle)
    with pytest.raises(ExperimentLocked, match=f"experiment {handle.id} is being run by process .* on "):
        lagom(functions.until_stopped, resume=handle.id, directory=store)
    handle.stop()
    handle.result(20)


def test_a_second_driver_on_another_machine_is_refused(lagom, store, other_machine):
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


def suspend(mirror_, name):
    """Has the journal's thread wait in this method, until the function that is returned is called."""
    go_on, there, method = threading.Event(), threading.Event(), getattr(mirror_, name)

    def wait(*args):
        there.set()
        go_on.wait(60)
        method(*args)

    setattr(mirror_, name, wait)
    assert there.wait(20)
    return go_on.set


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


def refuse(monkeypatch, handle, error):
    """The store refuses to write, until the function that is returned is called."""
    fs = handle._driver.folder._mirror._folder.fs
    write, off = fs.pipe_file, threading.Event()

    def pipe_file(*args, **kwargs):
        if not off.is_set():
            raise error
        return write(*args, **kwargs)

    monkeypatch.setattr(fs, "pipe_file", pipe_file)
    return off.set


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


class TestLease:
    def take(self, store, tmp_path, name):
        folder = as_place(store) / "one"
        folder.mkdir(parents=True, exist_ok=True)
        own = tmp_path / name
        own.mkdir(exist_ok=True)
        return Lease(folder, own, wait=lambda seconds: self.meanwhile())

    def meanwhile(self):
        pass

    def test_who_beats_has_it(self, store, tmp_path):
        first = self.take(store, tmp_path, "first")
        self.meanwhile = first.beat
        with pytest.raises(ExperimentLocked, match="experiment one is being run by process "):
            self.take(store, tmp_path, "second")
        first.beat()

    def test_who_does_not_beat_loses_it_and_hears_of_that(self, store, tmp_path):
        first = self.take(store, tmp_path, "first")
        second = self.take(store, tmp_path, "second")
        with pytest.raises(ExperimentLocked, match=r"one was taken up by process .*, as nothing was heard"):
            first.beat()
        second.beat()
        with pytest.raises(ExperimentLocked):
            first.release()
        second.release()

    def test_it_is_free_at_once_where_it_was_released_or_the_holder_wrote_here(self, store, tmp_path):
        self.meanwhile = pytest.fail
        self.take(store, tmp_path, "first").release()
        self.take(store, tmp_path, "second")
        self.take(store, tmp_path, "second")

    def test_it_says_whether_somebody_seems_to_live(self, store, tmp_path):
        mine = self.take(store, tmp_path, "first")
        folder = as_place(store) / "one"
        assert is_held(folder)
        assert journals.is_locked(folder)
        eventually(lambda: not is_held(folder))
        mine.release()
        assert not is_held(folder)

    @pytest.mark.parametrize("content", [b"", b"[1]", b'{"holder'])
    def test_a_lease_that_makes_no_sense_is_waited_for_like_any_other(self, store, tmp_path, content):
        folder = as_place(store) / "one"
        folder.mkdir(parents=True)
        (folder / "lease.json").write_bytes(content)
        self.take(store, tmp_path, "first").beat()


@pytest.fixture
def maggy(store, monkeypatch, capsys):
    monkeypatch.setenv("MAGGY_DIR", store)

    def run(*words):
        code = main([str(word) for word in words])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return run


def test_the_command_line_takes_stores(lagom, store, maggy, other_machine, tmp_path):
    assert maggy("list") == (0, f"no experiments in {store}\n")
    done = lagom(functions.square, directory=store, name="one")
    result = done.result(20)
    assert maggy("show", done.id[:-2])[1].splitlines()[0] == "one: finished"
    assert json.loads(maggy("show", result["path"], "--json")[1]) == json.loads(json.dumps(result))
    assert len(maggy("export", done.id)[1].splitlines()) == 5
    runs = lagom(functions.slow_square, directory=store, name="two", num_trials=6)
    running(runs, 1)
    eventually(lambda: "running" in maggy("list")[1])
    cut_off(runs)
    assert [line.split()[:3] for line in maggy("list")[1].splitlines()[1:]] == [
        [runs.id, "two", "interrupted"],
        [done.id, "one", "finished"],
    ]
    other_machine()
    code, shown = maggy("resume", runs.id)
    assert (code, "give --trust" in shown) == (1, True)
    assert maggy("resume", runs.id, "--trust")[0] == 0
    assert "6 of 6" in maggy("list")[1]


def test_true_takes_the_latest_of_this_name_in_the_store(lagom, store):
    first = lagom(functions.square, name="one", directory=store, resume=True)
    first.result(20)
    assert lagom(functions.square, name="one", directory=store, resume=True).id == first.id


@pytest.mark.parametrize(
    ("url", "missing", "words"),
    [
        ("s3://bucket/x", "upath", r"s3://bucket/x: stores need fsspec: pip install 'maggy\[fsspec\]'"),
        ("gs://bucket/x", "gcsfs", "gs://bucket/x: Please install gcsfs"),
    ],
)
def test_what_is_missing_is_told_in_one_line(lagom, monkeypatch, url, missing, words):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=words):
        lagom(functions.square, directory=url)


def test_a_url_that_makes_no_sense_is_refused(lagom):
    with pytest.raises(ValueError, match="nonsense://x: Unsupported filesystem"):
        lagom(functions.square, directory="nonsense://x")
    with pytest.raises(ValueError, match="a store's URL must not hold a password"):
        lagom(functions.square, directory="sftp://me:secret@host/x")


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


def killed(store, trials, spool):
    return [sys.executable, "-m", "tests.driver.killed", store, str(trials), str(spool)]


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
