"""Code for cells: the models of the view alone, with nobody to send them anything."""

MODELS = """
import ipywidgets, traitlets
from IPython.display import display, update_display
from maggy_widgets import __version__
from maggy_widgets.host import hosted

MAGGY = traitlets.Unicode("maggy-widgets").tag(sync=True)
VERSION = traitlets.Unicode(__version__).tag(sync=True)

class Search(ipywidgets.Widget):
    _model_name = traitlets.Unicode("SearchModel").tag(sync=True)
    _model_module, _model_module_version = MAGGY, VERSION

class Part(ipywidgets.DOMWidget):
    _model_name = traitlets.Unicode("PartModel").tag(sync=True)
    _view_name = traitlets.Unicode("PartView").tag(sync=True)
    _model_module, _model_module_version = MAGGY, VERSION
    _view_module, _view_module_version = MAGGY, VERSION
    search = traitlets.Instance(Search).tag(sync=True, **ipywidgets.widget_serialization)
    part = traitlets.Unicode().tag(sync=True)

heard = []
search = hosted(Search)()
search.on_msg(lambda widget, content, buffers: heard.append(content))
part = hosted(Part)(search=search, part="header")
"""

# As a search shows itself while it runs, and at its end.
OUTPUT = """
def bundle(report, running):
    live = {"application/vnd.maggy.view+json": {"model_id": part.model_id}}
    widget = {"model_id": part.model_id, "version_major": 2, "version_minor": 0}
    if running:
        live["application/vnd.jupyter.widget-view+json"] = widget
    return {"text/plain": "a search", "text/html": f"<p>{report}</p>", **live}
"""

SHOW = MODELS + OUTPUT + "display(bundle('It was running', True), raw=True, display_id='maggy');"
END = "update_display(bundle('It found this', False), raw=True, display_id='maggy')"
