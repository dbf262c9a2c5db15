"""The benchmark of search algorithms with Syne Tune, Gaussian processes and the plot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.quality.curves import EPOCHS, SPACE, Curves

pytestmark = [pytest.mark.torch, pytest.mark.timeout(300)]


def test_maggys_gaussian_process_is_optunas() -> None:
    from benchmarks.quality import optunas, ours

    mine, theirs, drawn = (
        lib.search(algorithm, 0, Curves(), 8, 5 * 3600.0)
        for lib, algorithm in ((ours, "gp"), (optunas, "gp"), (optunas, "random"))
    )
    assert sorted(loss for _, loss in mine) == sorted(loss for _, loss in theirs)
    assert sorted(loss for _, loss in mine) != sorted(loss for _, loss in drawn)


def test_syne_tunes_gaussian_process_sees_each_metric_beside_its_point() -> None:
    from benchmarks.quality import synetunes
    from benchmarks.quality.clock import replay

    curves = Curves()
    space = {name: synetunes._domain(*spec) for name, spec in SPACE.items()}
    scheduler = synetunes.SEARCHES["gp"](space, 0)
    replay(synetunes.SyneTune(scheduler), curves, 8, 2 * 3600.0)
    searcher = scheduler.searcher
    known = list(searcher.trial_observations)
    assert known != sorted(known), "trials ended in their order, which shows nothing"
    assert searcher.objectives().tolist() == [
        curves.metric(config, EPOCHS - 1) for config in searcher._configs_with_results()
    ]


def test_the_command_prints_draws_and_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from benchmarks.quality import __main__ as command

    options = ["--seeds", "2", "--hours", "2", "--algorithms", "random", "tpe", "gp"]
    kept, picture = tmp_path / "kept", tmp_path / "quality.png"
    monkeypatch.setattr(sys, "argv", ["quality", *options, "--keep", str(kept), "--plot", str(picture)])
    with pytest.raises(SystemExit) as first:
        command.main()
    table = capsys.readouterr().out.splitlines()[:-1]
    assert first.value.code in (0, False)
    assert sum(line.startswith(("| random", "| tpe", "| gp")) for line in table) == 9
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert len(list(kept.iterdir())) == 18
    with pytest.raises(SystemExit):
        command.main()
    assert capsys.readouterr().out.splitlines()[:-1] == table
