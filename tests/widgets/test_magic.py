"""`%%maggy` and `%maggy` in real kernels; the searches are made up."""

from __future__ import annotations

import re

import pytest

from maggy_widgets.magic import as_plain_cell
from tests.widgets.kernel import Kernel

SETUP = """
from pathlib import Path
from maggy import handle as handles, notebook
from tests.widgets.fakes import FakeSource

class Search(FakeSource):
    def __init__(self, name):
        super().__init__(name)
        self.id, self.path, self.done = self.experiment, Path(name), False
    def _ipython_display_(self):
        notebook.show(self)

def lagom(name):
    search, collect = Search(name), handles.collecting()
    if collect:
        collect(search)
    return search if collect else {"best_val": 0.5}
"""


@pytest.fixture
def notebook(kernel: Kernel) -> Kernel:
    kernel.seen.clear()
    kernel.run("%reload_ext maggy_widgets")
    kernel.run(SETUP)
    return kernel


def run(kernel: Kernel, code: str) -> str:
    """Runs a cell to its end, whichever; returns its id."""
    cell = kernel.start(code)
    kernel.wait_for_end(cell)
    return cell


def shown(kernel: Kernel, cell: str) -> list[str]:
    """The searches that a cell shows, by the first words of the reports."""
    return [m["content"]["data"]["text/plain"].split(":")[0] for m in kernel.of(cell, "display_data")]


def plain(traceback: list[str]) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(traceback))


def error(kernel: Kernel, cell: str) -> str:
    [content] = [m["content"] for m in kernel.of(cell, "error")]
    return plain(content["traceback"])


def test_searches_go_to_the_background_and_are_shown_as_they_start(notebook):
    cell = run(notebook, "%%maggy\nprint('before')\na = lagom('one')\nprint('between')\nb = lagom('two')")
    assert shown(notebook, cell) == ["one", "two"]
    order = [
        m["content"].get("text") or m["msg_type"]
        for m in notebook.seen
        if m["parent_header"]["msg_id"] == cell and m["msg_type"] in ("stream", "display_data")
    ]
    assert order == ["before\n", "display_data", "between\n", "display_data"]
    assert notebook.run("print(a.name, b.name)") == "one two\n"


def test_only_this_cells_searches(notebook):
    run(notebook, "%%maggy\nlagom('one')")
    assert notebook.run("print(lagom('two'))") == "{'best_val': 0.5}\n"


def test_a_search_that_is_the_cells_value_is_shown_once(notebook):
    cell = run(notebook, "%%maggy\nlagom('one')")
    assert shown(notebook, cell) == ["one"]
    cell = run(notebook, "%%maggy -o h\nlagom('one')\nh")
    assert shown(notebook, cell) == ["one"]
    cell = run(notebook, "h")
    assert shown(notebook, cell) == ["one"]


def test_the_handle_has_the_name_at_once_and_afterwards(notebook):
    cell = run(notebook, "%%maggy -o found\nlagom('one')\nprint('inside', found.name)")
    assert "inside one" in notebook.printed(cell)
    assert notebook.run("print(found.name)") == "one\n"


def test_of_several_the_last_one_has_the_name(notebook):
    cell = run(notebook, "%%maggy -o found\nfor name in 'abc': lagom(name)")
    assert notebook.printed(cell) == "found is the last of 3 searches; %maggy lists them all\n"
    assert notebook.run("print(found.name)") == "c\n"


@pytest.mark.parametrize(
    "body",
    [
        "x = 1\n\n1 / 0",
        "def f():\n    return {}['x']\nf()",
        "for for",
        "x = (1,\n",
        "import asyncio\nawait asyncio.sleep(0)\nraise ValueError('no')",
        "raise KeyboardInterrupt",
    ],
)
def test_errors_show_as_without_the_magic(notebook, body):
    without = error(notebook, run(notebook, f"# a line\n{body}"))
    cell = run(notebook, f"%%maggy\n{body}")
    numbered = re.compile(r"In\[\d+\]")
    as_is = error(notebook, cell).replace("get_ipython().run_line_magic('maggy', '--begin')", "# a line")
    assert numbered.sub("", as_is) == numbered.sub("", without)
    assert notebook.status(cell) == "error"
    assert notebook.run("print(lagom('next'))") == "{'best_val': 0.5}\n"


def test_an_error_stops_the_cells_that_follow(notebook, tmp_path):
    asked = tmp_path / "asked"
    waits = f"from tests.waiting import eventually\neventually(Path({str(asked)!r}).exists)"
    cells = [notebook.start(f"%%maggy\nlagom('one')\n{waits}\n1 / 0"), notebook.start("1")]
    asked.touch()
    assert [notebook.status(cell) for cell in cells] == ["error", "aborted"]
    assert notebook.run("print(lagom('next'))") == "{'best_val': 0.5}\n"


def test_a_cell_with_await(notebook):
    cell = run(notebook, "%%maggy -o h\nimport asyncio\nawait asyncio.sleep(0)\nlagom('one')\n41 + 1")
    assert shown(notebook, cell) == ["one"]
    assert notebook.of(cell, "execute_result")[0]["content"]["data"]["text/plain"] == "42"
    assert notebook.run("print(h.name, lagom('two'))") == "one {'best_val': 0.5}\n"


def test_a_cell_within_the_cell(notebook):
    cell = run(notebook, "%%maggy\nget_ipython().run_cell('1')\nlagom('one')")
    assert shown(notebook, cell) == ["one"]
    cell = run(notebook, "%%maggy\n%%time\nlagom('two')")
    assert shown(notebook, cell) == ["two"]
    assert "Wall time" in notebook.printed(cell)


def test_a_notebook_that_was_made_a_program(notebook):
    cell = run(notebook, "get_ipython().run_cell_magic('maggy', '-o h', 'lagom(\"one\")')")
    assert shown(notebook, cell) == ["one"]
    assert notebook.run("print(h.name, lagom('two'))") == "one {'best_val': 0.5}\n"


@pytest.mark.parametrize(
    ("first", "says"),
    [
        ("%%maggy -x", "%%maggy takes -o NAME and -s SESSION and no more, not '-x'"),
        ("%%maggy -o", "%maggy: argument -o: expected one argument"),
        ("%%maggy -o h now", "%%maggy takes -o NAME and -s SESSION and no more, not 'now'"),
        ("%%maggy -o 1h", "-o needs the name of a variable, not '1h'"),
        ("%%maggy -o if", "-o needs the name of a variable, not 'if'"),
        ("%maggy list", "%maggy lists searches, %maggy attach [ID] shows one"),
        ("%maggy attach a b", "%maggy lists searches, %maggy attach [ID] shows one"),
        ("%maggy attach nothing-like-it", "no search begins with 'nothing-like-it'"),
    ],
)
def test_wrong_usage_is_one_line(notebook, first, says):
    cell = run(notebook, f"{first}\nprint('must not run')" if first.startswith("%%") else first)
    assert notebook.printed(cell).startswith(f"UsageError: {says}")
    assert notebook.printed(cell).count("\n") == 1
    assert notebook.of(cell, "error") == []


def test_a_search_is_listed_and_shown_again(notebook):
    notebook.run("handles._known[:] = [search := Search('digits')]")
    cell = run(notebook, "%maggy")
    [result] = notebook.of(cell, "execute_result")
    assert "digits-1" in result["content"]["data"]["text/html"]
    assert "running" in result["content"]["data"]["text/plain"]
    for line in ("%maggy attach digits-1", "%maggy attach dig", "%maggy attach"):
        assert shown(notebook, run(notebook, line)) == ["digits"]


def test_loading_again_and_unloading(notebook):
    notebook.run("%reload_ext maggy_widgets")
    cell = run(notebook, "%%maggy\nlagom('one')")
    assert shown(notebook, cell) == ["one"]
    notebook.run("%unload_ext maggy_widgets")
    cell = run(notebook, "%%maggy\nlagom('two')")
    assert notebook.of(cell, "display_data") == []
    assert "not found" in notebook.printed(cell)


@pytest.mark.parametrize(
    "cell",
    ["", "x = 1\n%%maggy\n", "%%maggyx\n1\n", "%%maggy?\n", "%maggy\n", "%%time\n%%maggy\n"],
)
def test_other_cells_stay_as_they_are(cell):
    lines = cell.splitlines(keepends=True)
    assert as_plain_cell(lines) == lines


def test_no_line_is_lost_or_added():
    assert len(as_plain_cell(["%%maggy -o h\n", "a = 1\n", "\n", "b\n"])) == 4
    assert as_plain_cell(["%%maggy"]) == ["get_ipython().run_line_magic('maggy', '--begin')\n"]
