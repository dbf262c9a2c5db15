"""Real kernels that know a Livy server, and what the browser's side of a view does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from tests.widgets.kernel import Kernel
from tools.livy.server import ROOT

PYTHON = ROOT / ".venv-sparkmagic" / "bin" / "python"
IPYTHON = "ipykernel_launcher"
PYSPARK = "sparkmagic.kernels.pysparkkernel.pysparkkernel"


def settings(livy: str, home: Path) -> dict[str, str]:
    """The environment of a kernel whose sparkmagic knows this server; `home` is all that it writes to."""
    home.mkdir(parents=True, exist_ok=True)
    credentials = {"username": "", "password": "", "url": livy, "auth": "None"}
    (home / "config.json").write_text(json.dumps({"kernel_python_credentials": credentials}))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON", "COV_"))}
    return {**kept, "HOME": str(home), "SPARKMAGIC_CONF_DIR": str(home), "PYTHONPATH": str(ROOT)}


@contextmanager
def running(module: str, livy: str, home: Path) -> Iterator[Kernel]:
    """A kernel of this module, IPYTHON or PYSPARK, with the magics of Maggy loaded."""
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(argv=[str(PYTHON), "-m", module, "-f", "{connection_file}"])
    manager.start_kernel(cwd=str(home), env=settings(livy, home))
    kernel = Kernel(manager)
    try:
        kernel.run("%load_ext maggy_widgets")
        yield kernel
    finally:
        kernel.close()


class View:
    """The browser's model of the last search that the kernel showed; asks for a snapshot as it does."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        opened = kernel.until(self._opened)
        self.comm: str = opened[-1]["content"]["comm_id"]
        self.experiment: str = opened[-1]["content"]["data"]["state"]["experiment"]
        kernel.ask(self.comm, {"type": "Sync"})
        kernel.until(lambda: self.messages("Snapshot"))

    def _opened(self) -> list[dict[str, Any]]:
        opened = [m for m in self.kernel.seen if m["msg_type"] == "comm_open"]
        return [m for m in opened if m["content"]["data"]["state"].get("_model_name") == "SearchModel"]

    def messages(self, *kinds: str) -> list[dict[str, Any]]:
        custom = [d["content"] for d in self.kernel.on(self.comm) if d["method"] == "custom"]
        return [content for content in custom if content["type"] in kinds]

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of one type that came as such, not in a snapshot."""
        return [r for frame in self.messages("Frame") for r in frame["records"] if r["type"] == kind]

    def hints(self) -> list[str]:
        updates = [d["state"] for d in self.kernel.on(self.comm) if d["method"] == "update"]
        return [state["hint"] for state in updates if "hint" in state]

    def expect_growth(self) -> None:
        """Until events have come that were not there before."""
        before = len(self.events("TrialProgressed"))
        self.kernel.until(lambda: len(self.events("TrialProgressed")) > before + 2)
