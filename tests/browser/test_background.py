"""Searches in the background: the magics, and pages that come back or come in addition."""

import re

from playwright.sync_api import expect

from tests.browser.page import NotebookPage
from tests.browser.search import SearchView
from tests.waiting import eventually

BY_HAND = re.compile("stopped by hand")


def test_cells_go_on_beside_the_search(spark_notebook: NotebookPage) -> None:
    notebook = spark_notebook
    notebook.replace_cells(
        [
            "%%maggy -o found\nsearch('magic')\nprint('goes on')",
            "print('meanwhile', found.done)",
            "%maggy",
            "%maggy attach",
            "%%maggy\nimport math\nmath.sqrt(-1)",
            "found['status']",
        ]
    )
    output = notebook.run(0)
    expect(output).to_contain_text("goes on")
    view = SearchView(output)
    view.expect_live(1, 2)
    expect(notebook.run(1)).to_have_text("meanwhile False")
    listed = notebook.run(2).get_by_role("row").filter(has_text="magic")
    expect(listed).to_contain_text("running")
    again = SearchView(notebook.run(3))
    again.expect_live(1, 2)
    again.stop(1).click()
    for each in (view, again):
        expect(each.kind(1)).to_have_accessible_name(BY_HAND)
    error = notebook.run(4).locator(".jp-RenderedText")
    expect(error).to_contain_text("----> 3 math.sqrt(-1)")
    expect(error).not_to_contain_text("maggy_widgets")
    notebook.touch("magic")
    expect(notebook.run(5)).to_contain_text("'finished'")
    for each in (view, again):
        expect(each.status).to_have_text("Finished")
    assert view.counts() == again.counts() == {"finished": 3, "stopped by hand": 1}
    assert notebook.errors == []


def test_a_page_comes_back_and_another_one_comes_while_a_cell_waits(spark_notebook: NotebookPage) -> None:
    notebook = spark_notebook
    notebook.replace_cells(["found = search('back')"])
    view = SearchView(notebook.start(0))
    view.expect_live(1, 2)
    notebook.save()
    notebook.reload()
    view.expect_live(1, 2)
    view.stop(1).click()
    expect(view.kind(1)).to_have_accessible_name(BY_HAND)

    second = notebook.another()
    other = SearchView(second.output(0))
    other.expect_live(2, 3)
    expect(other.kind(1)).to_have_accessible_name(BY_HAND)
    other.stop(2).click()
    expect(view.kind(2)).to_have_accessible_name(BY_HAND)
    eventually(lambda: view.counts() == other.counts() == {"stopped by hand": 2, "running": 2}, 30)
    notebook.touch("back")
    for each in (view, other):
        expect(each.status).to_have_text("Finished")
    second.page.close()
    notebook.wait_for_kernel()
    assert notebook.errors == second.errors == []


def test_a_page_comes_back_while_a_search_runs_in_the_background(spark_notebook: NotebookPage) -> None:
    notebook = spark_notebook
    notebook.replace_cells(["search('behind', wait=False)"])
    view = SearchView(notebook.run(0))
    view.expect_live(1, 2)
    notebook.save()
    notebook.reload()
    view.expect_live(1, 2)
    view.stop(2).click()
    expect(view.kind(2)).to_have_accessible_name(BY_HAND)
    view.expect_live(1, 3)
    notebook.touch("behind")
    expect(view.status).to_have_text("Finished")
    eventually(lambda: "was running" not in _saved_report(notebook))
    assert "4 trials" in _saved_report(notebook)
    assert notebook.errors == []


def _saved_report(notebook: NotebookPage) -> str:
    """The report that the saved notebook has of the search of its first cell."""
    return str(notebook.save().cells[0].outputs[0]["data"]["text/html"])
