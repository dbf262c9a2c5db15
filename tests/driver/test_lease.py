"""Who may write to an experiment in a store."""

from __future__ import annotations

import pytest

from maggy.driver import journal as journals
from maggy.driver.lease import Lease, is_held
from maggy.exceptions import ExperimentLocked
from maggy.places import as_place
from tests.waiting import eventually


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
        waited = []
        self.meanwhile = lambda: waited.append(True)
        self.take(store, tmp_path, "first").beat()
        assert waited

    def test_who_is_just_beating_has_it(self, store, tmp_path):
        """Where a store shows what is half written."""
        self.take(store, tmp_path, "first")
        path = as_place(store) / "one" / "lease.json"
        written = path.read_bytes()
        path.write_bytes(b"")
        self.meanwhile = lambda: path.write_bytes(written)
        with pytest.raises(ExperimentLocked, match="experiment one is being run by process "):
            self.take(store, tmp_path, "second")
