"""The models that live in the browser, too: one Search for an experiment, and the Parts that show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from ipywidgets import DOMWidget, Widget, widget_serialization
from traitlets import Dict, Instance, Int, Unicode

from maggy_widgets import __version__
from maggy_widgets.host import hosted
from maggy_widgets.writer import plain, writer

if TYPE_CHECKING:
    from maggy.bridge.source import Source

# What this side and the browser's must have in common; the browser says so where they have not.
PROTOCOL = 1
MODULE = "maggy-widgets"
PARTS = ("header", "space", "curves", "trials")


class Search(Widget):  # type: ignore[misc]
    """An experiment as the browser knows it; all its views share this one.

    Events go to the browser as custom messages of `maggy.bridge.contract`, sent by the Writer, and its
    requests come back the same way.

    Args:
        source: the experiment.

    Attributes:
        experiment, name: of the experiment.
        selected: id of the trial that is selected in all views, '' for none.
        hint: a word to the person about this view, '' for none.
        report: of the ended search, by MIME type, for the browser to keep in the notebook; empty before.
        protocol: the version of the messages.
    """

    _model_name = Unicode("SearchModel").tag(sync=True)
    _model_module = Unicode(MODULE).tag(sync=True)
    _model_module_version = Unicode(__version__).tag(sync=True)

    experiment = Unicode().tag(sync=True)
    name = Unicode().tag(sync=True)
    selected = Unicode().tag(sync=True)
    hint = Unicode().tag(sync=True)
    report = Dict().tag(sync=True)
    protocol = Int(PROTOCOL).tag(sync=True)

    def __init__(self, source: Source, **traits: Any) -> None:
        self.source = source
        self._words: dict[str, str] = {}
        self._heeds_no_more: Callable[[], None] = lambda: None
        self.line = writer.open(source, self._send_message)
        self.on_msg(self._on_message)
        # The browser knows of it from here on, and may ask for something at once, in another thread.
        super().__init__(experiment=source.experiment, name=plain(getattr(source, "name", "")), **traits)
        if hasattr(source, "heed"):
            self._heeds_no_more = source.heed(lambda words: self.say("source", words))

    def close(self) -> None:
        """Ends this model, here and in the browser. The experiment goes on."""
        writer.close(self.line)
        self._heeds_no_more()
        super().close()

    def say(self, who: str, words: str) -> None:
        """Has the view say something, until the same one says something else. Any thread."""
        self._words[who] = plain(words)
        writer.put(lambda: self.set_trait("hint", " ".join(filter(None, self._words.values()))))

    def _on_message(self, widget: Widget, content: Any, buffers: list[memoryview]) -> None:
        """The kernel's main thread is here and must not be held up: the Writer does what is asked."""
        writer.ask(self.line, content)

    def _send_message(self, content: dict[str, Any], buffers: list[bytes]) -> bool:
        """Called by the Writer. False where there is no browser's side any more."""
        if self.comm is None:
            return False
        self.send(content, buffers)
        return True


class Part(DOMWidget):  # type: ignore[misc]
    """One part of the view.

    Attributes:
        search: the Search that it shows.
        part: 'header', 'space', 'curves' or 'trials'.
    """

    _model_name = Unicode("PartModel").tag(sync=True)
    _model_module = Unicode(MODULE).tag(sync=True)
    _model_module_version = Unicode(__version__).tag(sync=True)
    _view_name = Unicode("PartView").tag(sync=True)
    _view_module = Unicode(MODULE).tag(sync=True)
    _view_module_version = Unicode(__version__).tag(sync=True)

    search = Instance(Search).tag(sync=True, **widget_serialization)
    part = Unicode().tag(sync=True)


_searches: WeakValueDictionary[str, Search] = WeakValueDictionary()


def search_of(source: Source) -> Search:
    """The one Search of this source; a new one at the first time, and after the last one was closed."""
    known = _searches.get(source.experiment)
    if known is not None and known.comm is not None and known.source is source:
        return known
    search = _searches[source.experiment] = hosted(Search)(source)
    return search
