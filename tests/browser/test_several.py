"""A search with two objectives, as a person sees it: its Pareto front."""

from playwright.sync_api import expect

from tests.browser.cells import REPLAY
from tests.browser.conftest import OpenNotebook
from tests.browser.page import NotebookPage
from tests.browser.search import SearchView
from tests.browser.test_look import is_dark, take
from tests.waiting import eventually

# Each point is tried once; only that with 0.6 is surpassed.
TWO = """
points = {"large": (0.9, 8.0), "small": (0.7, 4.0), "odd": (0.6, 5.0), "tiny": (0.5, 2.0)}

def returns(size, reporter):
    accuracy, latency = points[size]
    reporter.broadcast(accuracy)
    return {"accuracy": accuracy, "latency": latency}

found = search("two", Searchspace(size=("CATEGORICAL", list(points))), returns, optimizer="gridsearch",
               direction={"accuracy": "max", "latency": "min"})
print(sorted(tuple(trial["objectives"].values()) for trial in found["pareto_front"]))
"""
FRONT = "on the Pareto front, finished"


def test_the_front_is_shown_in_header_table_and_scatter(spark_notebook: NotebookPage) -> None:
    notebook = spark_notebook
    notebook.replace_cells([TWO])
    view = SearchView(notebook.run(0))
    expect(view.output).to_contain_text("[(0.5, 2.0), (0.7, 4.0), (0.9, 8.0)]")
    expect(view.status).to_have_text("Finished")
    expect(view.header).to_contain_text("maximise accuracy, minimise latency")
    expect(view.header).to_contain_text("Best accuracy, the first objective")
    expect(view.header.locator(".maggy-fact").filter(has_text="Pareto front")).to_contain_text("3trials")

    numbers = {size: view.row_with(size) for size in ("large", "small", "odd", "tiny")}
    marks = {size: row.get_by_role("img") for size, row in numbers.items()}
    expect(marks["large"]).to_have_accessible_name(f"best accuracy, {FRONT}")
    expect(marks["small"]).to_have_accessible_name(FRONT)
    expect(marks["tiny"]).to_have_accessible_name(FRONT)
    expect(marks["odd"]).to_have_accessible_name("finished")
    expect(numbers["tiny"]).to_contain_text("2.00")
    view.output.get_by_role("searchbox", name="Filter trials").fill("front latency<5")
    expect(view.output.get_by_text("2 of 4 trials")).to_be_visible()
    view.output.get_by_role("searchbox", name="Filter trials").fill("")

    view.space.get_by_role("button", name="Scatter").click()
    expect(view.space.get_by_label("across")).to_have_value("latency")
    expect(view.space.get_by_label("up")).to_have_value("accuracy")
    plot = view.space.get_by_role("application")
    plot.focus()
    spoken = view.space.locator("[aria-live]")
    for words in ("accuracy 0.500, latency 2.000", "accuracy 0.700, latency 4.000"):
        notebook.page.keyboard.press("ArrowRight")
        expect(spoken).to_contain_text(f"on the Pareto front, {words}")
    notebook.page.keyboard.press("ArrowRight")
    expect(spoken).to_contain_text("finished, accuracy 0.600, latency 5.000")
    assert notebook.errors == []


def test_pictures_of_two_objectives(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([REPLAY.format("60, directions=('max', 'min')"), "replay.end()"], height=1800)
    notebook.hide_code()
    view = SearchView(notebook.run(0))
    expect(view.kind(60)).to_be_visible()
    notebook.use_theme("light")
    take(notebook, view, "several-parallel")
    view.space.get_by_role("button", name="Scatter").click()
    take(notebook, view, "several-light")
    notebook.use_theme("dark")
    eventually(lambda: is_dark(view.curves), 30)
    take(notebook, view, "several-dark")
    notebook.use_theme("light")
    notebook.make_wide(600)
    take(notebook, view, "several-narrow")
    view.output.get_by_role("tab", name="Figures").click()
    front = view.output.locator(".bqplot.figure").filter(has_text="latency, lower is better")
    expect(front.locator("path.line").first).to_be_visible()
    notebook.make_wide(1200)
    notebook.screenshot("several-figures", view.output)
    notebook.run(1)
    expect(view.status).to_have_text("Finished")
    assert notebook.errors == []
