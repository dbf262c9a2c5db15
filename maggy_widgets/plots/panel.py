"""All figures on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import Box, Dropdown, HBox, Layout, ToggleButtons, VBox, Widget

from maggy.progress.format import clean

if TYPE_CHECKING:
    from maggy_widgets.figures import Figures

# Two beside one another where there is room for them.
_CELL = {"flex": "1 1 45%", "min_width": "min(380px, 100%)", "width": "auto"}


def panel(figures: Figures) -> Widget:
    """The figures side by side where there is room; above the scatter, what it shows."""
    shown = [figures.curves(), _space(figures), figures.best(), figures.importance()]
    cells = [VBox([widget], layout=Layout(**_CELL)) for widget in shown]
    return Box(cells, layout=Layout(display="flex", flex_flow="row wrap", width="100%", min_width="0"))


def _space(figures: Figures) -> Widget:
    names = [*figures.parameters(), "metric"]
    options = [(clean(name, 40), name) for name in names]
    layout = Layout(width="auto", flex="1 1 90px", min_width="0")
    across = Dropdown(options=options, value=names[0], layout=layout, tooltip="from left to right")
    up = Dropdown(
        options=options, value=names[min(1, len(names) - 1)], layout=layout, tooltip="from bottom to top"
    )
    tool = ToggleButtons(options=["brush", "lasso", "look"], style={"button_width": "56px"})
    page = VBox([HBox([up, across, tool])])

    def show(change: Any = None) -> None:
        select = None if tool.value == "look" else tool.value
        page.children = [page.children[0], figures.space(across.value, up.value, select)]

    for control in (across, up, tool):
        control.observe(show, "value")
    show()
    return page
