"""Names, values, logs and errors that are made to do harm are shown as text, and do none."""

import nbformat
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenNotebook
from tests.browser.page import NotebookPage
from tests.browser.search import SearchView

EVIL = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"
SEARCH = """
EVIL = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"
STRANGE = "\\u202egnihtemos\\x07\\x1b[31m\\x00"
evil = Searchspace(**{EVIL: ("CATEGORICAL", [EVIL, STRANGE]), "long" * 250_000: ("DOUBLE", [0.0, 1.0])})

def harm(reporter, **params):
    for step in range(5):
        reporter.broadcast(step / 5)
    print(EVIL, STRANGE)
    reporter.log("y" * 1_000_000 + EVIL)
    if params[EVIL] == EVIL:
        raise RuntimeError(EVIL + STRANGE + "x" * 1_000_000 + EVIL)
    return 1.0

again = {EVIL: EVIL, "long" * 250_000: 0.5}
found = experiment.lagom(
    harm, evil, num_trials=1, max_failures=99, wait=False, name=EVIL, description=EVIL, hb_interval=0.1
)
found.enqueue(again)
found
"""
ELEMENTS = "view => view.querySelectorAll('script, img[src=x]').length"


def test_it_is_text_wherever_it_is_shown(spark_notebook: NotebookPage, open_notebook: OpenNotebook) -> None:
    notebook = spark_notebook
    notebook.replace_cells([SEARCH, "%maggy"])
    view = SearchView(notebook.run(0))
    expect(view.status).to_have_text("Finished")
    expect(view.header).to_contain_text(EVIL[:40])
    failed = view.grid.get_by_role("row").filter(has=notebook.page.get_by_role("img", name="failed")).first
    failed.get_by_role("button", name="Open trial").click()
    detail = view.grid.locator(".maggy-detail")
    expect(detail.get_by_label("Log")).to_contain_text(EVIL)
    expect(detail.get_by_label("Traceback")).to_contain_text(EVIL)
    check(notebook, view.output)
    hover_over_curves(view)
    check(notebook, view.output)
    view.output.get_by_role("tab", name="Figures").click()
    expect(view.output.locator(".bqplot").first).to_be_visible()
    check(notebook, view.output)
    listed = notebook.run(1)
    expect(listed.get_by_role("row").filter(has_text=EVIL[:20]).first).to_be_visible()
    check(notebook, listed)

    saved = notebook.save()
    assert len(nbformat.writes(saved)) < 1_000_000
    report = open_notebook([])
    nbformat.write(saved, report.server.folder / report.name)
    report.open()
    expect(report.output(0)).to_contain_text(EVIL[:40])
    check(report, report.output(0))
    assert notebook.errors == report.errors == []


def hover_over_curves(view: SearchView) -> None:
    """Until there is a note beside the pointer."""
    plot = view.curves.locator(".maggy-plot")
    plot.scroll_into_view_if_needed()
    plot.focus()
    plot.press("ArrowRight")
    box = plot.bounding_box()
    assert box is not None
    tip = view.curves.locator(".maggy-tip")
    for x in range(10, 100, 2):
        for y in range(10, 100, 5):
            plot.hover(position={"x": box["width"] * x / 100, "y": box["height"] * y / 100})
            if tip.is_visible():
                expect(tip).to_contain_text("<img")
                return
    raise AssertionError("no note beside the pointer")


def check(notebook: NotebookPage, output: Locator) -> None:
    assert output.evaluate(ELEMENTS) == 0
    assert notebook.evaluate("() => globalThis.pwned") is None
