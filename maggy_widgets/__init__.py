"""The Jupyter widget of Maggy."""

from typing import Any

__version__ = "2.0.0-dev.0"


def _jupyter_labextension_paths() -> list[dict[str, Any]]:
    """Where `jupyter-builder develop` finds the extension of an editable install."""
    return [{"src": "labextension", "dest": "maggy-widgets"}]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext maggy_widgets`: the magics `%maggy` and `%%maggy`."""
    from maggy_widgets import magic

    magic.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext maggy_widgets`."""
    from maggy_widgets import magic

    magic.unload(shell)
