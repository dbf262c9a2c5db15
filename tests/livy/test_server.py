"""Livy as servers are in life: it stops, it hangs, it dies, and it comes back."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.livy.client import Session, request
from tests.waiting import eventually
from tools.livy.guard import processes
from tools.livy.server import RECOVERY, ROOT, LivyServer, livy_home, livy_server

# Runs in the session: what comes through one pipe goes out through another.
ECHO = """\
import threading
heard = []
def echo():
    heard.append(open({into!r}).read())
    open({out!r}, "w").write(heard[0])
threading.Thread(target=echo, daemon=True).start()"""


def test_it_says_what_it_is(livy: LivyServer) -> None:
    assert request("GET", f"{livy.url}/version")["version"] == "0.9.0-incubating"


def test_a_livy_without_its_interpreters_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "livy-server-0.9.0-incubating.jar").touch()
    monkeypatch.setenv("LIVY_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"no Livy for Scala 2\.12"):
        livy_home()


def test_a_paused_server_keeps_one_waiting_and_then_answers(livy: LivyServer, session: Session) -> None:
    livy.pause()
    try:
        with pytest.raises(TimeoutError):
            request("GET", session.url, deadline=0.5)
    finally:
        livy.resume()
    assert session.state() == "idle"


def test_with_recovery_a_session_works_on_while_its_server_is_dead(tmp_path: Path) -> None:
    into, out = tmp_path / "into", tmp_path / "out"
    os.mkfifo(into)
    os.mkfifo(out)
    with livy_server(conf=RECOVERY) as livy:
        session = Session.start(livy.url)
        session.run(ECHO.format(into=str(into), out=str(out)))
        livy.kill()
        with pytest.raises(ConnectionError):
            session.state()
        into.write_text("well")
        assert out.read_text() == "well"
        livy.start()
        eventually(lambda: session.state() == "idle")
        assert session.run("print(heard)").strip() == "['well']"


def test_without_recovery_a_session_is_gone_after_a_restart_though_its_driver_lives() -> None:
    with livy_server() as livy:
        session = Session.start(livy.url)
        python = int(session.run("import os; print(os.getpid())"))
        livy.kill()
        livy.start()
        with pytest.raises(AssertionError, match="404"):
            session.state()
        assert python in living()
    assert python not in living()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_all_of_it_ends_with_the_command(how: signal.Signals, tmp_path: Path) -> None:
    with command(tmp_path) as (process, url):
        assert request("GET", f"{url}/sessions")["total"] == 0
        (folder,) = tmp_path.glob("livy-*")
        server = [pid for pid in living() if str(folder).encode() in command_line(pid)]
        assert server
        process.send_signal(how)
        process.wait(20)
        eventually(lambda: not folder.exists() and not set(server) & living())


@contextmanager
def command(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running `python -m tools.livy` and the address it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.livy"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().split()[3].rstrip(";")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def living() -> set[int]:
    return {pid for pid, state, _ in processes() if state != "Z"}


def command_line(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
