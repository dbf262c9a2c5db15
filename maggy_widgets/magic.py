"""`%%maggy` and `%maggy`: searches in the background of a notebook.

The body of a `%%maggy` cell runs as the cell's own code: an input transformer puts a call in place of its
first line, so that line numbers, errors, `await` and the value of the last line are as without the magic.
"""

from __future__ import annotations

import contextlib
import keyword
import logging
import re
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import cell_magic
from IPython.core.magic import Magics, line_cell_magic, magics_class

from maggy import notebook
from maggy.exceptions import MaggyError
from maggy.handle import background
from maggy_widgets import shelf

if TYPE_CHECKING:
    from maggy.handle import Handle

log = logging.getLogger("maggy.widgets")

_FIRST_LINE = re.compile(r"%%maggy(?:[ \t]+(?P<options>.*))?[ \t]*\n?$")
# What the transformer puts in place of that line.
_BEGIN = "--begin"
_USAGE = (
    "%maggy lists searches, %maggy attach [ID] shows one, %%maggy [-o NAME] runs a cell's in the background"
)


@magics_class
class MaggyMagics(Magics):
    """The magics of one shell."""

    shell: Any

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._cell: _Cell | None = None

    @line_cell_magic
    def maggy(self, line: str, cell: str | None = None) -> Any:
        """Runs searches in the background, and finds them again.

        %%maggy [-o NAME]     the searches of this cell run in the background; NAME is the last one's handle
        %maggy                lists searches
        %maggy attach [ID]    shows one again; the beginning of its id is enough, without it the latest
        """
        if cell is not None:  # a notebook that was made a program; in a notebook the transformer comes first
            return self._run(line, cell)
        words = line.split()
        if not words:
            return shelf.listing()
        if words[0] == _BEGIN:
            return self._begin(words[1:])
        if words[0] != "attach" or len(words) > 2:
            raise UsageError(_USAGE)
        with _in_one_line():
            notebook.show(shelf.find(words[1] if len(words) == 2 else ""))
        return None

    def after_cell(self, result: Any) -> None:
        """Told by the shell. Cells that the body itself runs end, too, and nothing ends with them."""
        if result is None or _FIRST_LINE.match(_first(result.info.raw_cell or "")):
            self._end()

    def _begin(self, options: list[str]) -> None:
        self._end()
        self._cell = _Cell(self.shell, _name(options))

    def _end(self) -> None:
        cell, self._cell = self._cell, None
        if cell is not None:
            cell.end()

    def _run(self, line: str, cell: str) -> None:
        self._begin(line.split())
        try:
            self.shell.run_cell(cell).raise_error()
        finally:
            self._end()


class _Cell:
    """A cell that runs, and whose searches go to the background."""

    def __init__(self, shell: Any, name: str | None) -> None:
        self._shell = shell
        self._name = name
        self._background = contextlib.ExitStack()
        self._handles = self._background.enter_context(background(self._started))

    def end(self) -> None:
        # A cell with `await` ran in a context of its own, which is gone with all that was set in it.
        with contextlib.suppress(ValueError):
            self._background.close()
        if self._name and len(self._handles) > 1:
            print(f"{self._name} is the last of {len(self._handles)} searches; %maggy lists them all")

    def _started(self, handle: Handle) -> None:
        if self._name:
            self._shell.push({self._name: handle})
        if notebook.can_show():
            _show(handle)


def _show(handle: Handle) -> None:
    from maggy_widgets.display import show

    try:
        show(handle, asked=False)
    except Exception as error:  # a view must never end a search
        log.warning("the view cannot be shown: %r", error)


def load(shell: Any) -> None:
    """Adds the magics to a shell; where they are there already, it makes them new."""
    unload(shell)
    magics = MaggyMagics(shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(as_plain_cell)
    shell.events.register("post_run_cell", magics.after_cell)


def unload(shell: Any) -> None:
    """Takes them away, if they are there."""
    for magics in shell.magics_manager.magics.values():
        magics.pop("maggy", None)
    ours = shell.magics_manager.registry.pop(MaggyMagics.__name__, None)
    if ours is not None:
        shell.events.unregister("post_run_cell", ours.after_cell)
        shell.input_transformers_cleanup.remove(as_plain_cell)


def as_plain_cell(lines: list[str]) -> list[str]:
    """The lines of a `%%maggy` cell as plain code with as many lines; other cells as they are."""
    first = _FIRST_LINE.match(lines[0]) if lines else None
    if first is None:
        return lines
    begin = f"{_BEGIN} {first['options'] or ''}".strip()
    body: list[str] = cell_magic(lines[1:])  # type: ignore[no-untyped-call]
    return [f"get_ipython().run_line_magic('maggy', {begin!r})\n", *body]


def _first(cell: str) -> str:
    return cell.lstrip().partition("\n")[0]


def _name(options: list[str]) -> str | None:
    """What `-o NAME` says."""
    if not options:
        return None
    if len(options) != 2 or options[0] != "-o":
        raise UsageError(f"%%maggy takes -o NAME and no more, not {' '.join(options)!r:.80}")
    if not options[1].isidentifier() or keyword.iskeyword(options[1]):
        raise UsageError(f"-o needs the name of a variable, not {options[1]!r:.80}")
    return options[1]


@contextlib.contextmanager
def _in_one_line() -> Any:
    """What is wrong as IPython shows wrong usage: one line."""
    try:
        yield
    except (MaggyError, ValueError, OSError) as error:
        raise UsageError(str(error)) from None
