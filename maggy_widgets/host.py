"""What carries the view in the notebook at hand: our extension of JupyterLab, or anywidget.

Where extensions of JupyterLab cannot be installed (VS Code, Colab, Databricks), anywidget has a front end
of its own, and carries the same JavaScript.
"""

from __future__ import annotations

import os
import sys
import warnings
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar, cast

from ipywidgets import DOMWidget

from maggy.exceptions import MaggyError

VARIABLE = "MAGGY_WIDGETS_HOST"
HOSTS = ("extension", "anywidget")
BUNDLE = Path(__file__).parent / "static" / "anywidget.js"

W = TypeVar("W")


def host() -> str:
    """'extension' or 'anywidget': the environment variable MAGGY_WIDGETS_HOST, or else a guess.

    Raises:
        MaggyError: the variable has another value.
    """
    choice = os.environ.get(VARIABLE)
    if choice is None:
        return "anywidget" if _no_extensions_here() and _have_anywidget() else "extension"
    if choice not in HOSTS:
        raise MaggyError(f"{VARIABLE} is {choice!r:.60}; it may be {' or '.join(HOSTS)}")
    return choice


def hosted(cls: type[W]) -> type[W]:
    """The class of a widget as the notebook at hand can show it: the class itself, or a subclass."""
    plain = cast("type", cls)
    return cast("type[W]", _with_anywidget(plain)) if host() == "anywidget" else cls


@cache
def _with_anywidget(cls: type) -> type:
    from anywidget import AnyWidget

    # A model without a view only has to be there for the others.
    code = BUNDLE.read_text() if issubclass(cls, DOMWidget) else "export default {}"
    return type(cls)(cls.__name__, (AnyWidget, cls), {"_esm": code, "__module__": cls.__module__})


def _no_extensions_here() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return (
        "google.colab" in sys.modules
        or "DATABRICKS_RUNTIME_VERSION" in os.environ
        or "__vsc_ipynb_file__" in getattr(shell, "user_ns", {})
    )


def _have_anywidget() -> bool:
    if find_spec("anywidget"):
        return True
    warnings.warn("the live view comes through anywidget here: pip install 'maggy[anywidget]'", stacklevel=2)
    return False
