"""A second host on this machine: a network namespace, with one cable to us."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

# Ours and theirs; the network holds no more than these two.
HERE, THERE = "10.203.77.1", "10.203.77.2"


class Host:
    """A host; `prefix` before a command runs it there."""

    def __init__(self) -> None:
        self._name = f"maggy{os.getpid()}"
        self._ours, self._theirs = f"mgh{os.getpid()}"[:15], f"mgt{os.getpid()}"[:15]
        self.prefix = ["ip", "netns", "exec", self._name]
        _ip("netns", "add", self._name)
        _ip("link", "add", self._ours, "type", "veth", "peer", "name", self._theirs, "netns", self._name)
        _ip("addr", "add", f"{HERE}/30", "dev", self._ours)
        _ip("link", "set", self._ours, "up")
        self._there("addr", "add", f"{THERE}/30", "dev", self._theirs)
        self._there("link", "set", "lo", "up")
        self.plug_in()

    def pull_out(self) -> None:
        """From now on no packet gets through, and nobody is told."""
        self._there("link", "set", self._theirs, "down")

    def plug_in(self) -> None:
        self._there("link", "set", self._theirs, "up")

    def close(self) -> None:
        _ip("netns", "del", self._name)

    def _there(self, *words: str) -> None:
        _ip("-n", self._name, *words)


@contextmanager
def host() -> Iterator[Host]:
    made = Host()
    try:
        yield made
    finally:
        made.close()


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"
