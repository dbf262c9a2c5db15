"""The notebook on ablation runs from start to end, on a real Spark with a real Keras."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "ablation.ipynb"
# What makes it take minutes, and what takes seconds.
SMALLER = {"EPOCHS = 40": "EPOCHS = 1", "REPEATS = 5": "REPEATS = 2"}


@pytest.mark.timeout(300)
def test_the_ablation_notebook(tmp_path: Path) -> None:
    text = NOTEBOOK.read_text()
    for whole, small in SMALLER.items():
        assert text.count(whole) == 1
        text = text.replace(whole, small)
    notebook = nbformat.reads(text, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)

    NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(tmp_path)}}).execute()

    shown = [output for cell in code[-2:] for output in cell.outputs]
    assert any("application/vnd.maggy.view+json" in o.get("data", ()) for o in shown)
    assert any(o.get("text", "").endswith("with everything in place\n") for o in shown)
    [table] = [o.data["text/plain"] for o in code[-1].outputs if o.output_type == "execute_result"]
    for component in ("mean radius", "worst area", "dense_2", "dense_*", "norm", "Custom model: logistic"):
        assert component in table
    assert "NaN" not in table
