"""Clicks in a notebook while its cell is busy.

A kernel hears the browser between cells only. A cell that waits, as `lagom` does, can ask for what has come
in meanwhile: the Pump handles messages of widgets at once, on the main thread, and puts all else, such as
the next cell, back in its order in the end. ipykernel has no public way to do this. All that knows its
insides is in the classes `_Inbox`; where they do not find what they need, the Pump says that it does not
work.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any, ClassVar

log = logging.getLogger("maggy.widgets")

# What is handled at once. A page that comes back asks for the kernel's comms, and what kernel it is.
_AT_ONCE = frozenset({"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"})

_NUDGE_INTERVAL = 0.5  # seconds


class Pump:
    """Handles what the browser sends while the main thread waits.

        with Pump() as pump:
            while not done():
                pump(0.05)

    Attributes:
        works: whether it knows how to, in this kernel and on this thread. Where not, it only waits.
    """

    # A callback that is called by a pump may wait with a pump, too: they share the inbox.
    _inbox: ClassVar[_Inbox | None] = None
    _depth: ClassVar[int] = 0

    def __init__(self) -> None:
        self.works = False

    def __enter__(self) -> Pump:
        if threading.current_thread() is threading.main_thread():
            if Pump._depth == 0:
                Pump._inbox = _open_inbox()
            Pump._depth += 1
            self.works = Pump._inbox is not None
        return self

    def __exit__(self, *error: object) -> None:
        if threading.current_thread() is threading.main_thread():
            Pump._depth -= 1
            if Pump._depth == 0 and Pump._inbox is not None:
                inbox, Pump._inbox = Pump._inbox, None
                inbox.close()

    def __call__(self, timeout: float = 0.0) -> int:
        """Waits up to `timeout` seconds for messages, handles them, and returns how many it handled."""
        if self.works and Pump._inbox is not None:
            return Pump._inbox.handle(timeout)
        threading.Event().wait(timeout)
        return 0


def _open_inbox() -> _Inbox | None:
    with contextlib.suppress(Exception):  # no ipykernel, or one that we do not know
        from IPython import get_ipython

        kernel = get_ipython().kernel
        return _Inbox7(kernel) if getattr(kernel, "shell_channel_thread", None) else _Inbox6(kernel)
    return None


class _Inbox:
    """What waits for the kernel's main thread: messages that a ZMQStream would take off its socket.

    While this is open the stream hands them here; no event loop runs meanwhile that could do otherwise.
    """

    def __init__(self, kernel: Any, stream: Any) -> None:
        self._kernel = kernel
        self._stream = stream
        self._kernels_own: Callable[[Any], Any] = stream._recv_callback
        if not callable(self._kernels_own):
            raise TypeError("the kernel does not listen to its stream")
        self._arrived: list[Any] = []
        self._aside: list[Callable[[], Any]] = []  # what puts a message back
        with self._as_before():  # fails here, if at all
            stream.on_recv(self._arrived.append, copy=False)

    def handle(self, timeout: float) -> int:
        """Handles what is there, else what comes first within `timeout` seconds. Returns how many."""
        until = time.monotonic() + timeout
        while not (handled := self._handle_arrived()):
            left = until - time.monotonic()
            if left <= 0 or not self._stream.socket.poll(max(1, round(1000 * left))):
                break
        return handled

    def close(self) -> None:
        """Gives back to the kernel what is not handled, in the order in which it came."""
        self._collect()
        self._stream.on_recv(self._kernels_own, copy=False)
        for message in self._arrived:
            self._aside.append(partial(self._put_back, message))
        for put_back in self._aside:
            put_back()

    def _handle_arrived(self) -> int:
        handled = 0
        self._collect()
        while self._arrived:
            message = self._arrived.pop(0)
            if self._kind(message) in _AT_ONCE:
                with self._as_before():
                    _drive(self._kernel.dispatch_shell(message))
                handled += 1
            else:
                self._aside.append(partial(self._put_back, message))
        return handled

    def _collect(self) -> None:
        import zmq

        self._stream.flush(zmq.POLLIN)

    def _put_back(self, message: Any) -> None:
        raise NotImplementedError

    def _kind(self, message: Any) -> str | None:
        """The message's type; None for what is no message: the kernel knows what to do with that."""
        session = self._kernel.session
        try:
            _, frames = session.feed_identities(list(message), copy=False)
            return str(session.deserialize(frames, content=False, copy=False)["header"]["msg_type"])
        except Exception:
            return None

    @contextlib.contextmanager
    def _as_before(self) -> Iterator[None]:
        """Afterwards output is the cell's again, and so is Ctrl-C, and the kernel is busy with it."""
        kernel = self._kernel
        ident, parent = kernel._parent_ident["shell"], kernel.get_parent("shell")
        try:
            with _interrupts_later(), _replaced(kernel, "pre_handler_hook", "post_handler_hook"):
                yield
        finally:
            kernel.set_parent(ident, parent, channel="shell")
            kernel._publish_status("busy", "shell")


@contextlib.contextmanager
def _interrupts_later() -> Iterator[None]:
    """The kernel swallows an interrupt that comes while it handles a message: the cell has it afterwards.

    A second one comes at once, for a callback that does not end.
    """
    came: list[Any] = []
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(*args: Any) -> None:
        if came and callable(before):
            before(*args)
        came.append(args)

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came and callable(before):
            before(*came[0])


@contextlib.contextmanager
def _replaced(kernel: Any, *hooks: str) -> Iterator[None]:
    """The hooks, which would set the handler of interrupts, do nothing."""
    before = {hook: vars(kernel)[hook] for hook in hooks if hook in vars(kernel)}
    vars(kernel).update(dict.fromkeys(hooks, lambda: None))
    try:
        yield
    finally:
        for hook in hooks:
            del vars(kernel)[hook]
        vars(kernel).update(before)


class _Inbox6(_Inbox):
    """ipykernel 6: messages go from the stream to a queue, and the kernel handles one after the other."""

    def __init__(self, kernel: Any) -> None:
        self._queue = kernel.msg_queue
        super().__init__(kernel, kernel.shell_stream)

    def _collect(self) -> None:
        # What was on the queue came before what is still in the stream.
        while not self._queue.empty():
            self._take(self._queue.get_nowait())
        super()._collect()

    def _take(self, item: Any) -> None:
        _, dispatch, args = item
        if dispatch == self._kernel.dispatch_shell:
            self._arrived.append(*args)
        else:  # something that the kernel tells itself
            self._aside.append(partial(self._queue.put_nowait, item))

    def _put_back(self, message: Any) -> None:
        self._kernels_own(message)


class _Inbox7(_Inbox):
    """ipykernel 7: a thread reads the socket and passes messages on to the main thread."""

    def __init__(self, kernel: Any) -> None:
        super().__init__(kernel, kernel.shell_channel_thread.manager._shell_channel_to_main.to_stream)
        self._nudged = 0.0

    def handle(self, timeout: float) -> int:
        self._nudge()
        return super().handle(timeout)

    def _nudge(self) -> None:
        """Before 7.4 that thread, when it sends an answer, may lose sight of a message for good."""
        import zmq

        if time.monotonic() >= self._nudged + _NUDGE_INTERVAL:
            self._nudged = time.monotonic()
            kernel = self._kernel
            kernel.shell_channel_thread.io_loop.add_callback(kernel.shell_stream.flush, zmq.POLLIN)

    def _put_back(self, message: Any) -> None:
        self._kernel.io_loop.add_callback(self._kernels_own, message)


def _drive(handling: Coroutine[Any, Any, Any]) -> None:
    """Runs a coroutine that never really waits, as those that handle messages of widgets are."""
    try:
        handling.send(None)
    except StopIteration:
        return
    handling.close()
    log.warning("a message of a widget could not be handled while its cell is busy")
