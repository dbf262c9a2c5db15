from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from maggy.core import events as ev
from maggy.progress.frame import divide
from maggy.progress.live import LiveDisplay
from tests.progress.experiment import FOLDER, HOSTILE, Played
from tests.progress.terminal import Terminal


class Screen(LiveDisplay):
    """A live display on a small terminal of our own."""

    def __init__(self, played: Played, width: int = 80, height: int = 24, **console) -> None:
        self.out = io.StringIO()
        given = {"force_terminal": True, "color_system": "truecolor", "legacy_windows": False, **console}
        super().__init__(FOLDER, Console(file=self.out, width=width, height=height, _environ={}, **given))
        self.open()

    @property
    def terminal(self) -> Terminal:
        terminal = Terminal()
        terminal.feed(self.out.getvalue())
        return terminal

    @property
    def text(self) -> str:
        return self.terminal.text

    @property
    def above(self) -> list[str]:
        """The lines that scrolled, without their time, wrapped ones joined again."""
        text = self.text.partition("────")[0]
        return re.sub(r"\n {10}", " ", re.sub(r"(?m)^\d\d:\d\d:\d\d  ", "", text)).splitlines()

    @property
    def live(self) -> list[str]:
        """The lines of the live part, below its rule."""
        return re.split(r"─{20,}\n", self.text)[1].splitlines()


def in_the_middle() -> Played:
    played = Played(num_trials=30, workers=3)
    for value in (0.9, 0.2, 0.3):
        played.finish(value)
    played.stop_early()
    played.fail()
    trial = played.start("w1", lr=0.01)
    played.progress(trial, 4, 0.25)
    played.start("w3", lr=0.02)
    played.now += 4
    return played


def test_a_frame_shows_it_all() -> None:
    played = in_the_middle()
    screen = Screen(played)
    played.show(screen)
    header, bar, legend, best, blank, names, first, second = screen.live
    assert header == "digits  randomsearch (max), 3 workers" + "44s, about 1m 00s left".rjust(43)
    assert re.fullmatch(r"█+▓+✗+░+·+  5 of 30 done", bar)
    assert len(bar) == 80
    assert legend == "█ 3 finished  ▓ 1 stopped early  ✗ 1 failed  ░ 2 running  · 23 to come"
    assert best == "best 0.9000  trial 1: lr=0.003, units=64"
    assert blank == ""
    assert names.split() == ["trial", "metric", "step", "time", "hyperparameters"]
    assert first.split() == ["6", "0.2500", "4", "4s", "lr=0.01"]
    assert second.split() == ["7", "-", "-", "4s", "lr=0.02"]
    assert not screen.terminal.cursor


def test_stops_by_hand_are_told_apart_from_early_ones() -> None:
    played = Played(num_trials=30)
    played.finish()
    for by in ("rule", "person", "person"):
        played.stop_early(by=by)
    played.start()
    screen = Screen(played, width=120)
    played.show(screen)
    _, bar, legend, *_ = screen.live
    assert re.fullmatch(r"█+▓+▒+░+·+  4 of 30 done", bar)
    assert "▓ 1 stopped early  ▒ 2 stopped by hand  ✗ 0 failed" in legend


def test_trials_added_by_hand_are_told() -> None:
    played = Played(num_trials=3)
    screen = Screen(played)
    played.happen(ev.TrialsAdded(4))
    played.happen(ev.TrialCreated("mine", 1, {"lr": 0.5}, "person"))
    played.show(screen)
    assert screen.above == ["4 trials in all from now on", "trial 1 was asked for by hand (lr=0.5)"]
    assert "0 of 4 done" in screen.text


def test_the_parts_of_the_bar_have_colours_of_their_own() -> None:
    played = in_the_middle()
    screen = Screen(played)
    played.show(screen)
    bar = next(line for line in screen.out.getvalue().splitlines() if "of 30 done" in line)
    assert len(set(re.findall(r"\x1b\[([0-9;]*38;[25];[0-9;]+)m[█▓✗░]", bar))) == 4


def test_no_colour_means_no_colour_and_the_same_words() -> None:
    played, same = in_the_middle(), in_the_middle()
    screen, coloured = Screen(played, no_color=True), Screen(same)
    played.show(screen)
    same.show(coloured)
    assert screen.text == coloured.text
    assert "38;" not in screen.out.getvalue()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 20), (160, 50), (40, 10), (20, 5), (5, 3)])
@pytest.mark.parametrize("workers", [1, 8, 300])
def test_a_frame_fits_the_terminal(width: int, height: int, workers: int) -> None:
    played = Played(num_trials=1000, workers=workers, name="a name " * 20, optimizer="optimizer" * 10)
    played.finish(0.5, took=1000)
    for number in range(1, workers + 1):
        played.start(f"w{number}", **{f"parameter{n}": "value" for n in range(10)})
    screen = Screen(played, width, height)
    played.show(screen)
    frame = screen.text.partition("─" * width)[2].splitlines()
    assert max(map(cell_len, frame)) <= width
    assert len(frame) <= height
    shown = sum("parameter0" in line or re.match(r" +\d+ +- +-", line) is not None for line in frame)
    more = re.search(r"and (\d+) more", screen.text)
    if width >= 60:
        assert shown + (int(more.group(1)) if more else 0) == workers
        assert len(frame) <= height * 2 // 3 + 1


def test_a_row_stays_where_it_is_while_trials_come_and_go() -> None:
    played = Played(workers=2)
    first = played.start("w1")
    played.start("w2", lr=0.7)
    screen = Screen(played)
    played.show(screen)
    played.happen(ev.TrialFinished(first, 0.5))
    played.start("w1")
    played.show(screen, after=1)
    assert screen.live[-1].split()[0] == "2"
    assert screen.live[-2].split()[0] == "3"


def test_trials_that_stop_or_run_again_say_so() -> None:
    played = Played(workers=2)
    first, second = played.start("w1"), played.start("w2")
    played.happen(ev.TrialStopDecided(first, "rule", "no hope", None))
    played.happen(ev.TrialRequeued(second, "gone"))
    played.happen(ev.TrialStarted(second, 2, "w2"))
    screen = Screen(played)
    played.show(screen)
    assert "stopping: lr=0.003" in screen.live[-2]
    assert "attempt 2: lr=0.003" in screen.live[-1]


def test_waiting_for_workers_and_stopping_are_said() -> None:
    played = Played(workers=0)
    screen = Screen(played)
    played.show(screen)
    assert "waiting for workers" in screen.live
    played.join(1)
    played.start()
    played.show(screen, after=1)
    assert "waiting" not in "".join(screen.live)
    played.happen(ev.ExperimentStopping("interrupted by Ctrl-C", False))
    played.show(screen, after=1)
    assert "stopping kindly; Ctrl-C again to abort" in screen.live


def test_giving_up_is_said() -> None:
    played = Played()
    screen = Screen(played)
    played.happen(ev.ExperimentStopping("5 of 9 trials failed (max_failures=4)", True))
    played.show(screen)
    assert "giving up: 5 of 9 trials failed (max_failures=4)" in screen.above
    assert "giving up; running trials are being stopped" in screen.live


def test_before_the_first_event_there_is_a_word() -> None:
    played = Played()
    screen = Screen(played)
    screen.show(type(played.state)(), [], played.now)
    assert screen.text == "starting"


def test_events_scroll_above_and_finished_trials_do_not() -> None:
    played = Played()
    screen = Screen(played)
    played.watched_by(screen)
    played.finish(0.9)
    played.finish(0.5)
    played.fail("ValueError: too high")
    played.stop_early()
    played.happen(ev.TrialRequeued(played.start(), "connection closed"))
    played.happen(ev.EarlyStopDisabled("KeyError: 3"))
    played.show(screen, after=1)
    assert screen.above == [
        "new best 0.9000: trial 1 (lr=0.003, units=64)",
        "trial 3 failed: ValueError: too high (lr=0.003, units=64) log: /results/digits-1/trials/0003.log",
        "trial 4 stopped early: step 7: best 0.61 below median 0.74",
        "trial 5 lost its worker and will run again: connection closed",
        "early stopping is off, its rule failed: KeyError: 3",
    ]


def test_a_long_path_is_left_whole_and_words_are_wrapped() -> None:
    played = Played()
    screen = Screen(played, width=40)
    played.fail("ValueError: " + "word " * 30)
    played.show(screen)
    assert "log: /results/digits-1/trials/0001.log" in screen.text
    assert max(len(line) for line in screen.text.splitlines() if "log:" not in line) <= 40


def test_redraws_are_few_and_what_happened_last_is_shown() -> None:
    played = Played(num_trials=5000)
    screen = Screen(played)
    writes = []
    write = screen.out.write
    screen.out.write = lambda text: (writes.append(played.now), write(text))[1]
    for _ in range(2000):
        played.finish(0.5, took=0.002)
        played.show(screen)
    assert 4 * 7 <= len(set(writes)) <= 4 * 8 + 1
    played.show(screen, after=0.13)
    assert "2,000 of 5,000 done" in screen.text


def test_a_calm_search_is_redrawn_for_the_clock_alone() -> None:
    played = Played()
    played.start()
    screen = Screen(played)
    writes = []
    write = screen.out.write
    screen.out.write = lambda text: (writes.append(played.now), write(text))[1]
    for _ in range(100):
        played.show(screen, after=0.1)
    assert 9 <= len(set(writes)) <= 11


def test_a_flood_of_failures_is_summed_up() -> None:
    played = Played(num_trials=5000, max_failures=5000)
    screen = Screen(played)
    played.watched_by(screen)
    for _ in range(1000):
        played.fail(took=0.01)
    played.show(screen, after=2)
    told = sum("trial" in line and "failed:" in line for line in screen.above)
    summed = sum(int(n) for n in re.findall(r"… (\d+) more failed", screen.text))
    assert told + summed == 1000
    assert told <= 6 + 3 * 10 + 1


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_does_no_harm(text: str) -> None:
    played = Played(name=text, optimizer=text)
    screen = Screen(played)
    played.watched_by(screen)
    played.finish(0.5, **{text: text})
    played.fail(text)
    played.stop_early(text)
    played.start(**{text: text})
    played.show(screen, after=1)
    # The terminal refuses every sequence but rich's own.
    assert max(map(cell_len, screen.text.splitlines())) <= 160
    assert "3 of 30 done" in screen.text
    screen.close(False)
    assert len(screen.out.getvalue()) < 50_000


def test_the_live_part_gives_way_to_the_summary() -> None:
    played = Played(num_trials=2)
    screen = Screen(played)
    played.watched_by(screen)
    played.finish(0.9)
    played.fail("ValueError: [red]x")
    played.end()
    screen.close(True)
    assert "of 2 done" not in screen.text
    lines = screen.text.rstrip().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("digits: finished ──"))
    assert [" ".join(line.split()) for line in lines[start + 1 :]] == [
        "optimizer randomsearch",
        "direction max",
        "trials 2 (1 finished, 1 failed)",
        "best 0.9000 trial 1: lr=0.003, units=64",
        "worst 0.9000 trial 1: lr=0.003, units=64",
        "average 0.9000",
        "early stopped 0",
        "failed 1",
        "trial 2: ValueError: [red]x (trials/0002.log)",
        "total time 20s",
        "results /results/digits-1",
    ]
    assert screen.terminal.cursor


def test_after_an_error_the_last_frame_stays_without_a_summary() -> None:
    played = in_the_middle()
    screen = Screen(played)
    played.show(screen)
    screen.close(False)
    assert "5 of 30 done" in screen.text
    assert "average" not in screen.text
    assert screen.terminal.cursor


@pytest.mark.parametrize("width", [1, 3, 10, 61])
@pytest.mark.parametrize(
    "counts", [[0, 0], [1, 0], [1, 999], [1, 1, 1, 997], [5, 5, 5], [999, 1, 1], [1_000_000, 1, 0, 3]]
)
def test_the_bar_is_divided_in_proportion(counts: list[int], width: int) -> None:
    cells = divide(counts, width)
    assert sum(cells) == width
    assert min(cells) >= 0
    assert all(n == 0 for n, count in zip(cells[:-1], counts[:-1], strict=True) if not count)
    if width >= 10 and any(counts):
        assert all(n > 0 for n, count in zip(cells, counts, strict=True) if count)


def test_the_bar_is_exact_where_it_can_be() -> None:
    assert divide([10, 5, 0, 15], 60) == [20, 10, 0, 30]


def test_why_a_search_rests_stays_in_sight_as_long_as_it_does() -> None:
    played = in_the_middle()
    screen = Screen(played, width=60)
    played.show(screen)
    screen.say("the search rests: No space left on device; no trials start")
    played.show(screen, after=1)
    assert "the search rests: No space left on device; no trials start" in screen.above
    assert "the search rests: No space left on device; no trials start" in screen.live
    screen.say("")
    played.show(screen, after=1)
    assert screen.above[-1] == "the search goes on"
    assert not any("rests" in line for line in screen.live)
