"""Notebooks over a real Livy: the three kernels, and what goes wrong in life."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.livy.kernels import IPYTHON, PYSPARK, View, running
from tests.widgets.kernel import Kernel
from tools.livy.server import RECOVERY, LivyServer, livy_server

LOCAL = """
from pyspark.sql import SparkSession
settings = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1"}
spark = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
"""
# The same for every kernel. The trials learn until the search is stopped; a sleep is their work.
BODY = """
import time
from maggy import Searchspace, experiment

def train(x, reporter):
    while True:
        reporter.broadcast(x)
        time.sleep(0.05)

experiment.lagom(train, Searchspace(x=("DOUBLE", [0.0, 1.0])), num_trials=4, hb_interval=0.1,
                 es_policy="none", name="afar")
print("goes on")
"""
# All but the last of these trials end; its work is a sleep, too.
THREE_END = """
import os, time
from maggy import Searchspace, experiment

def train(x, reporter):
    reporter.broadcast(x)
    while x == 3:
        time.sleep(0.05)
        reporter.broadcast(x)
    return x

experiment.lagom(train, Searchspace(x=("DISCRETE", [0, 1, 2, 3])), optimizer="gridsearch", num_trials=4,
                 hb_interval=0.1, es_policy="none", name="mortal")
"""
ENDS = BODY.replace("while True", "for _ in range(4)").replace(
    "time.sleep(0.05)\n", "time.sleep(0.05)\n    return x\n"
)


@pytest.fixture(scope="module", params=["plain", "ipython", "pyspark"])
def notebook(request: pytest.FixtureRequest, livy: LivyServer, tmp_path_factory: pytest.TempPathFactory):
    """A kernel, the first line of a cell that searches, and that of one that runs in the kernel itself."""
    home = tmp_path_factory.mktemp(request.param)
    with running(PYSPARK if request.param == "pyspark" else IPYTHON, livy.url, home) as kernel:
        first = "%%maggy -o found"
        if request.param == "plain":
            kernel.run(LOCAL, 120)
        elif request.param == "ipython":
            add(kernel, livy.url)
            first += " -s one"
        yield kernel, first, "%%local\n" if request.param == "pyspark" else ""


def test_a_cell_is_the_same_in_each_kernel(notebook: tuple[Kernel, str, str]) -> None:
    kernel, first, here = notebook
    assert "goes on" in kernel.run(first + BODY, 180)
    view = View(kernel)
    view.expect_growth()
    stop = {"type": "StopTrial", "trial": running_trial(view), "reason": "no hope"}
    kernel.ask(view.comm, stop)
    kernel.until(lambda: view.events("TrialStopDecided"))
    kernel.run(f"{here}found.add_trials(1)")
    kernel.until(lambda: view.events("TrialsAdded"))
    kernel.ask(view.comm, {"type": "EnqueueTrial", "params": {"x": 0.5}})
    kernel.until(lambda: [e for e in view.events("TrialCreated") if "person" in e.values()])
    kernel.ask(view.comm, {"type": "EnqueueTrial", "params": {"x": 7.0}})
    assert "x" in kernel.until(lambda: view.messages("Refused"))[-1]["reason"]
    printed = kernel.run(f"{here}found.stop(); print(found.result(30)['status'])")
    assert "stopped" in printed
    kernel.until(lambda: view.events("ExperimentEnded"))


def test_what_fails_in_the_session_is_shown_as_sparkmagic_shows_it(livy: LivyServer, tmp_path: Path) -> None:
    with remote(livy.url, tmp_path) as kernel:
        assert "ZeroDivisionError" in kernel.run("%%maggy -s one\n1 / 0")
        assert "UsageError: sparkmagic knows no session 'two'" in kernel.run("%%maggy -s two\n1")


def test_the_view_is_live_while_another_remote_cell_runs(livy: LivyServer, tmp_path: Path) -> None:
    with remote(livy.url, tmp_path) as kernel:
        kernel.run("%%maggy -s one -o found" + BODY)
        view = View(kernel)
        # A cell that is busy until somebody writes.
        os.mkfifo(pipe := tmp_path / "pipe")
        cell = kernel.start(f"%%spark -s one\nopen({str(pipe)!r}).read()")
        kernel.until(lambda: any("Progress" in str(m["content"]) for m in kernel.of(cell, "display_data")))
        view.expect_growth()
        pipe.write_text("go on")
        kernel.wait_for_end(cell)
        kernel.run("found.stop(); found.result(30)")


def test_a_livy_that_is_away_for_ten_seconds_loses_nothing(tmp_path: Path) -> None:
    with livy_server(conf=RECOVERY) as livy, remote(livy.url, tmp_path) as kernel:
        kernel.run("%%maggy -s one -o found" + BODY)
        view = View(kernel)
        view.expect_growth()
        livy.kill()
        back = time.monotonic() + 10
        kernel.until(lambda: any("Livy cannot be reached" in hint for hint in view.hints()))
        kernel.until(lambda: time.monotonic() > back)
        livy.start()
        kernel.until(lambda: view.hints()[-1] == "", 60)
        view.expect_growth()
        numbers = [(f["first"], f["last"]) for f in view.messages("Frame")]
        assert all(after[0] == before[1] + 1 for before, after in pairwise(numbers))
        kernel.run("found.stop(); assert found.result(30)['status'] == 'stopped'")


def test_another_kernel_takes_up_a_search_that_runs_and_one_that_is_over(
    livy: LivyServer, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        kernel = stack.enter_context(running(IPYTHON, livy.url, make(tmp_path / "first")))
        add(kernel, livy.url)
        kernel.run("%%maggy -s one -o found" + BODY)
        experiment = View(kernel).experiment
        kernel._manager.signal_kernel(9)
        other = stack.enter_context(running(IPYTHON, livy.url, make(tmp_path / "second")))
        other.run("%load_ext sparkmagic.magics")
        assert "which Livy?" in other.run(f"%maggy attach {experiment} -i 0")
        other.run(f"%maggy attach {experiment} -u {livy.url}")
        view = View(other)
        assert view.experiment == experiment
        view.expect_growth()
        other.ask(view.comm, {"type": "StopExperiment", "reason": "seen enough"})
        other.until(lambda: view.events("ExperimentEnded"))
        third = stack.enter_context(running(PYSPARK, livy.url, make(tmp_path / "third")))
        third.run(f"%maggy attach {experiment[:-2]}")
        snapshot = View(third).messages("Snapshot")[0]["records"]
        assert snapshot[-1]["type"] == "ExperimentEnded"


def test_a_session_that_dies_is_told_and_its_folder_has_the_trials(livy: LivyServer, tmp_path: Path) -> None:
    with remote(livy.url, tmp_path) as kernel:
        kernel.run("%%maggy -s one -o found" + THREE_END)
        view = View(kernel)
        kernel.until(lambda: len(finished(view)) == 3, 60)
        driver = re.findall(r"driver is (\d+)", kernel.run("%%spark -s one\nprint('driver is', os.getpid())"))
        os.kill(int(driver[0]), signal.SIGKILL)
        printed = kernel.run(
            "try: found.result(90)\nexcept Exception as error: print(type(error).__name__, error)", 120
        )
        assert "the Livy session one has failed" in printed
        kernel.until(lambda: "Livy session one has failed" in str(view.messages("Closed")))
        journal = Path(kernel.run("print(found.path)").strip(), "events.jsonl").read_text()
        assert journal.count('"TrialFinished"') == 3
        kernel.run(f"%maggy attach {view.experiment}")
        assert {e["value"] for e in finished(View(kernel))} == {0, 1, 2}


def test_maggy_is_sent_where_it_is_missing(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    with (
        livy_server(python=tmp_path / "bare" / "bin" / "python") as livy,
        remote(livy.url, tmp_path) as kernel,
    ):
        assert "No module named 'maggy'" in kernel.run("%%spark -s one\nimport maggy")
        kernel.run("%%maggy -s one -o found" + ENDS)
        assert "finished" in kernel.run("print(found.result(60)['status'])", 90)


def running_trial(view: View) -> str:
    return str(known(view, "TrialStarted")[0]["trial"])


def finished(view: View) -> list[dict[str, Any]]:
    return known(view, "TrialFinished")


def known(view: View, kind: str) -> list[dict[str, Any]]:
    """The events of one type that the view has, those of its last snapshot too."""
    records: list[dict[str, Any]] = []
    for message in view.messages("Snapshot", "Frame"):
        records = ([] if message["type"] == "Snapshot" else records) + message["records"]
    return [record for record in records if record["type"] == kind]


@contextmanager
def remote(livy: str, home: Path) -> Iterator[Kernel]:
    """IPython with a session 'one'."""
    with running(IPYTHON, livy, make(home)) as kernel:
        add(kernel, livy)
        yield kernel
        kernel.run("%spark delete -s one")


def add(kernel: Kernel, livy: str) -> None:
    kernel.run("%load_ext sparkmagic.magics")
    kernel.run(f"%spark add -s one -l python -u {livy} -t None", 180)


def make(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder
