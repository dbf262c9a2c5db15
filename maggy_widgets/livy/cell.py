"""`%%maggy` and `%maggy attach` where the searches run in a Livy session."""

from __future__ import annotations

import contextlib
import secrets
from typing import Any

from maggy import notebook
from maggy.exceptions import WireError
from maggy_widgets.livy import ship, sparkmagic
from maggy_widgets.livy.search import RemoteHandle, experiments
from maggy_widgets.livy.session import LivyError, NotShipped, Session, Unreachable

# Seconds that a search has to say something before it is shown; it goes on by itself.
PATIENCE = 5.0
# Seconds for a session that is asked what searches it has, among others.
ASKED = 3.0
# How many sessions are asked for a search, the newest first.
MOST_SESSIONS = 20
# How many searches are remembered.
REMEMBERED = 32

_handles: dict[str, RemoteHandle] = {}


def known() -> list[RemoteHandle]:
    """The searches in Livy sessions that this kernel knows, in the order in which it came to know them."""
    return list(_handles.values())


def run(shell: Any, found: Any, name: str | None, output: str | None, body: str) -> list[RemoteHandle]:
    """Runs a cell's body in a session as sparkmagic does; its searches are shown here.

    Args:
        found: sparkmagic's magics.
        name: of the session; None for the only one.
        output: a variable for the last search's handle, here and in the session.

    Raises:
        LivyError: there is no such session, or it does not answer.
    """
    session = sparkmagic.session(found, name)
    if session is None:
        return []
    ship.ensure(session)
    cell = secrets.token_hex(8)
    begin = f"__import__('maggy.remote').remote.begin({cell!r}, globals(), {output or ''!r})\n"
    try:
        # What the body prints and how it fails is shown as that of any other remote cell.
        found.spark(f"-s {name}" if name else "", begin + body, {})
    finally:
        session.run("__import__('maggy.remote').remote.end()", ship.DEADLINE)
        started = [_handle(session, about) for about in experiments(session, cell)]
        for handle in started:
            _show(handle)
        if output and started:
            shell.push({output: started[-1]})
    return started


def attach(found: Any, prefix: str, options: Any) -> RemoteHandle | None:
    """A search by the beginning of its id, in any session that can be asked; None where there is none.

    Raises:
        LivyError: no Livy is known, or it does not answer.
        ValueError: several searches begin so.
    """
    about = {known["id"]: (session, known) for session, known in _listed(found, options)}
    matching = [i for i in about if i.startswith(prefix)]
    if not matching:
        return None
    if prefix and prefix not in about and len(matching) > 1:
        raise ValueError(f"{len(matching)} searches begin with {prefix!r:.80}: {', '.join(matching[:10])}")
    return _handle(*about[prefix if prefix in about else matching[-1]])


def listed(found: Any, options: Any) -> list[RemoteHandle]:
    """The searches of all sessions that can be asked, those that started last at the end."""
    return [_handle(session, known) for session, known in _listed(found, options)]


def _listed(found: Any, options: Any) -> list[tuple[Session, dict[str, Any]]]:
    if options.session is not None:
        sessions = [s for s in [sparkmagic.session(found, options.session)] if s is not None]
    else:
        at = sparkmagic.endpoint(found, options.url, options.auth, options.user, options.password)
        own = [] if options.url else sparkmagic.sessions(found)
        sessions = list(dict.fromkeys([*own, *sparkmagic.reachable(at)]))[:MOST_SESSIONS]
    if options.id is not None:
        sessions = [session for session in sessions if session.number == options.id]
    told = [(session, about) for session in sessions for about in _ask(session)]
    return sorted(told, key=lambda pair: float(pair[1].get("started", 0.0)))


def _ask(session: Session) -> list[dict[str, Any]]:
    """Sessions without Maggy, or that are not ours to ask, have no searches for us."""
    with contextlib.suppress(NotShipped, Unreachable, LivyError, WireError):
        return experiments(session, deadline=ASKED)
    return []


def _handle(session: Session, about: dict[str, Any]) -> RemoteHandle:
    handle = _handles.get(about["id"])
    if handle is None or handle.closed is not None:
        handle = RemoteHandle(session, about)
        _handles.pop(handle.id, None)
        _handles[handle.id] = handle
        over = [h for h in _handles.values() if h.done]
        for forgotten in over[: len(_handles) - REMEMBERED]:
            del _handles[forgotten.id]
    handle.started(PATIENCE)
    return handle


def _show(handle: RemoteHandle) -> None:
    if notebook.can_show():
        from maggy_widgets.display import show

        show(handle, asked=False)
