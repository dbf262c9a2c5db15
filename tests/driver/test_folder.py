"""An experiment's folder: journal, logs and result."""

from __future__ import annotations

import json
import logging
import re

import pytest

from maggy.core import events as ev
from maggy.driver.folder import Folder, new_experiment_id
from maggy.past import read_journal
from maggy.places import as_place, base_directory
from tests.waiting import eventually


@pytest.fixture
def folder(tmp_path):
    folder = Folder(tmp_path / "base", "search-1")
    yield folder
    folder.close()


def records(count):
    return [ev.Record(i, float(i), ev.TrialStopped(f"trial {i} \u2028 é")) for i in range(1, count + 1)]


def test_the_journal_can_be_read_while_it_is_written(folder):
    folder.append(records(3)[:2])
    assert read_journal(folder.path) == records(2)
    folder.append(records(3)[2:])
    assert read_journal(folder.path) == records(3)


def test_only_the_owner_may_look_into_the_folder(folder):
    folder.keep(b"pickle")
    folder.keep_state(1, "saved")
    folder.write_result({})
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.path.rglob("*") if path.is_file()}
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {modes[name] for name in ("search.pickle", "0001.state", "result.json")} == {0o600}


def test_an_experiments_folder_is_never_used_again(folder):
    with pytest.raises(FileExistsError):
        Folder(folder.path.parent, folder.path.name)


def test_logs_are_per_trial_and_whole_after_close(folder):
    for part in range(100):
        folder.log(1, f"one {part}\n")
        folder.log(2, f"two {part}\n")
    folder.close()
    assert folder.log_path(1).read_text() == "".join(f"one {i}\n" for i in range(100))
    assert folder.log_path(2).read_text() == "".join(f"two {i}\n" for i in range(100))


def test_a_log_takes_text_that_is_no_unicode(folder):
    folder.log(1, "half \ud800 a pair\n")
    folder.close()
    assert folder.log_path(1).read_text() == "half ? a pair\n"


def test_a_log_that_cannot_be_written_is_told_and_the_others_are_kept(folder, caplog):
    folder.log_path(1).mkdir()
    folder.log(1, "lost")
    folder.log(2, "kept")
    folder.close()
    assert folder.log_path(2).read_text() == "kept"
    for record in caplog.records:
        assert record.levelno == logging.WARNING
        assert record.getMessage().startswith("cannot write the log of trial 1: ")
    assert caplog.records


def test_what_there_was_no_room_for_is_in_the_log_later(folder, caplog):
    folder.log_path(1).mkdir()
    folder.log_path(2).mkdir()
    folder.log(1, "one ")
    folder.log(1, "two ")
    folder.log(2, "three")
    eventually(lambda: len(caplog.records) == 2, 5)
    folder.log_path(1).rmdir()
    folder.log(1, "four")
    folder.log_path(2).rmdir()
    folder.close()
    assert folder.log_path(1).read_text() == "one two four"
    assert folder.log_path(2).read_text() == "three"


def test_close_twice_does_not_hang(folder):
    folder.close()
    folder.close()


def test_a_result_is_whole_or_not_there(folder):
    folder.write_result({"best_val": 1.0})
    with pytest.raises(TypeError):
        folder.write_result({"best_val": object()})
    assert json.loads((folder.path / "result.json").read_text()) == {"best_val": 1.0}


def test_ids_are_names_of_folders_whatever_the_experiment_is_called():
    assert re.fullmatch(r"my-search-2-\d{8}-\d{6}-[0-9a-f]{4}", new_experiment_id("my search/2"))
    assert re.fullmatch(r"experiment-\d{8}-\d{6}-[0-9a-f]{4}", new_experiment_id("../.."))
    assert len(new_experiment_id("x" * 1000)) < 100


def test_folders_go_where_the_caller_the_environment_or_nobody_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAGGY_DIR", raising=False)
    assert base_directory(None) == tmp_path / "maggy-experiments"
    monkeypatch.setenv("MAGGY_DIR", "elsewhere")
    assert base_directory(None) == tmp_path / "elsewhere"
    assert base_directory(tmp_path / "told") == tmp_path / "told"


def test_a_log_is_there_soon_without_a_close(folder):
    folder.log(1, "words")
    eventually(lambda: folder.log_path(1).exists() and folder.log_path(1).read_text() == "words", 5)


def test_one_that_is_discarded_leaves_nothing_in_a_store_either(tmp_path, monkeypatch):
    monkeypatch.setenv("MAGGY_SPOOL", str(tmp_path / "spool"))
    store = as_place(f"file://{tmp_path}/store")
    for close in (True, False):
        folder = Folder(store, f"search-{close}")
        folder.keep(b"pickle")
        folder.close(patient=close)
        folder.discard()
    assert list(store.iterdir()) == []
    assert list((tmp_path / "spool").iterdir()) == []
