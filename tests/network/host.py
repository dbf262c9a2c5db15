"""A second host on this machine: a network namespace, with one cable to us."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


class Host:
    """A host; `prefix` before a command runs it there.

    Attributes:
        here, there: our address for it, and its own.
    """

    def __init__(self) -> None:
        number = os.getpid() % 2**14  # of a network of four addresses: tests may run beside others
        base = ipaddress.IPv4Address("10.203.0.0") + 4 * number
        self.here, self.there = str(base + 1), str(base + 2)
        self._name = f"maggy{number}"
        self._ours, self._theirs = f"maggy-h{number}", f"maggy-t{number}"
        self.prefix = ["ip", "netns", "exec", self._name]
        self._ends = contextlib.ExitStack()
        with contextlib.ExitStack() as unless_made:
            unless_made.callback(self.close)
            self._make()
            unless_made.pop_all()

    def _make(self) -> None:
        _ip("netns", "add", self._name)
        self._ends.callback(_ip, "netns", "del", self._name)
        _ip("link", "add", self._ours, "type", "veth", "peer", "name", self._theirs, "netns", self._name)
        # With the namespace it would go, too, but some time later.
        self._ends.callback(_ip, "link", "del", self._ours)
        _ip("addr", "add", f"{self.here}/30", "dev", self._ours)
        _ip("link", "set", self._ours, "up")
        self._there("addr", "add", f"{self.there}/30", "dev", self._theirs)
        self._there("link", "set", "lo", "up")
        self.plug_in()

    def pull_out(self) -> None:
        """From now on no packet gets through, and nobody is told."""
        self._there("link", "set", self._theirs, "down")

    def plug_in(self) -> None:
        self._there("link", "set", self._theirs, "up")

    def close(self) -> None:
        self._ends.close()

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
