"""A file system that is really full: a small one of its own, which takes root to mount."""

from __future__ import annotations

import subprocess

import pytest

from maggy.core.state import State
from maggy.past import read_journal
from maggy.progress import lines
from tests.driver import functions
from tests.driver.handles import finished, running
from tests.waiting import eventually

SIZE = 512 * 1024


@pytest.fixture
def disk(tmp_path):
    """A folder on a file system with room for `SIZE` bytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder):
    """Takes all the room there is; returns what gives it back."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        size = 4096
        while size:
            try:
                size = file.write(b"x" * size)
            except OSError:  # there is less room than that
                size //= 2
    return ballast.unlink


@pytest.mark.root
@pytest.mark.parametrize("place", ["folder", "copy of what is in a store"])
def test_on_a_full_disk_the_search_rests_says_so_and_goes_on(
    lagom, disk, monkeypatch, capsys, place, tmp_path
):
    monkeypatch.setattr(lines, "QUIET", 1000.0)
    monkeypatch.setenv("MAGGY_SPOOL", str(disk / "spool"))
    directory = disk if place == "folder" else f"file://{tmp_path}/store"
    handle = lagom(functions.slow_square, directory=directory, num_trials=10, display=True)
    running(handle)
    empty = fill(disk)
    told = []
    handle.heed(told.append)
    eventually(lambda: handle.notice, 30)
    words = "the search rests: No space left on device; no trials start until its journal can be written"
    assert handle.notice == words
    with handle.looking() as state:
        known = state.number
    assert len(read_journal(handle.path)) >= known, "what was told is in the journal"
    empty()
    assert handle.result(60)["num_trials"] == 10
    assert told[-2:] == [words, ""]
    records = read_journal(handle.path)
    State(records).validate()
    assert len(set(finished(records))) == len(finished(records)) == 10
    shown = capsys.readouterr().out
    assert words in shown
    assert "the search goes on" in shown.split(words)[1]
