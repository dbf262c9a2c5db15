"""A server of S3's protocol (moto's), and a bucket for each test."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from maggy.driver import lease, mirror
from tests.driver.local import lagom  # noqa: F401
from tests.stores.proxy import Proxy
from tests.waiting import eventually


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.s3)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the server."""
    log = tmp_path_factory.mktemp("moto") / "log"
    with log.open("wb") as out:
        command = [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        [port] = eventually(lambda: re.findall(r"Running on http://127\.0\.0\.1:(\d+)", log.read_text()), 60)
        yield int(port)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def proxy(server: int) -> Iterator[Proxy]:
    proxy = Proxy(server)
    yield proxy
    proxy.cut()


@pytest.fixture
def bucket(proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty bucket, reached through the proxy."""
    import s3fs

    endpoint = f"http://127.0.0.1:{proxy.port}"
    for name, value in (
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "somebody"),
        ("AWS_SECRET_ACCESS_KEY", "a secret"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("MAGGY_SPOOL", str(tmp_path / "spool")),
    ):
        monkeypatch.setenv(name, value)
    for module, name, seconds in (
        (mirror, "INTERVAL", 0.05),
        (mirror, "RETRY", 0.05),
        (lease, "BEAT", 0.2),
        (lease, "PATIENCE", 2.0),
        (lease, "_LOOK", 0.1),
    ):
        monkeypatch.setattr(module, name, seconds)
    # Instances remember the endpoint they were made with.
    s3fs.S3FileSystem.clear_instance_cache()
    name = re.sub(r"[^a-z0-9]+", "-", tmp_path.name.lower()).strip("-")
    s3fs.S3FileSystem().mkdir(name)
    yield f"s3://{name}/searches"
    s3fs.S3FileSystem.clear_instance_cache()
