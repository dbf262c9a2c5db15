"""The newcomer's notebook runs from start to end."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
# What makes it take a minute, and what takes seconds.
SMALLER = {"EPOCHS = 60": "EPOCHS = 2", "num_trials=80": "num_trials=8", "num_trials=16": "num_trials=8"}


@pytest.mark.timeout(300)
def test_the_quickstart_notebook(tmp_path: Path) -> None:
    text = NOTEBOOK.read_text()
    for whole, small in SMALLER.items():
        assert text.count(whole) == 1
        text = text.replace(whole, small)
    notebook = nbformat.reads(text, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)

    NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(tmp_path)}}).execute()

    shown = [set(output.get("data", ())) for cell in code for output in cell.outputs]
    assert sum("application/vnd.maggy.view+json" in kinds for kinds in shown) == 2
    assert sum("application/vnd.jupyter.widget-view+json" in kinds for kinds in shown) >= 1
    printed = ["".join(o.text for o in cell.outputs if o.output_type == "stream") for cell in code]
    assert "8 trials were stopped early" in printed[2]
    assert printed[-1].startswith("accuracy 0.")
