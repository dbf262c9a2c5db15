"""Stores to search in, what becomes of them, and what they hold."""

from __future__ import annotations

import shutil
import sys
import threading

import pytest

from maggy.core import events as ev
from maggy.driver import lease, mirror
from maggy.past import read_store
from tests.driver.handles import cut_off


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


def read_store_records(place):
    return [ev.Record.from_json(line) for line in read_store(place).decode().splitlines()]


def mirror_files_now(handle):
    mirror_ = handle._driver.folder._mirror
    for path in list(mirror_._changed):
        mirror_._ship_file(path, closing=True)


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


def killed(store, trials, spool):
    return [sys.executable, "-m", "tests.driver.killed", store, str(trials), str(spool)]
