"""The view of a search: our own parts, and a second page with ordinary bqplot figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Layout, Tab, VBox, Widget

from maggy_widgets.host import hosted
from maggy_widgets.model import PARTS, Part, Search, search_of

if TYPE_CHECKING:
    from maggy.bridge.source import Source

# Of the two charts: they stand side by side where both have room, 760 px in all.
_CHART = {"flex": "1 1 380px", "min_width": "0", "width": "auto"}
_WIDE = {"width": "100%", "min_width": "0"}
_FIGURES_TO_COME = (
    "<p>The kernel draws the figures. Where it is busy with another cell, they come when that has ended.</p>"
)


def view(source: Source, parts: Sequence[str] | str | None = None) -> Widget:
    """A view of a search, for any cell.

    Args:
        source: the search.
        parts: one or several of 'header', 'space', 'curves' and 'trials'; all of it where None.

    Raises:
        ValueError: there is no such part.
    """
    search = search_of(source)
    if parts is None:
        return VBox([_part(search, "header"), _pages(search)], layout=Layout(**_WIDE))
    wanted = [parts] if isinstance(parts, str) else list(parts)
    for name in wanted:
        if name not in PARTS:
            raise ValueError(f"there is no part {name!r:.60} of a view; there are {', '.join(PARTS)}")
    return VBox([_part(search, name) for name in wanted], layout=Layout(**_WIDE))


def _part(search: Search, name: str, layout: dict[str, str] = _WIDE) -> Part:
    return hosted(Part)(search=search, part=name, layout=Layout(**layout))


def _pages(search: Search) -> Tab:
    charts = Box(
        [_part(search, "space", _CHART), _part(search, "curves", _CHART)],
        layout=Layout(display="flex", flex_flow="row wrap", grid_gap="12px 0", **_WIDE),
    )
    figures = VBox([HTML(_FIGURES_TO_COME)], layout=Layout(padding="0 16px", **_WIDE))
    pages = Tab(
        [VBox([charts, _part(search, "trials")], layout=Layout(**_WIDE)), figures],
        titles=("Search", "Figures"),
        layout=Layout(**_WIDE),
    )
    pages.add_class("maggy-pages")

    def on_switch(change: Any) -> None:
        if change["new"] == 1:
            pages.unobserve(on_switch, "selected_index")
            _fill(figures, search.source)

    pages.observe(on_switch, "selected_index")
    return pages


def _fill(page: VBox, source: Source) -> None:
    """Draws the figures now that somebody looks; bqplot takes a moment to import."""
    from maggy_widgets.figures import figures_of

    page.children = [figures_of(source).all()]
