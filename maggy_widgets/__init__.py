"""The Jupyter widget of Maggy."""

from typing import Any

__version__ = "2.0.0-dev.0"


def _jupyter_labextension_paths() -> list[dict[str, Any]]:
    """Where `jupyter-builder develop` finds the extension of an editable install."""
    return [{"src": "labextension", "dest": "maggy-widgets"}]
