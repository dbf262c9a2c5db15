from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maggy.core import events as ev
from maggy.core.state import State
from maggy_widgets import report
from tests.progress.experiment import HOSTILE
from tests.widgets import synthetic as syn

SVG = "{http://www.w3.org/2000/svg}"
# What JupyterLab and GitHub let through, and more than we need.
TAGS = {"div", "b", "img", "table", "tr", "th", "td", "code"}
ATTRIBUTES = {"style", "src", "alt", "width"}


class Read(HTMLParser):
    """What a browser would make of the report: its tags, attributes, text and picture."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "img":
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._open and self._open[-1] in ("td", "th"):
            self.rows[-1].append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def picture(self) -> ElementTree.Element | None:
        sources = [value or "" for name, value in self.attributes if name == "src"]
        if not sources:
            return None
        assert len(sources) == 1
        kind, _, data = sources[0].partition(",")
        assert kind == "data:image/svg+xml;base64"
        return ElementTree.fromstring(base64.b64decode(data, validate=True))

    def harmless(self) -> Read:
        assert set(self.tags) <= TAGS
        assert {name for name, _ in self.attributes} <= ATTRIBUTES
        for name, value in self.attributes:
            assert name != "style" or re.fullmatch(r"[-a-z0-9 :;.%#]*", value or "")
        picture = self.picture
        assert picture is None or {e.tag.removeprefix(SVG) for e in picture.iter()} <= {
            "svg", "defs", "clipPath", "rect", "marker", "circle", "path", "g", "text",
        }  # fmt: skip
        return self


def lines_in(picture: ElementTree.Element) -> int:
    return len(picture.findall(f"{SVG}g/{SVG}path"))


def test_it_says_what_became_of_the_search() -> None:
    read = Read(report.html(syn.search(40), "/results/digits-1a2b")).harmless()
    assert "digits finished, after 2m 59s" in read.text
    assert "40 trials: 25 finished, 13 stopped early, 1 stopped by hand, 1 failed" in read.text
    assert "best 0.9431 , trial 5: lr=0.001503, units=166" in read.text
    assert "and 29 more" in read.text
    assert "trial 29 failed: RuntimeError: out of memory" in read.text
    assert "results in /results/digits-1a2b" in read.text


def test_the_ten_best_trials_are_listed_best_first() -> None:
    state = syn.search(40)
    head, *rows = Read(report.html(state)).rows
    assert head == ["rank", "trial", "metric", "lr", "units", "dropout", "optimizer", "state", "duration"]
    found = [float(row[2]) for row in rows]
    assert found == sorted(found, reverse=True)
    assert len(rows) == 10
    assert rows[0][:3] == ["1", str(state.best.number), "0.9431"]
    assert rows[1][-2:] == ["stopped early", "3.0s"]


def test_what_a_trial_lacks_is_a_dash_and_columns_stand_as_in_the_search_space() -> None:
    head, *rows = Read(report.html(State(syn.recorded(syn.conditional())))).harmless().rows
    assert head[3:-2] == ["model", "depth", "kind", "rate"]
    assert [row[3:-2] for row in rows] == [
        ["svm", "-", "-", "0.5"],
        ["tree", "3", "x", "0.25"],
        ["tree", "4", "None", "0.75"],
    ]


def test_the_smallest_metric_comes_first_where_it_is_the_best() -> None:
    state = syn.search(40, direction="min")
    rows = Read(report.html(state)).rows[1:]
    found = [float(row[2]) for row in rows]
    assert found == sorted(found)
    assert rows[0][1] == str(state.best.number)


def test_every_curve_is_drawn_and_the_best_has_a_name() -> None:
    picture = Read(report.html(syn.search(40))).picture
    assert lines_in(picture) == 40
    words = [e.text for e in picture.findall(f"{SVG}text")]
    assert "best, trial 5" in words
    assert {"finished", "stopped early", "stopped by hand", "failed", "metric", "step"} <= set(words)
    dashed = [g for g in picture.findall(f"{SVG}g") if g.get("stroke-dasharray")]
    assert sum(len(g) for g in dashed) == 14


def test_the_stopping_rules_threshold_is_drawn() -> None:
    happened = [*syn.events(12), ev.ThresholdsChanged((0, 10, 29), (0.2, 0.7, 0.85))]
    words = [e.text for e in Read(report.html(State(syn.recorded(happened)))).picture.iter()]
    assert "stopping rule" in words


@pytest.mark.parametrize("direction", ["max", "min"])
def test_ten_thousand_trials_keep_it_small(direction: str) -> None:
    state = syn.search(10_000, steps=50, direction=direction)
    html = report.html(state, "/results")
    read = Read(html).harmless()
    assert len(html) < 100_000
    assert 300 < lines_in(read.picture) <= 400
    assert "400 of 10,000 learning curves" in [e.text for e in read.picture.iter()]
    assert "10,000 trials: " in read.text


def test_a_trial_with_many_metrics_keeps_it_small() -> None:
    started = [syn.started(3), ev.WorkerJoined("w1", 1, "host", 1)]
    created = [ev.TrialCreated("t1", 1, {"lr": 0.1}, "optimizer"), ev.TrialStarted("t1", 1, "w1")]
    steps = range(200_000)
    progressed = ev.TrialProgressed("t1", tuple(steps), tuple(0.3 + 0.001 * (n % 97) for n in steps))
    html = report.html(State(syn.recorded([*started, *created, progressed])))
    assert len(html) < 10_000


def test_it_says_that_the_search_was_running() -> None:
    state = syn.search(20, ended=False)
    read = Read(report.html(state, running=True)).harmless()
    assert "digits was running when this notebook was saved" in read.text
    assert "4 running" in read.text
    assert "experiment digits-1a2b" in read.text
    assert lines_in(read.picture) == 24
    # What has ended is not running, whoever says so.
    assert "was running" not in report.html(syn.search(20), running=True)


def test_an_experiment_without_trials() -> None:
    for happened in ([], [syn.started(10)], [syn.started(10), ev.ExperimentEnded("stopped", "by hand")]):
        read = Read(report.html(State(syn.recorded(happened)), "/results")).harmless()
        assert "no trials yet" in read.text
        assert read.picture is None
        assert read.rows == []
    assert "digits stopped, by hand, after 1.0s" in read.text


def test_trials_that_never_broadcast_are_drawn_by_their_final_metrics() -> None:
    silent = [e for e in syn.events(30) if not isinstance(e, ev.TrialProgressed)]
    read = Read(report.html(State(syn.recorded(silent)))).harmless()
    words = [e.text for e in read.picture.iter()]
    assert {"final metric", "trial", "best so far"} <= set(words)


def test_many_hyperparameters_share_a_column() -> None:
    params = {f"p{n}": n for n in range(30)}
    read = Read(report.html(one_trial(params))).harmless()
    assert read.rows[0] == ["rank", "trial", "metric", "hyperparameters", "state", "duration"]
    assert read.rows[1][3].startswith("p0=0, p1=1, ")


def test_the_text_has_the_gist() -> None:
    assert report.text(syn.search(40)).splitlines() == [
        "digits: finished, after 2m 59s",
        "40 trials: 25 finished, 13 stopped early, 1 stopped by hand, 1 failed",
        "best 0.9431, trial 5: lr=0.001503, units=166, dropout=0.0609, optimizer=sgd",
    ]
    assert report.text(State()) == "experiment: starting\nno trials yet"
    assert report.text(syn.search(8, ended=False)).startswith("digits: running\n")


def one_trial(params: dict, value: float = 0.5, name: str = "digits", words: str = "") -> State:
    """A search with a trial that has these hyperparameters, and one that failed with these words."""
    happened = [
        syn.started(3, name=name, experiment=name),
        ev.WorkerJoined("w1", 1, words, 1),
        ev.TrialCreated("t1", 1, params, "optimizer"),
        ev.TrialStarted("t1", 1, "w1"),
        ev.TrialProgressed("t1", (0, 1), (value, value)),
        ev.TrialFinished("t1", value),
        ev.TrialCreated("t2", 2, params, "optimizer"),
        ev.TrialStarted("t2", 1, "w1"),
        ev.TrialFailed("t2", words, words),
        ev.ExperimentEnded("failed", words),
    ]
    return State(syn.recorded(happened))


MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><svg onload=alert(1)>",
    "]]>&amp;",
)


@pytest.mark.parametrize("words", [*HOSTILE, *MARKUP], ids=lambda words: repr(words)[:20])
def test_hostile_words_are_only_words(words: str) -> None:
    many = {words + str(n): words for n in range(5)}
    for params in ({words: words}, many):
        html = report.html(one_trial(params, name=words, words=words), words)
        assert len(html) < 150_000
        Read(html).harmless()
        report.text(one_trial(params, name=words, words=words)).encode()


@settings(max_examples=60, deadline=None)
@given(
    words=st.text(max_size=300),
    value=st.one_of(st.none(), st.text(), st.floats(), st.integers(), st.booleans()),
)
def test_any_words_are_only_words(words: str, value: object) -> None:
    html = report.html(one_trial({words: value}, name=words, words=words), words.replace("\0", ""))
    html.encode()
    Read(html).harmless()


numbers = st.floats(allow_nan=True, allow_infinity=True)
finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=150, deadline=None)
@given(
    curve=st.lists(st.tuples(st.integers(-(2**40), 2**40), numbers), max_size=30),
    final=finite,
    direction=st.sampled_from(["max", "min"]),
)
def test_any_metrics_can_be_drawn(curve: list[tuple[int, float]], final: float, direction: str) -> None:
    steps, values = tuple(s for s, _ in curve), tuple(v for _, v in curve)
    happened = [
        syn.started(3, direction=direction),
        ev.WorkerJoined("w1", 1, "host", 1),
        ev.TrialCreated("t1", 1, {}, "optimizer"),
        ev.TrialStarted("t1", 1, "w1"),
        ev.TrialProgressed("t1", steps, values),
        ev.TrialFinished("t1", final),
    ]
    read = Read(report.html(State(syn.recorded(happened)))).harmless()
    for path in read.picture.iter(f"{SVG}path"):
        for word in re.findall(r"-?[0-9.]+", path.get("d")):
            assert abs(float(word)) < 10_000


def test_an_ablation_tells_the_effect_of_each_component() -> None:
    rows = Read(report.html(State(syn.recorded(list(syn.ablation()))))).rows
    assert rows[:4] == [
        ["without", "effect", "spread", "metric", "trials"],
        ["everything in place", "-", "0.1250", "0.6250", "2"],
        ["age", "-0.3750", "0.1250", "0.2500", "2"],
        ["<b>fare", "-", "-", "-", "0"],
    ]
