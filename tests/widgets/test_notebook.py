"""Real searches on a real local Spark, in real kernels, with a client in place of a browser."""

from __future__ import annotations

from typing import Any

import nbclient
import nbformat
import pytest

from maggy.bridge.frames import unpack
from maggy.core.events import Record
from maggy.core.state import State
from maggy.trial import Trial
from maggy_widgets.display import VIEW_TYPE
from tests.widgets.kernel import Kernel

SPARK = """
from pyspark.sql import SparkSession
settings = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.log.level": "FATAL"}
spark = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
"""

SETUP = """
%load_ext maggy_widgets
import threading
from maggy import Searchspace, experiment

space = Searchspace(x=("DOUBLE", [0.0, 1.0]))

def quick(x, reporter):
    for step in range(3):
        reporter.broadcast(x, step)
    return x

def endless(x, reporter):
    while True:
        reporter.broadcast(x)
        threading.Event().wait(0.02)

def search(train, **settings):
    settings = {"num_trials": 2, "hb_interval": 0.05, "es_policy": "none", "name": train.__name__, **settings}
    return experiment.lagom(train, space, **settings)
"""


@pytest.fixture(scope="module")
def spark(kernel: Kernel) -> Kernel:
    kernel.run(SPARK, seconds=110)
    return kernel


class Page:
    """The notebook as a browser has it: the models of searches, and the state that follows from frames."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        kernel.seen.clear()
        kernel.run(SETUP)

    def search(self) -> str:
        """The id of the model of the last search that is shown, once it is."""
        return self.kernel.until(self._searches)[-1]

    def sync(self) -> None:
        self.kernel.ask(self.search(), {"type": "Sync"})

    def state(self) -> State:
        """The state after what came so far; gaps raise."""
        state = State()
        for message in self.kernel.seen:
            if message["msg_type"] != "comm_msg" or message["content"]["comm_id"] != self._searches()[-1]:
                continue
            content = message["content"]["data"].get("content", {})
            if content.get("type") == "Snapshot":
                state = State(self._records(message))
                state.number = content["last"]
            elif content.get("type") == "Frame":
                for record in self._records(message):
                    state.apply(record)
        return state

    def running(self) -> list[Trial]:
        return [t for t in self.state().trials.values() if t.status == Trial.RUNNING and t.metric_history]

    def _searches(self) -> list[str]:
        opened = [m["content"] for m in self.kernel.seen if m["msg_type"] == "comm_open"]
        return [c["comm_id"] for c in opened if c["data"]["state"]["_model_name"] == "SearchModel"]

    def _records(self, message: Any) -> list[Record]:
        return unpack(message["content"]["data"]["content"]["records"], bytes(message["buffers"][0]))


@pytest.fixture
def page(spark: Kernel) -> Page:
    return Page(spark)


def bundles(page: Page, cell: str, kind: str) -> list[dict[str, Any]]:
    return [m["content"]["data"] for m in page.kernel.of(cell, kind)]


def test_a_trial_is_stopped_by_hand_while_the_cell_waits(page):
    cell = page.kernel.start(
        "found = search(endless, num_trials=2)\nprint(found['status'], found['num_trials'])"
    )
    page.sync()
    running = page.kernel.until(page.running)
    page.kernel.ask(page.search(), {"type": "StopTrial", "trial": running[0].trial_id, "reason": "hopeless"})
    stopped = page.kernel.until(
        lambda: [t for t in page.state().trials.values() if t.status == Trial.STOPPED and t.metric_history]
    )
    assert [(t.trial_id, t.stop_by, t.stop_reason) for t in stopped] == [
        (running[0].trial_id, "person", "hopeless")
    ]
    assert stopped[0].final_metric == stopped[0].metric_history[-1]
    page.kernel.ask(page.search(), {"type": "StopExperiment", "reason": "enough"})
    page.kernel.wait_for_end(cell)
    assert page.kernel.printed(cell) == "stopped 2\n"
    [final] = bundles(page, cell, "update_display_data")
    assert "enough" in final["text/plain"]
    assert page.kernel.until(lambda: page.state().end).status == "stopped"


def test_interrupting_the_cell_stops_the_search_kindly_and_the_next_cell_runs(page):
    cell = page.kernel.start("found = search(endless)\nprint(found['status'])")
    following = page.kernel.start("print('next')")
    page.sync()
    page.kernel.until(page.running)
    page.kernel.interrupt()
    page.kernel.wait_for_end(following)
    assert (page.kernel.printed(cell), page.kernel.printed(following)) == ("stopped\n", "next\n")


def test_in_the_background_cells_go_on_and_more_trials_can_be_added(page):
    cell = page.kernel.start("%%maggy -o h\nsearch(endless, num_trials=1)\nprint('goes on')")
    page.sync()
    page.kernel.wait_for_end(cell)
    assert page.kernel.printed(cell) == "goes on\n"
    page.kernel.until(page.running)
    page.kernel.ask(page.search(), {"type": "AddTrials", "count": 1})
    page.kernel.until(lambda: len(page.running()) == 2)
    again = page.kernel.start("%maggy attach")
    page.kernel.wait_for_end(again)
    assert "running" in bundles(page, again, "display_data")[0]["text/plain"]
    assert page.kernel.run("h.stop('enough')\nprint(h.result()['status'])") == "stopped\n"
    page.kernel.until(lambda: page.state().end)
    updates = page.kernel.until(
        lambda: [m for m in page.kernel.seen if m["msg_type"] == "update_display_data"][1:]
    )
    assert "enough" in updates[0]["content"]["data"]["text/plain"]


def test_several_searches_at_once(page):
    cell = page.kernel.start("%%maggy\na = search(quick, name='one')\nb = search(quick, name='two')")
    page.kernel.wait_for_end(cell)
    assert len(bundles(page, cell, "display_data")) == 2
    assert page.kernel.run("print(a.result()['status'], b.result()['status'])") == "finished finished\n"
    listed = page.kernel.start("%maggy")
    page.kernel.wait_for_end(listed)
    last = bundles(page, listed, "execute_result")[0]["text/plain"].splitlines()[-2:]
    assert [line.split()[1:3] for line in last] == [["one", "finished"], ["two", "finished"]]


def test_a_notebook_that_is_executed_without_a_browser_keeps_the_final_report(tmp_path, monkeypatch):
    cells = [SPARK + SETUP, "found = search(quick)", "%%maggy\nh = search(quick)", "h.result()['status']"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    monkeypatch.chdir(tmp_path)
    nbclient.execute(notebook, cwd=str(tmp_path), timeout=110, kernel_name="python3")
    [output] = [o for o in notebook.cells[1].outputs if o.output_type == "display_data"]
    assert set(output.data) == {"text/plain", "text/html", VIEW_TYPE}
    assert "finished" in output.data["text/plain"]
    assert "was running" not in output.data["text/html"]
    assert notebook.cells[3].outputs[0].data["text/plain"] == "'finished'"
