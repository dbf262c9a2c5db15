"""Livy servers that want to know who asks: a password at a gateway, and Kerberos with a real KDC."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.livy.gateway import gateway
from tests.livy.kdc import REALM, Kdc
from tests.livy.kernels import IPYTHON, View, running
from tests.livy.test_notebook import ENDS
from tests.widgets.kernel import Kernel
from tools.livy.server import LivyServer, livy_server

USER, PASSWORD = "ada", "a-secret-of-hers"


def test_a_gateway_that_wants_a_password(livy: LivyServer, tmp_path: Path) -> None:
    with gateway(livy.url, USER, PASSWORD) as url, running(IPYTHON, url, tmp_path) as kernel:
        kernel.run("%load_ext sparkmagic.magics")
        kernel.run(f"%spark add -s one -l python -u {url} -t Basic_Access -a {USER} -p {PASSWORD}", 180)
        before = len(kernel.seen)
        expect_a_search_and_attach(kernel)
        refused = kernel.run(f"%maggy attach -u {url} -t Basic_Access -a {USER} -p wrong")
        assert "Livy wants other credentials (HTTP 401)" in refused
        kernel.run("%spark delete -s one")
        assert PASSWORD not in str(kernel.seen[before:])


def test_kerberos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kdc").mkdir()
    kdc = Kdc(tmp_path / "kdc")
    service = f"HTTP/localhost@{REALM}"
    secured = {
        "livy.server.auth.type": "kerberos",
        "livy.server.auth.kerberos.principal": service,
        "livy.server.auth.kerberos.keytab": str(kdc.keytab("HTTP/localhost")),
    }
    with kdc.running():
        monkeypatch.setenv("JAVA_TOOL_OPTIONS", f"-Djava.security.krb5.conf={kdc.config}")
        monkeypatch.setenv("KRB5_CONFIG", str(kdc.config))
        monkeypatch.setenv("KRB5CCNAME", str(tmp_path / "nobody"))
        with livy_server(conf=secured) as livy:
            # The ticket is for a host by its name.
            url = livy.url.replace("127.0.0.1", "localhost")
            with running(IPYTHON, url, tmp_path / "stranger") as kernel:
                kernel.run("%load_ext sparkmagic.magics")
                assert "Livy wants other credentials" in kernel.run(f"%maggy attach -u {url} -t Kerberos")
            monkeypatch.setenv("KRB5CCNAME", str(kdc.log_in(USER)))
            with running(IPYTHON, url, tmp_path / USER) as kernel:
                kernel.run("%load_ext sparkmagic.magics")
                kernel.run(f"%spark add -s one -l python -u {url} -t Kerberos", 180)
                expect_a_search_and_attach(kernel)
                kernel.run("%spark delete -s one")


def expect_a_search_and_attach(kernel: Kernel) -> None:
    kernel.run("%%maggy -s one -o found" + ENDS)
    view = View(kernel)
    assert "finished" in kernel.run("print(found.result(60)['status'])", 90)
    kernel.run(f"%maggy attach {view.experiment} -s one")
    assert View(kernel).experiment == view.experiment
