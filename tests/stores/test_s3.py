"""Searches whose folder is in S3, over its real protocol."""

from __future__ import annotations

import csv
import io
import json
import shutil
import signal
import subprocess
import time

import pytest

from maggy.cli import main
from maggy.core import events as ev
from maggy.core.state import State
from maggy.driver import mirror
from maggy.exceptions import ExperimentLocked
from maggy.past import read_journal, sizes
from maggy.places import as_place, spool_of
from tests.driver import functions
from tests.driver.handles import finished, running
from tests.driver.stores import killed, read_store_records
from tests.waiting import eventually


def stored(place):
    return finished(read_store_records(place))


def test_a_search_is_there_whole_and_the_command_line_finds_it(lagom, bucket, monkeypatch, capsys):
    handle = lagom(functions.five_epochs, directory=bucket, name="one", num_trials=6)
    result = handle.result(60)
    assert result["path"] == f"{bucket}/{handle.id}"
    records = read_journal(as_place(result["path"]))
    State(records).validate()
    assert len(finished(records)) == 6
    assert "trained with" in handle.log_tail(finished(records)[0])[0]
    assert not spool_of(handle.path).exists()
    monkeypatch.setenv("MAGGY_DIR", bucket)
    assert main(["list"]) == 0
    assert f"{handle.id}  one   finished  6 of 6" in capsys.readouterr().out
    assert main(["show", result["path"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(result))
    assert main(["export", handle.id[:-1]]) == 0
    assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == 6


def test_the_journal_is_merged_in_the_bucket(lagom, bucket, monkeypatch):
    monkeypatch.setattr(mirror, "MANY", 3)
    handle = lagom(functions.slow_square, directory=bucket, num_trials=20)
    seen = set()
    while not handle.done:
        seen |= set(sizes(handle.path))
        read_store_records(handle.path)
    assert len([name for name in seen if name.count("-") == 2]) > 1
    [piece] = [name for name in sizes(handle.path) if name.startswith("events-")]
    assert piece.count("-") == 2
    assert len(stored(handle.path)) == 20


@pytest.mark.parametrize("kind", ["refused", "silent"])
def test_while_the_store_is_gone_the_search_rests_and_then_loses_nothing(
    lagom, bucket, proxy, server, monkeypatch, kind
):
    monkeypatch.setattr(mirror, "LAG", 1.0)
    handle = lagom(functions.slow_square, directory=bucket, num_trials=12)
    eventually(lambda: stored(handle.path), 60)
    told = []
    handle.heed(told.append)
    proxy.cut() if kind == "refused" else proxy.hold()
    eventually(lambda: handle.notice, 60)
    print(handle.notice)
    assert handle.notice.startswith("the search rests: s3://")
    assert handle.notice.endswith("; no trials start until its journal can be written")
    assert not handle.done
    proxy.mend()
    assert handle.result(100)["num_trials"] == 12
    assert told[-1] == ""
    assert len(stored(handle.path)) == len(set(stored(handle.path))) == 12


def test_a_machine_is_lost_and_another_goes_on(bucket, tmp_path):
    with subprocess.Popen(killed(bucket, 12, tmp_path / "one")) as driver:
        eventually(lambda: driver.poll() is not None or any(map(stored, folders(bucket))), 90)
        assert driver.poll() is None
        driver.send_signal(signal.SIGKILL)
    [folder] = folders(bucket)
    before = stored(folder)
    shutil.rmtree(tmp_path / "one")
    subprocess.run(killed(bucket, 12, tmp_path / "two"), check=True, timeout=100)
    records = read_store_records(folder)
    State(records).validate()
    assert finished(records)[: len(before)] == before
    assert len(finished(records)) == len(set(finished(records))) == 12
    assert sum(isinstance(r.event, ev.ExperimentResumed) for r in records) == 1


def folders(bucket):
    place = as_place(bucket)
    return list(place.iterdir()) if place.exists() else []


def test_a_second_driver_is_refused(lagom, bucket, tmp_path, monkeypatch):
    handle = lagom(functions.until_stopped, directory=bucket)
    running(handle)
    eventually(lambda: sizes(handle.path), 30)
    monkeypatch.setenv("MAGGY_SPOOL", str(tmp_path / "other machine"))
    with pytest.raises(ExperimentLocked, match=f"experiment {handle.id} is being run by process .* on "):
        lagom(functions.until_stopped, directory=bucket, resume=handle.id)
    handle.stop()
    assert handle.result(30)["status"] == "stopped"


def test_the_store_gives_the_name_of_a_piece_to_one_driver(bucket):
    place = as_place(bucket)
    place.fs.pipe_file(f"{place.path}/piece", b"one", mode="create")
    with pytest.raises(FileExistsError):
        place.fs.pipe_file(f"{place.path}/piece", b"two", mode="create")
    assert (place / "piece").read_bytes() == b"one"


def test_a_bucket_that_is_not_there_is_told_and_not_made(lagom, bucket):
    import s3fs

    with pytest.raises(OSError, match="bucket does not exist"):
        lagom(functions.square, directory="s3://nowhere/searches")
    assert not s3fs.S3FileSystem().exists("nowhere")


def test_a_store_that_is_not_there_at_the_start_is_told(lagom, bucket, proxy):
    proxy.cut()
    begun = time.monotonic()
    with pytest.raises(OSError, match="onnect"):
        lagom(functions.square, directory=bucket)
    assert time.monotonic() - begun < 60
    proxy.mend()
