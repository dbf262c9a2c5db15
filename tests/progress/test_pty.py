"""The live display on a real pseudo-terminal, in a process of its own."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.progress.terminal import Terminal

ROOT = Path(__file__).parents[2]
PROGRAM = """if True:
    import sys
    from maggy.progress import choose_display
    from tests.progress.experiment import FOLDER, Played
    played = Played(num_trials=3)
    with choose_display(None, FOLDER) as screen:
        played.finish(0.9)
        played.show(screen)
        print("printed by the user")
        played.fail("ValueError: too high")
        played.stop_early()
        played.end()
        played.show(screen)
        if sys.argv[1] == "interrupted":
            while True:
                played.show(screen)
                sys.stdin.readline()
"""


@pytest.fixture
def run():
    """Starts the program on a terminal of 80 by 24; ends it in the end."""
    running = []

    def start(how: str) -> tuple[subprocess.Popen, int]:
        mine, its = pty.openpty()
        termios.tcsetwinsize(mine, (24, 80)) if sys.version_info >= (3, 11) else None
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES")}
        environment |= {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
        program = [sys.executable, "-c", PROGRAM, how]
        process = subprocess.Popen(program, stdin=its, stdout=its, stderr=its, cwd=ROOT, env=environment)
        os.close(its)
        running.append((process, mine))
        return process, mine

    yield start
    for process, mine in running:
        process.kill()
        process.wait(30)
        os.close(mine)


def read(terminal: Terminal, fd: int, until: str = "") -> None:
    """Feeds what comes to the terminal until it shows the words, or the program's end."""
    deadline = time.monotonic() + 60
    raw = b""
    while not until or until not in terminal.text:
        assert time.monotonic() < deadline, terminal.text
        if not select.select([fd], [], [], 1)[0]:
            continue
        try:
            raw += os.read(fd, 65536)
        except OSError:  # Linux's way to say that the other end is closed
            return
        text = raw.decode("utf-8", "ignore")
        terminal.__init__()
        terminal.feed(text)


def test_a_whole_search(run) -> None:
    process, fd = run("whole")
    terminal = Terminal()
    read(terminal, fd)
    assert process.wait(30) == 0
    text = terminal.text
    assert terminal.cursor
    assert "printed by the user\n" in text
    assert "trial 2 failed: ValueError: too high" in text
    assert "trial 3 stopped early: step 7" in text
    assert "of 3 done" not in text
    assert text.index("printed by the user") < text.index("digits: finished ──")
    assert text.rstrip().endswith("results        /results/digits-1")


def test_an_interrupt_leaves_a_sane_terminal(run) -> None:
    process, fd = run("interrupted")
    terminal = Terminal()
    read(terminal, fd, until="of 3 done")
    assert not terminal.cursor
    process.send_signal(signal.SIGINT)
    read(terminal, fd)
    assert process.wait(30) == -signal.SIGINT
    assert terminal.cursor
    assert "KeyboardInterrupt" in terminal.text
    assert "average" not in terminal.text
