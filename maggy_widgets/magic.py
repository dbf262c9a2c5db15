"""`%%maggy` and `%maggy`: searches in the background of a notebook.

The body of a `%%maggy` cell runs as the cell's own code: an input transformer puts a call in place of its
first line, so that line numbers, errors, `await` and the value of the last line are as without the magic.
"""

from __future__ import annotations

import contextlib
import logging
import re
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import cell_magic
from IPython.core.magic import Magics, line_cell_magic, magics_class

from maggy import notebook
from maggy.exceptions import MaggyError
from maggy.handle import background
from maggy_widgets import options as opts
from maggy_widgets import shelf
from maggy_widgets.livy import sparkmagic

if TYPE_CHECKING:
    from maggy.handle import Handle

log = logging.getLogger("maggy.widgets")

_FIRST_LINE = re.compile(r"%%maggy(?:[ \t]+(?P<options>.*))?[ \t]*\n?$")
# What the transformer puts in place of that line.
_BEGIN = "--begin"
_USAGE = (
    "%maggy lists searches, %maggy attach [ID] shows one, %%maggy [-o NAME] runs a cell's in the background; "
    "over Livy also -s NAME, and %maggy ship [-s NAME]"
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

        With sparkmagic, and in its kernels:

        %%maggy [-s SESSION] [-o NAME]   the cell runs in this Livy session; NAME is the handle in both places
        %maggy ship [-s SESSION]         sends Maggy to the session, so that its cells can import it
        %maggy attach [ID] [-s SESSION | -i NUMBER] [-u URL -t AUTH -a USER -p PASSWORD]
        """
        if cell is not None:  # over Livy, or in a notebook that was made a program
            return self._run(line, cell)
        options = opts.parse(line)
        words = options.words
        if words[:1] == [_BEGIN]:
            return self._begin(words[1:], options.output)
        if words[:1] not in ([], ["attach"], ["ship"]) or len(words) > (2 if words[:1] == ["attach"] else 1):
            raise UsageError(_USAGE)
        with _in_one_line():
            if not words:
                return shelf.listing(self._afar(options))
            if words[0] == "ship":
                return self._ship(options)
            prefix = words[1] if len(words) == 2 else ""
            notebook.show(self._attach(prefix, options))
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """For the shell: a cell that runs here becomes a plain one."""
        first = _FIRST_LINE.match(lines[0]) if lines else None
        return lines if first and self._runs_afar(first["options"] or "") else as_plain_cell(lines)

    def _runs_afar(self, line: str) -> bool:
        """Whether a cell with these options runs in a Livy session."""
        found = sparkmagic.magics(self.shell)
        wrapped = found is not None and sparkmagic.in_wrapper_kernel(found)
        return wrapped or opts.names_session(line)

    def _afar(self, options: opts.Options) -> list[Any]:
        """The searches in Livy sessions that can be asked; others do not keep the list from being shown."""
        if (found := sparkmagic.magics(self.shell)) is None:
            return []
        from maggy_widgets.livy import cell

        with contextlib.suppress(MaggyError):
            cell.listed(found, options)
        return cell.known()

    def _attach(self, prefix: str, options: opts.Options) -> Any:
        found = sparkmagic.magics(self.shell)
        if found is None:
            return shelf.find(prefix)
        from maggy_widgets.livy import cell

        try:
            if (handle := cell.attach(found, prefix, options)) is not None:
                return handle
        except sparkmagic.LivyError:
            if options.afar:
                raise
        return shelf.find(prefix, cell.known())

    def _ship(self, options: opts.Options) -> None:
        from maggy_widgets.livy import ship

        session = sparkmagic.session(self._magics(), options.session)
        if session is not None:
            ship.ensure(session)

    def _magics(self) -> Any:
        found = sparkmagic.magics(self.shell)
        if found is None:
            raise UsageError(f"{sparkmagic.MISSING}, and %load_ext sparkmagic.magics")
        return found

    def after_cell(self, result: Any) -> None:
        """Told by the shell. Cells that the body itself runs end, too, and nothing ends with them."""
        if result is None or _FIRST_LINE.match(_first(result.info.raw_cell or "")):
            self._end()

    def _begin(self, more: list[str], output: str | None) -> None:
        if more:
            raise UsageError(f"%%maggy takes -o NAME and -s SESSION and no more, not {' '.join(more)!r:.80}")
        self._end()
        self._cell = _Cell(self.shell, output)

    def _end(self) -> None:
        cell, self._cell = self._cell, None
        if cell is not None:
            cell.end()

    def _run(self, line: str, cell: str) -> None:
        options = opts.parse(line)
        if self._runs_afar(line):
            return self._run_afar(options, cell)
        self._begin(options.words, options.output)
        try:
            self.shell.run_cell(cell).raise_error()
        finally:
            self._end()

    def _run_afar(self, options: opts.Options, body: str) -> None:
        if options.words:
            raise UsageError(f"%%maggy takes -o NAME and -s SESSION, not {' '.join(options.words)!r:.80}")
        from maggy_widgets.livy import cell

        with _in_one_line():
            started = cell.run(self.shell, self._magics(), options.session, options.output, body)
        if options.output and len(started) > 1:
            print(f"{options.output} is the last of {len(started)} searches; %maggy lists them all")


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
    shell.input_transformers_cleanup.append(magics.transform)
    shell.events.register("post_run_cell", magics.after_cell)


def unload(shell: Any) -> None:
    """Takes them away, if they are there."""
    for magics in shell.magics_manager.magics.values():
        magics.pop("maggy", None)
    ours = shell.magics_manager.registry.pop(MaggyMagics.__name__, None)
    if ours is not None:
        shell.events.unregister("post_run_cell", ours.after_cell)
        shell.input_transformers_cleanup.remove(ours.transform)


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


@contextlib.contextmanager
def _in_one_line() -> Any:
    """What is wrong as IPython shows wrong usage: one line."""
    try:
        yield
    except (MaggyError, ValueError, OSError, ImportError) as error:
        raise UsageError(str(error)) from None
