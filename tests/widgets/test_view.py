"""What a view is made of, without a kernel."""

from __future__ import annotations

import pytest
from ipywidgets import Tab, VBox

from maggy_widgets.host import VARIABLE
from maggy_widgets.model import Part, Search, search_of
from maggy_widgets.view import view
from tests.widgets.fakes import FakeSource


@pytest.fixture
def source():
    source = FakeSource()
    yield source
    search_of(source).close()


def parts(widget) -> list[Part]:
    if isinstance(widget, Part):
        return [widget]
    return [part for child in getattr(widget, "children", ()) for part in parts(child)]


def test_the_whole_view_is_a_header_and_two_pages(source):
    whole = view(source)
    header, pages = whole.children
    assert isinstance(header, Part)
    assert isinstance(pages, Tab)
    assert pages.titles == ("Search", "Figures")
    assert [part.part for part in parts(whole)] == ["header", "space", "curves", "trials"]


def test_all_views_of_a_search_share_one_model(source):
    shown = parts(view(source)) + parts(view(source, "curves"))
    assert {part.search for part in shown} == {search_of(source)}
    assert {part.search for part in parts(view(FakeSource("other")))} != {search_of(source)}


def test_the_model_tells_what_it_is_of(source):
    state = search_of(source).get_state()
    assert (state["experiment"], state["name"]) == ("digits-1", "digits")
    assert (state["selected"], state["hint"], state["protocol"]) == ("", "", 1)
    assert "_view_name" not in state or state["_view_name"] is None


def test_selected_parts(source):
    assert [part.part for part in parts(view(source, ["trials", "header"]))] == ["trials", "header"]
    assert isinstance(view(source, "curves"), VBox)


@pytest.mark.parametrize("wanted", ["loss", ["curves", "loss"], "c"])
def test_there_is_no_such_part(source, wanted):
    with pytest.raises(ValueError, match=r"there is no part '(loss|c)'.*header, space, curves, trials"):
        view(source, wanted)


def test_a_closed_model_is_followed_by_another(source):
    first = search_of(source)
    first.close()
    assert source.listeners == []
    second = search_of(source)
    assert second is not first
    assert len(source.listeners) == 1


def test_a_search_of_the_same_name_has_a_model_of_its_own(source):
    """Two folders may hold experiments with the same id."""
    assert search_of(FakeSource()) is not search_of(source)


def test_with_anywidget_the_models_bring_their_code(source, monkeypatch):
    monkeypatch.setenv(VARIABLE, "anywidget")
    shown = parts(view(FakeSource("any")))
    assert len(shown) == 4
    state = shown[0].get_state()
    assert (state["_model_module"], state["_view_module"]) == ("anywidget", "anywidget")
    assert "render" in state["_esm"]
    assert isinstance(shown[0].search, Search)
    assert shown[0].search.get_state()["_model_module"] == "anywidget"
