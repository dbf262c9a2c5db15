"""A real Kerberos on the loopback interface: MIT's KDC with a realm of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import eventually

REALM = "MAGGY.TEST"
CLIENT = """\
[libdefaults]
  default_realm = {realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  {realm} = {{
    kdc = 127.0.0.1:{port}
  }}
[domain_realm]
  localhost = {realm}
"""
SERVER = """\
[kdcdefaults]
  kdc_listen = 127.0.0.1:{port}
  kdc_tcp_listen = 127.0.0.1:{port}
[realms]
  {realm} = {{
    database_name = {folder}/principal
    key_stash_file = {folder}/stash
    acl_file = {folder}/acl
    max_life = 1h
  }}
"""


class Kdc:
    """A realm and its people, all in one folder.

    Attributes:
        config: the krb5.conf that clients of the realm need.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.config = folder / "krb5.conf"
        self._port = _free_port()
        words = {"realm": REALM, "port": self._port, "folder": folder}
        self.config.write_text(CLIENT.format(**words))
        (folder / "kdc.conf").write_text(SERVER.format(**words))
        self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", "of the tests")

    def keytab(self, name: str) -> Path:
        """Adds a principal, `user` or `HTTP/host`; returns the file with its keys."""
        file = self._folder / f"{name.replace('/', '-')}.keytab"
        self._run("kadmin.local", "-r", REALM, "addprinc", "-randkey", name)
        self._run("kadmin.local", "-r", REALM, "ktadd", "-k", str(file), name)
        return file

    def log_in(self, name: str) -> Path:
        """Adds a person and logs them in; returns the cache with their ticket."""
        cache = self._folder / f"{name}.cache"
        self._run("kinit", "-c", str(cache), "-k", "-t", str(self.keytab(name)), name)
        return cache

    @contextmanager
    def running(self) -> Iterator[None]:
        server = subprocess.Popen([_found("krb5kdc"), "-n"], env=self._environment)
        try:
            eventually(lambda: _listens(self._port))
            yield
        finally:
            server.kill()
            server.wait()

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            [_found(command[0]), *command[1:]], env=self._environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command[0]}: {done.stderr}"

    @property
    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "KRB5_CONFIG": str(self.config),
            "KRB5_KDC_PROFILE": str(self._folder / "kdc.conf"),
        }


def _found(command: str) -> str:
    path = shutil.which(command, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert path, f"there is no {command}: apt-get install krb5-kdc krb5-admin-server krb5-user"
    return path


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
