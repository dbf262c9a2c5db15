from __future__ import annotations

import io
import re

import pytest

from maggy.core import events as ev
from maggy.progress.lines import LinesDisplay
from tests.progress.experiment import FOLDER, HOSTILE, Played


class Lines(LinesDisplay):
    """A display on a string."""

    def __init__(self, played: Played, encoding: str = "utf-8") -> None:
        self.bytes = io.BytesIO()
        stream = io.TextIOWrapper(self.bytes, encoding, write_through=True)
        super().__init__(FOLDER, stream)
        self._encoding = encoding

    @property
    def text(self) -> str:
        return self.bytes.getvalue().decode(self._encoding)

    @property
    def lines(self) -> list[str]:
        """Without their time."""
        return [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in self.text.splitlines()]


def test_every_event_worth_a_line_has_one() -> None:
    played = Played(num_trials=8)
    screen = Lines(played)
    played.watched_by(screen)
    played.finish(0.9, took=9, lr=0.003)
    played.finish(0.5, took=0.25)
    played.fail("ValueError: too high", took=0.25)
    played.stop_early()
    lost = played.start()
    played.happen(ev.TrialRequeued(lost, "connection closed"))
    played.happen(ev.EarlyStopDisabled("KeyError: 3"))
    assert screen.lines == [
        "digits: randomsearch (max), 8 trials; results in /results/digits-1",
        "trial 1 finished: 0.9000, new best after 9.0s (lr=0.003)",
        "trial 2 finished: 0.5000 after 0.2s (lr=0.003, units=64)",
        "trial 3 failed: ValueError: too high (lr=0.003, units=64); log: /results/digits-1/trials/0003.log",
        "trial 4 stopped early: step 7: best 0.61 below median 0.74",
        "trial 5 lost its worker and will run again: connection closed",
        "early stopping is off, its rule failed: KeyError: 3",
    ]
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in screen.text.splitlines())


def test_a_trial_stopped_by_hand_and_stops_of_the_whole_experiment() -> None:
    played = Played()
    screen = Lines(played)
    played.stop_early("no hope", by="person")
    played.happen(ev.ExperimentStopping("interrupted by Ctrl-C", False))
    played.show(screen)
    assert "trial 1 stopped by hand: no hope" in screen.lines
    assert "stopping: interrupted by Ctrl-C" in screen.lines
    assert "stopping kindly; Ctrl-C again to abort" in screen.lines


def test_stops_that_follow_from_the_experiments_end_are_not_told_one_by_one() -> None:
    played = Played()
    screen = Lines(played)
    played.stop_early("interrupted", by="experiment")
    played.show(screen)
    assert not any("trial 1" in line and "stopped" in line for line in screen.lines)


def test_a_failed_optimizer_is_told_and_an_exhausted_one_is_not() -> None:
    played, other = Played(), Played()
    screen, silent = Lines(played), Lines(other)
    played.happen(ev.SuggestionsEnded("IndexError: 9"))
    other.happen(ev.SuggestionsEnded(None))
    played.show(screen)
    other.show(silent)
    assert "the optimizer failed; running trials end, no more start: IndexError: 9" in screen.lines
    assert "optimizer failed" not in silent.text


def test_thousands_of_fast_trials_are_summed_up_and_a_failure_among_them_is_seen() -> None:
    played = Played(num_trials=20_000)
    screen = Lines(played)
    for tenth in range(100):
        for _ in range(100):
            played.finish(0.5, took=0.001)
        if tenth == 70:
            played.fail("ValueError: seen", took=0.0)
        played.show(screen)
    assert len(screen.lines) < 60
    assert any("ValueError: seen" in line for line in screen.lines)
    screen.close(True)
    told = sum(line.startswith("trial") and "finished" in line for line in screen.lines)
    summed = sum(int(m.replace(",", "")) for m in re.findall(r"([\d,]+) more finished", screen.text))
    assert told + summed == 10_000


def test_the_best_metric_is_told_in_the_end_where_its_line_was_held_back() -> None:
    played = Played(num_trials=1000)
    screen = Lines(played)
    for number in range(200):
        played.finish(number / 200, took=0.001)
        played.show(screen)
    played.show(screen, after=5)
    assert "new best 0.9950: trial 200 (lr=0.003, units=64)" in screen.lines


def test_a_progress_line_now_and_then() -> None:
    played = Played(num_trials=30)
    screen = Lines(played)
    played.show(screen)
    for value in (0.5, 0.91, 0.7):
        played.finish(value, took=4)
        played.show(screen)
    played.fail(took=4)
    played.stop_early()
    played.start("w1")
    played.show(screen, after=2)
    progress = [line for line in screen.lines if " of 30 done" in line]
    assert progress == [
        "3 of 30 done; best 0.9100 (lr=0.003, units=64); about 55s left",
    ]
    played.show(screen, after=10)
    assert screen.lines[-1] == (
        "5 of 30 done, 1 running, 1 stopped early, 1 failed; best 0.9100 (lr=0.003, units=64); about 40s left"
    )


def test_progress_lines_grow_apart_and_come_even_where_nothing_happens() -> None:
    played = Played()
    screen = Lines(played)
    played.start()
    played.show(screen)
    for _ in range(60 * 60):
        played.show(screen, after=1)
    quiet = sum("done" in line for line in screen.lines)
    assert quiet == 12
    busy = Played(num_trials=10_000)
    screen = Lines(busy)
    for _ in range(60 * 60):
        busy.finish(0.5, took=1)
        busy.show(screen)
    assert 80 < sum(" of 10,000 done" in line for line in screen.lines) < 130


def test_a_wait_for_workers_is_told_once_and_so_is_its_end() -> None:
    played = Played(workers=0)
    screen = Lines(played)
    for _ in range(50):
        played.show(screen, after=0.1)
    played.join(3)
    played.start()
    played.show(screen, after=0.1)
    assert screen.lines[1:] == ["waiting for workers", "running on 3 workers"]


def test_workers_that_come_at_once_are_no_news() -> None:
    played = Played(workers=0)
    screen = Lines(played)
    played.show(screen, after=0.5)
    played.join(3)
    played.start()
    played.show(screen, after=0.5)
    assert len(screen.lines) == 1


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_makes_harmless_lines(text: str) -> None:
    played = Played(name=text, optimizer=text)
    screen = Lines(played)
    played.watched_by(screen)
    played.finish(0.5, took=0, **{text: text})
    played.fail(text, took=0)
    played.stop_early(text)
    played.end("failed", text)
    # The beginning, an event each, and the new best of the trial that was stopped.
    assert len(screen.text.split("\n")) == 5 + 1
    screen.close(True)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", screen.text)
    assert max(map(len, screen.text.splitlines())) < 700


def test_a_stream_that_cannot_say_everything_gets_question_marks() -> None:
    played = Played(name="宽")
    screen = Lines(played, encoding="ascii")
    played.show(screen)
    assert screen.lines[0].startswith("?: randomsearch")


def test_the_summary() -> None:
    played = Played(num_trials=8)
    screen = Lines(played)
    played.watched_by(screen)
    played.finish(0.9, lr=0.0031622776)
    played.finish(0.3, lr=0.1)
    for number in range(5):
        played.fail(f"ValueError: {number}")
    played.stop_early()
    played.now += 3600
    played.end("failed", "5 of 8 trials failed (max_failures=4)")
    before = len(screen.lines)
    screen.close(True)
    assert screen.lines[before:] == [
        "digits: failed, 5 of 8 trials failed (max_failures=4)",
        "  optimizer      randomsearch",
        "  direction      max",
        "  trials         8 (2 finished, 1 stopped early, 5 failed)",
        "  best           0.9000  trial 1: lr=0.00316228",
        "  worst          0.3000  trial 2: lr=0.1",
        "  average        0.6033",
        "  early stopped  1",
        "                 trial 8: step 7: best 0.61 below median 0.74",
        "  failed         5",
        "                 trial 3: ValueError: 0 (trials/0003.log)",
        "                 trial 4: ValueError: 1 (trials/0004.log)",
        "                 trial 5: ValueError: 2 (trials/0005.log)",
        "                 … and 2 more",
        "  total time     1h 01m",
        "  results        /results/digits-1",
    ]


def test_the_summary_of_an_ablation_tells_effects() -> None:
    nothing = {"ablated_feature": "None"}
    played = Played(num_trials=8, baseline=nothing)
    screen = Lines(played)
    played.watched_by(screen)
    for metric in (0.5, 0.75):
        played.finish(metric, **nothing)
    played.finish(0.25, ablated_feature="age")
    for metric in (0.75, 0.75):
        played.finish(metric, ablated_feature="fare")
    played.fail("ValueError: no such feature", ablated_feature="gone")
    played.end()
    screen.close(True)
    at = next(n for n, line in enumerate(screen.lines) if line.startswith("  base "))
    assert screen.lines[at : at + 4] == [
        "  base           0.6250 ± 0.1250 of 2 trials",
        "  effects        -0.3750 without age: 0.2500",
        "                 +0.1250 ± 0.1250 without fare: 0.7500",
        "                 - without gone: no trial returned a metric",
    ]


def test_the_summary_of_a_stopped_search_tells_who_stopped_which() -> None:
    played = Played()
    screen = Lines(played)
    played.stop_early(by="person")
    played.happen(ev.TrialCreated("waits", 2, {}, "optimizer"))
    played.happen(ev.ExperimentStopping("interrupted by Ctrl-C", False))
    played.happen(ev.TrialCancelled("waits"))
    played.end("stopped", "interrupted by Ctrl-C")
    played.show(screen)
    screen.close(True)
    assert "digits: stopped, interrupted by Ctrl-C" in screen.lines
    assert "  trials         1 (1 stopped by hand); 1 never ran" in screen.lines
    assert "  early stopped  0" in screen.lines


def test_the_summary_of_a_search_without_any_metric() -> None:
    played = Played(num_trials=1)
    screen = Lines(played)
    played.fail()
    played.end()
    played.show(screen)
    screen.close(True)
    assert "  best           none: no trial ended with a metric" in screen.lines
    assert "  average        -" in screen.lines


def test_why_a_search_rests_is_a_line_and_that_it_goes_on() -> None:
    screen = Lines(Played())
    screen.say("the search rests: no \x1b[2J room")
    screen.say("")
    assert screen.lines == ["the search rests: no room", "the search goes on"]
