"""Objectives that have names: on a terminal, in lines, and in the summary."""

from __future__ import annotations

from tests.progress.experiment import HOSTILE, Played
from tests.progress.test_lines import Lines
from tests.progress.test_live import Screen

DIRECTIONS = ("max", "min")


def both(accuracy: float, latency: float) -> dict[str, float]:
    return {"accuracy": accuracy, "latency": latency}


def test_a_frame_has_the_names_and_all_that_the_best_told() -> None:
    played = Played(directions=DIRECTIONS)
    trial = played.start("w2")
    screen = Screen(played)
    played.show(screen)
    assert "(max, min)" in screen.live[0]
    assert " trial     metric " in screen.text
    played.finish(0.9, objectives=both(0.9, 8.0), lr=0.01)
    played.progress(trial, 3, 0.25)
    played.show(screen, 5)
    assert "(max accuracy, min latency)" in screen.live[0]
    assert "best accuracy 0.9000, latency 8.000  trial 2: lr=0.01" in screen.live
    assert any(line.split()[:3] == ["trial", "accuracy", "step"] for line in screen.live)
    assert any(line.split()[:3] == ["1", "0.2500", "3"] for line in screen.live)


def test_one_objective_has_its_name_in_a_frame() -> None:
    played = Played(objectives=("a_loss_with_a_long_name",), direction="min")
    played.finish(0.5)
    played.start("w2")
    screen = Screen(played)
    played.show(screen)
    assert "(min a_loss_with_a_long_name)" in screen.live[0]
    assert "best a_loss_with_a_long_name 0.5000  trial 1: lr=0.003, units=64" in screen.live
    assert any(line.split()[:2] == ["trial", "a_loss_wi…"] for line in screen.live)


def test_names_do_no_harm() -> None:
    for name in HOSTILE:
        played = Played(objectives=(name,))
        played.finish(0.5)
        played.start("w2")
        screen = Screen(played)
        played.show(screen)
        assert "0.5000" in screen.text
        assert "\x07" not in screen.out.getvalue()
        assert "\u202e" not in screen.text


def test_lines_and_summary_have_the_names() -> None:
    played = Played(directions=DIRECTIONS)
    screen = Lines(played)
    played.watched_by(screen)
    played.finish(0.9, took=9, objectives=both(0.9, 8.0), lr=0.01)
    played.show(screen, 60)
    played.stop_early()
    played.end()
    screen.close(True)
    assert "trial 1 finished: accuracy 0.9000, latency 8.000, new best after 9.0s (lr=0.01)" in screen.lines
    assert any("; best accuracy 0.9000, latency 8.000 (lr=0.01)" in line for line in screen.lines)
    assert "  best           accuracy 0.9000, latency 8.000  trial 1: lr=0.01" in screen.lines
    assert any("worst          accuracy 0.6100  trial 2: " in line for line in screen.lines)
