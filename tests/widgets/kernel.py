"""A real Jupyter kernel, and a client that does what a notebook in a browser does."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parents[2]
Message = dict[str, Any]

# Before 7.4 the thread of ipykernel 7 that reads messages may lose sight of one for good.
NUDGES = """
import tornado.ioloop, zmq
kernel = get_ipython().kernel
if thread := getattr(kernel, "shell_channel_thread", None):
    nudges = tornado.ioloop.PeriodicCallback(lambda: kernel.shell_stream.flush(zmq.POLLIN), 100)
    thread.io_loop.add_callback(nudges.start)
"""


class Kernel:
    """A running kernel.

    Attributes:
        seen: all that it published, as far as somebody waited for it.
    """

    def __init__(self, manager: KernelManager) -> None:
        self._manager = manager
        self._client = manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        self.seen: list[Message] = []
        self._replies: dict[str, str] = {}

    def start(self, code: str) -> str:
        """Sends a cell; returns its id. Cells are run one after the other."""
        return str(self._client.execute(code))

    def run(self, code: str, seconds: float = 60) -> str:
        """Runs a cell to its end; returns what it printed. Fails the test where it raises."""
        cell = self.start(code)
        self.wait_for_end(cell, seconds)
        assert not self.of(cell, "error"), self.of(cell, "error")[0]["content"]
        return self.printed(cell)

    def wait_for_end(self, cell: str, seconds: float = 60) -> None:
        """Until the kernel has done with the cell, and all that it published is in `seen`."""
        self.until(
            lambda: any(m["content"]["execution_state"] == "idle" for m in self.of(cell, "status")), seconds
        )

    def status(self, cell: str, seconds: float = 30) -> str:
        """How the cell ended: 'ok', 'error' or 'aborted'."""
        deadline = time.monotonic() + seconds
        while cell not in self._replies:
            reply = self._client.get_shell_msg(timeout=max(0.1, deadline - time.monotonic()))
            self._replies[reply["parent_header"]["msg_id"]] = reply["content"].get("status", "")
        return self._replies[cell]

    def open_comm(self, target: str, comm: str) -> None:
        self._send("comm_open", comm_id=comm, target_name=target, data={})

    def send(self, comm: str, data: Any) -> str:
        """Sends data on a comm; returns the message's id."""
        return self._send("comm_msg", comm_id=comm, data=data)

    def ask(self, comm: str, content: Any) -> str:
        """Sends a widget's custom message."""
        return self.send(comm, {"method": "custom", "content": content})

    def ask_beside(self, seconds: float = 30) -> None:
        """Asks something on the control channel, which a busy kernel answers, and waits for that."""
        asked = self._client.session.msg("kernel_info_request", {})
        self._client.control_channel.send(asked)
        answer = self._client.get_control_msg(timeout=seconds)
        assert answer["parent_header"]["msg_id"] == asked["header"]["msg_id"]

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def until(self, condition: Callable[[], Any], seconds: float = 30) -> Any:
        """Listens until the condition holds, returns its value; fails the test where it does not in time."""
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, f"not within {seconds} seconds; {self._seen_last()}"
            try:
                self.seen.append(self._client.get_iopub_msg(timeout=0.1))
            except queue.Empty:
                continue
        return value

    def of(self, cell: str, kind: str) -> list[Message]:
        """What was published for a cell, of one kind."""
        return [m for m in self.seen if m["parent_header"].get("msg_id") == cell and m["msg_type"] == kind]

    def on(self, comm: str) -> list[Any]:
        """The data that came on a comm."""
        return [
            m["content"]["data"]
            for m in self.seen
            if m["msg_type"] == "comm_msg" and m["content"]["comm_id"] == comm
        ]

    def printed(self, cell: str) -> str:
        return "".join(m["content"]["text"] for m in self.of(cell, "stream"))

    def _send(self, kind: str, **content: Any) -> str:
        message = self._client.session.msg(kind, content)
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def _seen_last(self) -> str:
        return "\n".join(f"{m['msg_type']}: {str(m['content'])[:300]}" for m in self.seen[-8:])

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@contextmanager
def running(python: Path, folder: Path) -> Iterator[Kernel]:
    """A kernel on this Python, with `folder` as its working folder."""
    manager = KernelManager(connection_file=str(folder / "connection.json"))
    argv = [str(python / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=argv, display_name=python.name, language="python")
    path = os.pathsep.join([str(python / "bin"), os.environ["PATH"]])
    manager.start_kernel(cwd=str(folder), env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)})
    kernel = Kernel(manager)
    try:
        kernel.run(NUDGES)
        yield kernel
    finally:
        kernel.close()
