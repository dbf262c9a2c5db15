"""All figures on one page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ipywidgets import Box, Dropdown, HBox, Layout, ToggleButtons, VBox, Widget

from maggy.progress.format import clean
from maggy_widgets.plots.base import METRIC

if TYPE_CHECKING:
    from maggy_widgets.figures import Figures

# Two beside one another where there is room for them.
_CELL = {"flex": "1 1 45%", "min_width": "min(380px, 100%)", "width": "auto"}


def panel(figures: Figures) -> Widget:
    """The figures side by side where there is room; above the scatter, what it shows."""
    last = figures.effects() if figures.is_ablation() else figures.importance()
    found = figures.front() if figures.has_several() else figures.best()
    shown = [figures.curves(), _space(figures), found, last]
    cells = [VBox([widget], layout=Layout(**_CELL)) for widget in shown]
    return Box(cells, layout=Layout(display="flex", flex_flow="row wrap", width="100%", min_width="0"))


def _space(figures: Figures) -> Widget:
    options = [(clean(name, 40), name) for name in figures.parameters()]
    options.append((clean(figures.metric(), 40), METRIC))
    across, up = (_dropdown(name, options, at) for name, at in (("x", 0), ("y", 1)))
    tool = ToggleButtons(options=["brush", "lasso", "look"], style={"button_width": "64px"})
    page = VBox([HBox([across, up, tool])])

    def show(change: Any = None) -> None:
        select = None if tool.value == "look" else tool.value
        page.children = [page.children[0], figures.space(across.value, up.value, select)]

    for control in (across, up, tool):
        control.observe(show, "value")
    show()
    return page


def _dropdown(name: str, options: Sequence[tuple[str, str]], at: int) -> Dropdown:
    """One that starts with the option at this place, or the last."""
    return Dropdown(
        options=options,
        value=options[min(at, len(options) - 1)][1],
        description=name,
        style={"description_width": "1.5em"},
        layout=Layout(width="auto", flex="1 1 90px", min_width="0"),
    )
