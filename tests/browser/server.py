"""A Jupyter server of our own: nothing of the user's settings gets in, nothing is left behind."""

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "maggy"
CONFIG = {
    "ServerApp": {
        "ip": "127.0.0.1",
        "port_retries": 0,
        "open_browser": False,
        "allow_root": True,
        "terminals_enabled": False,
    },
    "IdentityProvider": {"token": TOKEN},
    "LabApp": {"expose_app_in_browser": True},
    "JupyterNotebookApp": {"expose_app_in_browser": True},
}
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}


def kernels() -> dict[str, Path]:
    """The kernels to test on, by name: the Pythons that they run on."""
    others = {folder.name.removeprefix(".venv-"): folder for folder in sorted(ROOT.glob(".venv-ipykernel-*"))}
    return {"python3": Path(sys.prefix), **others}


class Server:
    """A Jupyter server at `url`, which keeps its notebooks in `folder` and all else in `home`."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.folder = home / "notebooks"
        self.folder.mkdir(parents=True)
        self.url = url
        self.environment = _environment(home)
        self._count = 0

    def write(self, cells: Sequence[str], kernel: str) -> str:
        """Writes a new notebook of these code cells; returns its name."""
        self._count += 1
        name = f"notebook{self._count}.ipynb"
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        )
        nbformat.write(notebook, self.folder / name)
        return name

    def read(self, name: str) -> nbformat.NotebookNode:
        """The notebook as it was saved."""
        return nbformat.read(self.folder / name, as_version=4)

    def shut_down_kernels(self) -> None:
        for session in self.ask("GET", "sessions"):
            self._shut_down(session)

    def shut_down_kernel(self, name: str) -> None:
        """Shuts down the kernel of the notebook, if there is one."""
        for session in self.ask("GET", "sessions"):
            if session["path"] == name:
                self._shut_down(session)

    def _shut_down(self, session: dict[str, Any]) -> None:
        self.ask("DELETE", f"sessions/{session['id']}")

    def forget_settings(self) -> None:
        """Undoes what was set in the browser, such as the theme."""
        _write_settings(self.home)

    def ask(self, method: str, what: str) -> Any:
        request = urllib.request.Request(f"{self.url}/api/{what}", method=method)
        request.add_header("Authorization", f"token {TOKEN}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def is_up(self) -> bool:
        try:
            return bool(self.ask("GET", "status"))
        except (urllib.error.URLError, ConnectionError):
            return False


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """A server that keeps everything it writes below `home`."""
    port = _free_port()
    server = Server(home, f"http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.port={port}"]
    with open(home / "server.log", "wb") as log:
        process = subprocess.Popen(command, env=server.environment, cwd=server.folder, stdout=log, stderr=log)
    try:
        eventually(lambda: server.is_up() or process.poll() is not None, seconds=60)
        if process.poll() is not None:
            raise RuntimeError("The Jupyter server ended:\n" + (home / "server.log").read_text())
        yield server
        server.shut_down_kernels()
    finally:
        process.terminate()
        process.wait(30)


def _environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON", "COV_"))}
    _write(home / "config" / "jupyter_server_config.json", CONFIG)
    _write_settings(home)
    for name, prefix in kernels().items():
        argv = [str(prefix / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": name, "language": "python"}
        _write(home / "data" / "kernels" / name / "kernel.json", spec)
    return {
        **kept,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        # So that kernels find the tests' own modules, too.
        "PYTHONPATH": str(ROOT),
        # The kernels' `python`, which Spark's workers run on, is the environment's.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]]),
    }


def _write_settings(home: Path) -> None:
    shutil.rmtree(home / "settings", ignore_errors=True)
    _write(
        home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings", NO_NEWS
    )


def chromium() -> str:
    """The path of a Chromium on this machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise RuntimeError("The browser tests need Chromium: apt-get install chromium")


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
