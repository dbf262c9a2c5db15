"""An experiment's folder on its way to a store where others write, too, and things go away."""

from __future__ import annotations

import os
import shutil

import pytest

from maggy.core import events as ev
from maggy.driver import mirror
from maggy.driver.folder import Folder
from maggy.exceptions import ExperimentLocked
from maggy.past import NAME, is_experiment, read_journal, sizes
from maggy.places import as_place, spool_of
from tests.driver import functions
from tests.driver.handles import cut_off, finished
from tests.driver.stores import leave, read_store_records, suspend
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def _files_come_soon(monkeypatch):
    monkeypatch.setattr(mirror, "FILES_INTERVAL", 0.02)


@pytest.fixture
def folder(store):
    """Makes the folder of one experiment in the store: each call is another driver's."""
    made = []

    def make():
        made.append(Folder(as_place(store), "one", again=bool(made)))
        return made[-1]

    yield make
    for folder in made:
        folder.close(patient=False)


def records(first, last, of="A"):
    return [ev.Record(n, float(n), ev.TrialStopped(f"{of} {n}")) for n in range(first, last + 1)]


def stored(store, name):
    place = as_place(store) / "one" / "trials" / name
    return place.read_text() if place.exists() else None


def die(folder):
    """The driver's process is killed."""
    leave(folder._mirror)
    folder._mirror.close = lambda timeout: False
    folder.close()


def test_a_file_that_goes_away_keeps_no_other_from_the_store(folder, store):
    mine = folder()
    for number in range(1, 9):
        mine.keep_state(number, "saved")
        (mine._own / "trials" / f"{number:04d}.state").unlink()
    mine.keep_state(9, "saved")
    eventually(lambda: stored(store, "0009.state"), 10)
    mine.close()
    assert not spool_of(mine.path).exists()


def test_what_a_trial_saved_last_comes_to_the_store_though_it_hardly_grew(folder, store):
    mine = folder()
    mine.keep_state(1, "x" * 100)
    eventually(lambda: stored(store, "0001.state") == "x" * 100 + "\n", 10)
    mine.keep_state(1, "y" * 101)
    eventually(lambda: stored(store, "0001.state") == "y" * 101 + "\n", 10)


@pytest.mark.parametrize("unsent", [0, 2], ids=["it is behind", "it had more"])
def test_a_copy_left_behind_gives_way_to_what_another_driver_did(
    folder, store, other_machine, tmp_path, monkeypatch, unsent, caplog
):
    """Its trial 3 may be another one than the trial 3 of the driver that went on."""
    dead = folder()
    dead.append(records(1, 2))
    dead.keep_state(3, "of A")
    eventually(lambda: len(read_store_records(dead.path)) == 2 and stored(store, "0003.state"), 10)
    leave(dead._mirror)
    dead.append(records(3, 2 + unsent))
    die(dead)
    other_machine()
    other = folder()
    other.append(records(3, 9, of="B"))
    other.keep_state(3, "of B")
    other.close()
    monkeypatch.setenv("MAGGY_SPOOL", str(tmp_path / "spool"))
    again = folder()
    assert again.read_state(3) == "of B"
    expected = [*records(1, 2), *records(3, 9, of="B")]
    assert read_journal(again.path) == read_journal(again._own) == expected
    again.close()
    aside = list((tmp_path / "spool").iterdir())
    assert [read_journal(path) for path in aside] == ([records(1, 4)] if unsent else [])
    assert [(path / "trials" / "0003.state").read_text() for path in aside] == ["of A\n"] * len(aside)
    assert all(f"what this machine had is in {path}" in caplog.text for path in aside)


def test_what_was_saved_and_cut_short_on_its_way_does_not_reach_a_trial(folder, store, caplog):
    mine = folder()
    mine.append(records(1, 1))
    mine.keep_state(1, "c2F2ZWQ=")
    mine.keep_state(2, "c2F2ZWQ=")
    mine.close()
    (as_place(store) / "one" / "trials" / "0001.state").write_text("c2F2ZW")
    again = folder()
    assert (again.read_state(1), again.read_state(2)) == (None, "c2F2ZWQ=")
    assert "cannot read what trial 1 saved: it was cut short on its way" in caplog.text


def test_only_what_drivers_put_there_is_fetched(folder, store):
    folder().close()
    trials = as_place(store) / "one" / "trials"
    trials.mkdir(exist_ok=True)
    for name in ("0001.log", ".bashrc", "0001.log.partial"):
        (trials / name).write_text("x")
    again = folder()
    assert [path.name for path in (again._own / "trials").iterdir()] == ["0001.log"]


@pytest.mark.parametrize("torn", [b"", b'{"x', b'{"seq": 3}\n{"x'])
def test_a_piece_that_was_cut_short_is_passed_over(folder, store, other_machine, torn):
    dead = folder()
    dead.append(records(1, 2))
    eventually(lambda: len(read_store_records(dead.path)) == 2, 10)
    die(dead)
    whole = records(3, 3)[0].to_json().encode() + b"\n"
    cut = torn.replace(b'{"seq": 3}\n', whole)
    end = sum(size for name, size in sizes(dead.path).items() if name.startswith("events-"))
    (dead.path / f"events-{end:015d}.jsonl").write_bytes(cut)
    other_machine()
    known = 3 if whole in cut else 2
    again = folder()
    assert read_journal(again._own) == records(1, known)
    again.append(records(known + 1, 6))
    again.close()
    assert read_store_records(again.path) == records(1, 6)


def test_who_was_taken_for_dead_puts_no_file_in_place_of_anothers(folder, store, other_machine):
    silent = folder()
    silent.append(records(1, 1))
    eventually(lambda: read_store_records(silent.path), 10)
    go_on = suspend(silent._mirror, "_ship")
    other_machine()
    other = folder()
    other.keep_state(1, "of B")
    other.close()
    silent.keep_state(1, "of A")
    silent._mirror._ship_file(silent._own / "trials" / "0001.state", closing=True)
    assert stored(store, "0001.state") == "of B\n"
    with pytest.raises(ExperimentLocked):
        silent._mirror._merge(1)
    go_on()
    eventually(lambda: silent._mirror._lost, 10)
    with pytest.raises(ExperimentLocked):
        silent.append(records(2, 2))


def test_a_folder_that_is_renamed_is_waited_for(lagom, store, monkeypatch):
    monkeypatch.setattr(mirror, "LAG", 0.1)
    handle = lagom(functions.slow_square, directory=store, num_trials=12)
    eventually(lambda: finished(read_store_records(handle.path)), 20)
    fs, here, there = handle.path.fs, handle.path.path, f"{as_place(store).path}/renamed"
    fs.mv(here, there, recursive=True)
    eventually(lambda: handle.notice, 20)
    assert handle.notice.startswith(
        f"the search rests: {handle.path}: the folder was moved or removed: there is no lease.json; "
    )
    if fs.exists(here):  # what was being written
        fs.rm(here, recursive=True)
    fs.mv(there, here, recursive=True)
    assert handle.result(30)["num_trials"] == 12
    assert len(set(finished(read_store_records(handle.path)))) == 12


def test_the_copy_is_kept_until_the_store_has_everything(folder, store, monkeypatch):
    monkeypatch.setattr(mirror, "SMALL", 1)  # pieces that are not merged any more
    mine = folder()
    for number in range(1, 7):
        mine.append(records(number, number))
        eventually(lambda n=number: len(read_store_records(mine.path)) == n, 10)
    for name in sorted(name for name in sizes(mine.path) if name.startswith("events-"))[2:4]:
        (mine.path / name).unlink()
    mine.close()
    assert read_store_records(mine.path) == records(1, 6)
    assert not spool_of(mine.path).exists()


def test_a_listing_during_which_something_is_removed_is_made_again(folder, store, monkeypatch):
    mine = folder()
    mine.append(records(1, 3))
    mine.close()
    fs, errors = mine.path.fs, [FileNotFoundError("gone"), KeyError("gone")]
    listed = fs.ls

    def ls(*args, **kwargs):
        if errors:
            raise errors.pop()
        return listed(*args, **kwargs)

    monkeypatch.setattr(fs, "ls", ls)
    assert is_experiment(mine.path)
    errors += [FileNotFoundError("gone")]
    assert read_store_records(mine.path) == records(1, 3)


def test_without_a_home_a_copy_is_not_looked_for_where_others_may_have_put_it(tmp_path, monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    for name in ("MAGGY_SPOOL", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pathlib.Path.home", no_home)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    one = as_place(f"memory://{tmp_path.name}") / "one"
    spool = tmp_path / f"maggy-spool-{os.getuid()}"
    assert spool_of(one).parent == spool
    (tmp_path / "theirs").mkdir()
    spool.symlink_to(tmp_path / "theirs")
    with pytest.raises(PermissionError, match=f"{spool} is another user's: set MAGGY_SPOOL"):
        spool_of(one)


def test_a_search_in_hdfs_is_found_and_taken_up_again(lagom, tmp_path, monkeypatch):
    """By fsspec's wrapper of Arrow's file systems; the one behind it is this machine's."""
    from fsspec.implementations.arrow import ArrowFSWrapper, HadoopFileSystem
    from pyarrow.fs import LocalFileSystem  # which the environment of the oldest Spark has not

    def init(self, *args, **kwargs):
        ArrowFSWrapper.__init__(self, fs=LocalFileSystem())

    monkeypatch.setattr(HadoopFileSystem, "__init__", init)
    monkeypatch.setattr(mirror, "INTERVAL", 0.02)
    monkeypatch.setenv("MAGGY_SPOOL", str(tmp_path / "spool"))
    url = f"hdfs://{tmp_path}/store"
    handle = lagom(functions.slow_square, directory=url, num_trials=6)
    eventually(lambda: finished(read_store_records(handle.path)), 20)
    cut_off(handle)
    shutil.rmtree(tmp_path / "spool")
    monkeypatch.setattr("maggy.driver.lease.PATIENCE", 0.1)
    again = lagom(functions.slow_square, directory=url, num_trials=6, resume=True)
    assert again.id == handle.id
    again.result(30)
    assert len(set(finished(read_store_records(again.path)))) == 6
    assert not (spool_of(again.path) / NAME).exists()
