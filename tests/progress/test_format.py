from __future__ import annotations

import unicodedata

import pytest

from maggy.progress import format as fm
from tests.progress.experiment import HOSTILE


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_comes_out_as_short_printable_text(text: str) -> None:
    for shown in (fm.clean(text, 50), fm.params({text: text}, 50), fm.params({"a": (text,)}, 50)):
        assert len(shown) <= 50
        assert not [c for c in shown if unicodedata.category(c)[0] == "C"]
        shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\n  c", "a b c"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x07", "link"),
        ("\x1b]0;never ended", ""),
        ("[red]a", "[red]a"),
        ("été 宽", "été 宽"),
        ("\ud800", ""),
        (None, "None"),
    ],
)
def test_what_is_left_of_a_text(text: object, shown: str) -> None:
    assert fm.clean(text) == shown


def test_a_text_of_just_the_length_stays_whole() -> None:
    assert fm.shorten("abcd", 4) == "abcd"
    assert fm.shorten("abcde", 4) == "abc…"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.9, "0.9000"),
        (0.97123, "0.9712"),
        (-0.05, "-0.0500"),
        (0.0012345, "0.001234"),
        (1.0, "1.000"),
        (123.456, "123.5"),
        (12345.6, "12346"),
        (0.0, "0"),
        (1.2345678e-7, "1.235e-07"),
        (3.2e9, "3.200e+09"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (None, "-"),
    ],
)
def test_metrics(number: float | None, text: str) -> None:
    assert fm.metric(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0s"),
        (0.44, "0.4s"),
        (9.96, "10s"),
        (59.7, "1m 00s"),
        (200, "3m 20s"),
        (7500, "2h 05m"),
        (273_600, "3d 4h"),
        (-1, "0.0s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert fm.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1s"), (7.6, "8s"), (38.1, "40s"), (197, "3m 20s"), (1234, "21m 00s"), (9000, "2h 30m")],
)
def test_an_estimate_claims_no_more_than_is_known(seconds: float, text: str) -> None:
    assert fm.about(seconds) == f"about {text} left"


def test_hyperparameters_in_short_form() -> None:
    params = {"lr": 0.0031622776, "units": 64, "act": "relu", "wide": True, "big": 1_234_567.0, "t": (1, 2)}
    assert fm.params(params) == "lr=0.003162, units=64, act=relu, wide=True, big=1234567, t=(1, 2)"
    assert fm.params(params, 20) == "lr=0.003162, units=…"
