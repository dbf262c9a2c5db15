"""Lets the kernel find out that the other machine is gone.

A process that hangs or is paused still answers, by its kernel; a machine or a network that is gone does
not. So a long C call that holds Python's lock is not mistaken for death, as it would be by heartbeats.
"""

from __future__ import annotations

import socket

# Seconds of silence before the first probe, between probes, and how many may stay unanswered.
_IDLE, _INTERVAL, _COUNT = 10, 5, 4


def keep_alive(sock: socket.socket) -> None:
    """Turns on TCP keepalive; a dead peer is noticed after about half a minute."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", _IDLE), ("TCP_KEEPINTVL", _INTERVAL), ("TCP_KEEPCNT", _COUNT)):
        if hasattr(socket, name):  # not all of them exist on macOS
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # the same bound for data that nobody acknowledges
        bound = 1000 * (_IDLE + _INTERVAL * _COUNT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, bound)
