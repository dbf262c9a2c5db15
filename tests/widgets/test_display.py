"""A search as the output of a cell, in real kernels; the search itself is made up."""

from __future__ import annotations

from typing import Any

import pytest

from maggy_widgets.display import VIEW_TYPE
from tests.widgets.kernel import Kernel

SETUP = """
from maggy.core.events import TrialFinished
from maggy_widgets.display import show
from tests.widgets.fakes import FakeSource
source = FakeSource()
trial = source.start()
"""


@pytest.fixture
def notebook(kernel: Kernel) -> Kernel:
    kernel.seen.clear()
    kernel.run(SETUP)
    return kernel


def models(kernel: Kernel) -> dict[str, str]:
    """Model names of the comms that were opened, by their ids."""
    opened = [m["content"] for m in kernel.seen if m["msg_type"] == "comm_open"]
    return {c["comm_id"]: c["data"]["state"]["_model_name"] for c in opened}


def search(kernel: Kernel) -> str:
    return next(comm for comm, name in models(kernel).items() if name == "SearchModel")


def custom(kernel: Kernel, kind: str) -> list[Any]:
    """The search's custom messages of one type."""
    return [
        d["content"]
        for d in kernel.on(search(kernel))
        if d["method"] == "custom" and d["content"]["type"] == kind
    ]


def outputs(kernel: Kernel, kind: str) -> list[Any]:
    return [m["content"] for m in kernel.seen if m["msg_type"] == kind]


def reports(kernel: Kernel, cell: str) -> list[Any]:
    """What brought the output of the cell up to date, whichever cell ran then."""
    [output] = kernel.of(cell, "display_data")
    shown = output["content"]["transient"]
    return [u["data"] for u in outputs(kernel, "update_display_data") if u["transient"] == shown]


def test_the_output_is_a_view_and_a_report(notebook):
    cell = notebook.start("shown = show(source)")
    notebook.wait_for_end(cell)
    [output] = notebook.of(cell, "display_data")
    data = output["content"]["data"]
    assert set(data) == {"text/plain", "text/html", VIEW_TYPE}
    assert data[VIEW_TYPE]["search_id"] == search(notebook)
    assert "was running when this notebook was saved" in data["text/html"]
    assert models(notebook)[data[VIEW_TYPE]["model_id"]] == "VBoxModel"
    assert output["content"]["transient"]["display_id"]


def test_events_reach_the_browser_once_it_has_asked(notebook):
    notebook.run("shown = show(source)")
    assert custom(notebook, "Snapshot") == []
    notebook.ask(search(notebook), {"type": "Sync"})
    notebook.until(lambda: custom(notebook, "Snapshot"))
    notebook.run("source.progress(trial, 1, float('inf'))")
    [frame] = notebook.until(lambda: custom(notebook, "Frame"))
    assert frame["records"][0]["points"] == 1
    notebook.run("shown = show(source)  # again: another view of the same model")
    assert list(models(notebook).values()).count("SearchModel") == 1


def test_a_request_is_followed_while_the_cell_waits(notebook):
    cell = notebook.start(
        "shown = show(source)\nwhile not source.requests: shown.pump(0.05)\nshown.close(patient=False)\n"
        "print(source.requests)"
    )
    notebook.until(lambda: "SearchModel" in models(notebook).values())
    notebook.ask(search(notebook), {"type": "StopTrial", "trial": "t1", "reason": "hopeless"})
    notebook.wait_for_end(cell)
    assert "StopTrial(trial='t1', reason='hopeless')" in notebook.printed(cell)


def test_a_malformed_request_leaves_no_trace_in_the_notebook(notebook):
    notebook.run("shown = show(source)")
    message = notebook.ask(search(notebook), {"type": "AddTrials", "count": "<b>"})
    notebook.until(lambda: custom(notebook, "Refused"))
    notebook.run("")
    assert notebook.printed(message) == ""


def test_hostile_words_arrive_as_they_are_and_stop_nothing(notebook):
    notebook.run(
        "hostile = '<script>alert(1)</script>\\ud800\\x00\\x1b[31m' + 'x' * 1_000_000\n"
        "source = FakeSource(hostile[:100])\n"
        "source.log_tail = lambda trial: (hostile, 0)\n"
        "shown = show(source)\n"
        "trial = source.start(**{hostile[:100]: hostile})\n"
        "source.refusal = ValueError(hostile)"
    )
    notebook.ask(search(notebook), {"type": "Sync"})
    [snapshot] = notebook.until(lambda: custom(notebook, "Snapshot"))
    [params] = [r["params"] for r in snapshot["records"] if r["type"] == "TrialCreated"]
    [(name, value)] = params.items()
    assert name.startswith("<script>alert(1)</script>?\x00\x1b[31mx")
    assert len(value) > 1_000_000
    notebook.ask(search(notebook), {"type": "ReadLog", "trial": "t1"})
    assert len(notebook.until(lambda: custom(notebook, "Log"))[0]["text"]) > 1_000_000
    notebook.ask(search(notebook), {"type": "AddTrials", "count": 1})
    assert notebook.until(lambda: custom(notebook, "Refused"))[0]["reason"].startswith("<script>")
    notebook.run("source.crash(hostile)")
    notebook.until(lambda: custom(notebook, "Closed"))
    update, *_ = notebook.until(lambda: outputs(notebook, "update_display_data"))
    assert "<script>" not in update["data"]["text/html"]


def test_at_the_end_the_report_is_final(notebook):
    cell = notebook.start("shown = show(source)")
    notebook.wait_for_end(cell)
    notebook.run("source.happen(TrialFinished(trial, 0.9))\nsource.end()")
    data, *_ = notebook.until(lambda: reports(notebook, cell))
    [output] = notebook.of(cell, "display_data")
    assert set(data) == {"text/plain", "text/html", VIEW_TYPE}
    assert data[VIEW_TYPE] == output["content"]["data"][VIEW_TYPE]
    assert "0.9" in data["text/html"]
    assert "finished" in data["text/plain"]


def test_the_report_comes_for_each_cell_that_shows_the_search(notebook):
    first = notebook.start("shown = show(source)")
    notebook.wait_for_end(first)
    second = notebook.start("again = show(source)")
    notebook.wait_for_end(second)
    ending = notebook.start(
        "source.happen(TrialFinished(trial, 0.9))\nsource.end()\nsource.tell([])\n"
        "shown.close()\nagain.close()\nprint(len(source.listeners))"
    )
    notebook.wait_for_end(ending)
    assert notebook.printed(ending) == "1\n"  # the model's, which serves views to come
    assert all("finished" in reports(notebook, cell)[0]["text/plain"] for cell in (first, second))


def test_the_report_comes_again_in_the_cell_that_ran_meanwhile(notebook):
    first = notebook.start("shown = show(source)")
    notebook.wait_for_end(first)
    ending = notebook.start("source.happen(TrialFinished(trial, 0.9))\nsource.end()")
    notebook.wait_for_end(ending)
    update = notebook.of(ending, "update_display_data")[-1]["content"]
    assert update["transient"] == notebook.of(first, "display_data")[0]["content"]["transient"]
    assert "finished" in update["data"]["text/plain"]
    later = notebook.start("1")
    notebook.wait_for_end(later)
    assert notebook.of(later, "update_display_data") == []


def test_the_browser_has_the_report_to_keep_it(notebook):
    notebook.run("shown = show(source)")
    notebook.run("source.happen(TrialFinished(trial, 0.9))\nsource.end()\nshown.close()")
    changes = [d["state"] for d in notebook.on(search(notebook)) if "report" in d.get("state", {})]
    [report] = [change["report"] for change in changes]
    assert set(report) == {"text/plain", "text/html"}
    assert report.items() <= outputs(notebook, "update_display_data")[-1]["data"].items()


def test_the_report_comes_where_the_search_ends_while_it_is_first_shown(notebook):
    cell = notebook.start(
        "from unittest.mock import patch\nfrom maggy_widgets import display\nfirst = display.display\n"
        "def end_meanwhile(*args, **kwargs):\n"
        "    if not kwargs['update']: source.happen(TrialFinished(trial, 0.9)); source.end()\n"
        "    first(*args, **kwargs)\n"
        "with patch.object(display, 'display', end_meanwhile):\n    shown = show(source); shown.close()"
    )
    notebook.wait_for_end(cell)
    assert "finished" in notebook.of(cell, "update_display_data")[0]["content"]["data"]["text/plain"]


def test_the_report_comes_where_the_live_view_was_closed(notebook):
    cell = notebook.start("from ipywidgets import Widget\nshown = show(source)\nWidget.close_all()")
    notebook.wait_for_end(cell)
    notebook.run("source.happen(TrialFinished(trial, 0.9))\nsource.end()\nshown.close()")
    assert "finished" in reports(notebook, cell)[0]["text/plain"]


def test_a_report_that_fails_holds_up_nothing(notebook):
    cell = notebook.start(
        "from maggy_widgets import report\nfrom unittest.mock import patch\nshown = show(source)\n"
        "with patch.object(report, 'html', side_effect=RuntimeError('a bug')):\n"
        "    source.crash()\n    shown.close()"
    )
    notebook.wait_for_end(cell, seconds=8)
    assert outputs(notebook, "update_display_data") == []
    notebook.ask(search(notebook), {"type": "Sync"})
    notebook.until(lambda: custom(notebook, "Snapshot"))


def test_a_cell_that_waits_has_its_final_report_before_it_ends(notebook):
    cell = notebook.start(
        "shown = show(source)\nshown.pump(0.01)\n"
        "source.happen(TrialFinished(trial, 0.9))\nsource.end()\n"
        "shown.close()"
    )
    notebook.wait_for_end(cell)
    [update] = notebook.of(cell, "update_display_data")
    ends = [m for m in notebook.of(cell, "status") if m["content"]["execution_state"] == "idle"]
    assert notebook.seen.index(update) < notebook.seen.index(ends[0])


def test_a_search_that_is_over_is_shown_with_its_report(notebook):
    notebook.run("source.crash('the disk is full')")
    cell = notebook.start("shown = show(source); shown.close()")
    notebook.wait_for_end(cell)
    [output] = notebook.of(cell, "display_data")
    assert "was running" not in output["content"]["data"]["text/html"]
    notebook.ask(search(notebook), {"type": "Sync"})
    [closed] = notebook.until(lambda: custom(notebook, "Closed"))
    assert closed["reason"] == "the disk is full"


def test_a_search_that_rests_says_why_in_the_view(notebook):
    notebook.run("shown = show(source); source.say('the search rests: the disk is full')")
    notebook.until(lambda: hints(notebook)[-1:] == ["the search rests: the disk is full"])
    notebook.run("source.say('')")
    notebook.until(lambda: hints(notebook)[-1] == "")


def hints(notebook):
    """What the view was told to say."""
    return [d["state"]["hint"] for d in notebook.on(search(notebook)) if "hint" in d.get("state", {})]


def test_where_clicks_are_not_heard_the_view_says_so(notebook):
    notebook.run(
        "from unittest.mock import patch\n"
        "with patch('maggy_widgets.pump._open_inbox', return_value=None):\n"
        "    shown = show(source); shown.pump(0.01); shown.close(patient=False)"
    )
    notebook.until(lambda: len(hints(notebook)) > 1)
    assert hints(notebook) == [
        "Buttons work once this cell has ended; run with wait=False or %%maggy to use them while it runs",
        "",
    ]


def test_the_figures_are_drawn_when_somebody_looks(notebook):
    notebook.run("shown = show(source)")
    assert "FigureModel" not in models(notebook).values()
    pages = next(comm for comm, name in models(notebook).items() if name == "TabModel")
    notebook.send(pages, {"method": "update", "state": {"selected_index": 1}, "buffer_paths": []})
    notebook.until(lambda: "FigureModel" in models(notebook).values())
