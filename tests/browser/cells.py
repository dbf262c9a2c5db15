"""Code for cells: searches on Spark, and models of the view alone, with nobody to send them anything."""

# `search` searches with trials that learn until they are stopped, or until there is a file of the search's
# name. A trial that is stopped writes down when, in seconds since the epoch.
SPARK = """
from pyspark.sql import SparkSession
settings = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.log.level": "FATAL"}
spark = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()

%load_ext maggy_widgets
import threading, time
from pathlib import Path
from maggy import Searchspace, experiment, handle

space = Searchspace(rate=("DOUBLE", [1e-4, 1e-1], {"log": True}), units=("INTEGER", [1, 9]))
pause = threading.Event

def search(name, space=space, train=None, **settings):
    here = Path(name).resolve()

    def learn(rate, units, reporter):
        steps = 0
        try:
            while not here.exists():
                reporter.broadcast(units * rate ** 0.2 * (1 - 0.97 ** steps))
                steps += 1
                pause().wait(0.02)
        except BaseException:
            Path(f"{here}.stopped").write_text(repr(time.time()))
            raise
        return units * rate ** 0.2

    settings = {"num_trials": 4, "hb_interval": 0.1, "es_policy": "none", "name": name, **settings}
    return experiment.lagom(train or learn, space, **settings)

def stop_all():
    for known in handle.experiments():
        if not known.done:
            known.stop()
            known.result(30)
"""

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
def bundle(report):
    live = {"model_id": part.model_id, "search_id": search.model_id}
    return {"text/plain": report, "text/html": f"<p>{report}</p>", "application/vnd.maggy.view+json": live}
"""

SHOW = MODELS + OUTPUT + "display(bundle('It was running'), raw=True, display_id='maggy');"
END = "update_display(bundle('It found this'), raw=True, display_id='maggy')"

# Shows a made-up search of so many trials.
REPLAY = """
from maggy_widgets.display import show
from tests.browser.replay import Replay
replay = Replay({})
shown = show(replay)
"""
