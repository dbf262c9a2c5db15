from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from maggy.core import events as ev
from maggy.progress import Display, choose_display
from tests.progress.experiment import FOLDER, Played
from tests.progress.terminal import Terminal


class Tty(io.StringIO):
    """A stream that calls itself a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    @property
    def terminal(self) -> Terminal:
        terminal = Terminal()
        terminal.feed(self.getvalue())
        return terminal


@pytest.fixture
def tty(monkeypatch: pytest.MonkeyPatch) -> Tty:
    """A terminal, 80 columns wide and 24 lines high."""
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}.items():
        monkeypatch.setenv(name, value)
    return Tty()


@contextlib.contextmanager
def shown_on(tty: Tty, display: bool | None = None, errors: io.StringIO | None = None) -> Iterator[Display]:
    """A display with the terminal as stdout and stderr, which are as before when it is over."""
    errors = errors or tty
    with contextlib.redirect_stdout(tty), contextlib.redirect_stderr(errors):
        try:
            with choose_display(display, FOLDER) as screen:
                yield screen
        finally:
            assert sys.stdout is tty
            assert sys.stderr is errors


def play(screen) -> None:
    played = Played(num_trials=2)
    played.watched_by(screen)
    played.finish(0.9)
    played.fail("ValueError: too high")
    played.end()


@pytest.mark.parametrize("display", [None, True])
def test_elsewhere_there_are_plain_lines(display, capsys) -> None:
    with choose_display(display, FOLDER) as screen:
        play(screen)
    out, err = capsys.readouterr()
    assert "trial 1 finished: 0.9000" in out
    assert "trial 2 failed: ValueError: too high" in out
    assert "results        /results/digits-1" in out
    assert "\x1b" not in out
    assert err == ""


def test_false_is_silent(tty: Tty) -> None:
    with shown_on(tty, False) as screen:
        play(screen)
        print("mine")
    assert tty.getvalue() == "mine\n"


def test_without_a_stdout_it_is_silent(monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with choose_display(None, FOLDER) as screen:
        play(screen)


@pytest.mark.parametrize("display", [None, True])
def test_a_terminal_gets_the_live_display(display, tty: Tty) -> None:
    with shown_on(tty, display) as screen:
        play(screen)
        assert not tty.terminal.cursor
        assert "of 2 done" in tty.terminal.text
    assert "results        /results/digits-1" in tty.terminal.text
    assert "of 2 done" not in tty.terminal.text
    assert tty.terminal.cursor


@pytest.mark.parametrize("term", ["dumb", "", "unknown", "DUMB"])
def test_a_terminal_that_cannot_move_its_cursor_gets_lines(term: str, tty: Tty, monkeypatch) -> None:
    monkeypatch.setenv("TERM", term)
    with shown_on(tty) as screen:
        play(screen)
    assert "trial 1 finished" in tty.getvalue()
    assert "\x1b" not in tty.getvalue()


def test_a_terminal_without_the_bars_signs_gets_lines(tty: Tty) -> None:
    tty.encoding = "iso8859-1"
    with shown_on(tty) as screen:
        play(screen)
    assert "\x1b" not in tty.getvalue()


def test_a_jupyter_kernel_gets_lines_even_where_it_claims_a_terminal(tty: Tty, monkeypatch) -> None:
    class IPython:
        kernel = object()
        get_ipython = classmethod(lambda cls: cls)

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    with shown_on(tty) as screen:
        play(screen)
    assert "\x1b" not in tty.getvalue()
    assert "trial 1 finished" in tty.getvalue()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_error_restores_the_terminal_and_leaves_the_summary_out(error, tty: Tty) -> None:
    def search() -> None:
        with shown_on(tty) as screen:
            play(screen)
            print("printed before")
            raise error

    with pytest.raises(error):
        search()
    assert tty.terminal.cursor
    assert "printed before" in tty.terminal.text
    assert "average" not in tty.terminal.text


def test_two_searches_share_a_terminal(tty: Tty) -> None:
    with shown_on(tty) as first, contextlib.ExitStack() as stack:
        play(first)
        second = stack.enter_context(choose_display(None, FOLDER))
        play(second)
        inner = stack.pop_all()
    assert "trial 1 finished: 0.9000" in tty.terminal.text, "a line of the second search"
    with contextlib.redirect_stdout(tty):
        inner.close()
    assert tty.terminal.text.count("results        /results/digits-1") == 2
    assert tty.terminal.cursor
    with shown_on(tty) as third:
        third.show(Played().state, [], 1.0)
        assert not tty.terminal.cursor, "the terminal is free again"


def test_an_error_leaves_the_summary_of_the_lines_out(capsys) -> None:
    def search() -> None:
        with choose_display(None, FOLDER) as screen:
            play(screen)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search()
    assert "average" not in capsys.readouterr().out


def test_a_search_that_did_not_end_has_no_summary(tty: Tty) -> None:
    with shown_on(tty) as screen:
        Played().show(screen)
    assert "average" not in tty.terminal.text
    assert tty.terminal.cursor


def test_what_is_printed_and_logged_stands_whole_above_the_live_part(tty: Tty) -> None:
    played = Played()
    logger, handler = logging.getLogger("somebody.else"), logging.StreamHandler(tty)
    logger.addHandler(handler)
    with shown_on(tty) as screen:
        played.show(screen)
        print("one [/nothing] line")
        print("half", end="", flush=True)
        print(" and half\nand \x1b[31mcolour\x1b[0m")
        print("to stderr", file=sys.stderr)
        logger.warning("logged")
        assert "nothing" not in tty.terminal.text
        print("not ended", end="")
    logger.removeHandler(handler)
    above, _, live = tty.terminal.text.partition("─" * 80)
    assert above.splitlines() == [
        "one [/nothing] line",
        "half and half",
        "and colour",
        "to stderr",
        "logged",
        "not ended",
    ]
    assert live.count("of 30 done") == 1
    assert handler.stream is tty


def test_warnings_of_maggys_own_loggers_stand_above(tty: Tty) -> None:
    # As in a program that set up no logging: pytest's own handlers are out of the way.
    code = """if True:
        import logging, sys
        sys.path.insert(0, '.')
        from tests.progress.test_choose import Tty, FOLDER, Played, choose_display
        real, sys.stdout, sys.stderr = sys.stdout, Tty(), None
        sys.stderr = tty = sys.stdout
        played = Played()
        with choose_display(None, FOLDER) as screen:
            played.show(screen)
            logging.getLogger("maggy.spark").warning("no worker yet: %d", 3)
            played.show(screen, after=1)
        real.write(tty.terminal.text)
    """
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60, env=environment
    )
    assert done.stderr == ""
    assert done.stdout.startswith("no worker yet: 3\n" + "─" * 80)


def test_stderr_in_a_file_goes_on_to_the_file(tty: Tty) -> None:
    errors = io.StringIO()
    with shown_on(tty, errors=errors) as screen:
        play(screen)
        print("to the file", file=sys.stderr)
        assert errors.getvalue() == "to the file\n"
    assert "to the file" not in tty.terminal.text


def test_a_stand_in_for_stdout_is_like_it(tty: Tty) -> None:
    with shown_on(tty):
        assert sys.stdout is not tty
        assert sys.stdout.isatty()
        assert sys.stdout.encoding == "utf-8"
        assert sys.stdout.writable()
        assert sys.stdout.getvalue() == tty.getvalue()


class Broken(io.StringIO):
    """A stdout whose reader is gone after some lines."""

    def write(self, text: str) -> int:
        if "trial 1" in text:
            raise BrokenPipeError
        return super().write(text)


def test_a_display_that_fails_goes_silent_and_the_search_goes_on(monkeypatch, caplog) -> None:
    stream = Broken()
    monkeypatch.setattr(sys, "stdout", stream)
    with choose_display(None, FOLDER) as screen:
        play(screen)
    assert re.fullmatch(r".*digits: randomsearch.*\n", stream.getvalue())
    assert [r.getMessage() for r in caplog.records] == [
        "the progress display failed and is off: BrokenPipeError()"
    ]


def test_a_live_display_that_fails_gives_the_terminal_back(tty: Tty, caplog) -> None:
    played = Played()
    with shown_on(tty) as screen:
        played.show(screen)
        assert not tty.terminal.cursor
        screen.show(played.state, [ev.Record(1, 0.0, ev.TrialFinished("unknown", 0.5))], played.now)
        assert tty.terminal.cursor
        assert sys.stdout is tty
        play(screen)
    assert len(caplog.records) == 1
