"""A rectangle and a lasso to select trials with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bqplot as bq
from bqplot.interacts import Interaction, LassoSelector
from ipywidgets import widget_serialization
from traitlets import List, Unicode

from maggy_widgets import __version__, look
from maggy_widgets.host import host

MODULE = "maggy-widgets"


class Brush(Interaction):  # type: ignore[misc]
    """Selects the points of `marks` in a rectangle; a click clears the selection. See js/src/brush.ts."""

    _model_name = Unicode("BrushModel").tag(sync=True)
    _view_name = Unicode("BrushView").tag(sync=True)
    _model_module = _view_module = Unicode(MODULE).tag(sync=True)
    _model_module_version = _view_module_version = Unicode(__version__).tag(sync=True)

    marks: List[Any] = List().tag(sync=True, **widget_serialization)
    colour = Unicode(look.TEXT).tag(sync=True)


def selectors(marks: Sequence[bq.Mark], x: bq.Scale, y: bq.Scale) -> dict[str | None, Interaction | None]:
    """What a figure's `interaction` can be: 'brush', 'lasso' and None.

    Without an extension of JupyterLab there is no brush, and the lasso is in its place.
    """
    lasso = LassoSelector(marks=list(marks), x_scale=x, y_scale=y, color=look.TEXT)
    brush = lasso if host() == "anywidget" else Brush(marks=list(marks))
    return {"brush": brush, "lasso": lasso, None: None}
