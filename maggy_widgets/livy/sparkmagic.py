"""The Livy sessions that sparkmagic knows, and its client, with deadlines; imported only when used."""

from __future__ import annotations

import copy
import functools
import sys
import threading
from argparse import Namespace
from typing import Any

from maggy_widgets.livy.session import LivyError as LivyError
from maggy_widgets.livy.session import Session, Unreachable, checked

# Seconds to connect to Livy, and for its answer; none of our requests is one that Livy takes long over.
CONNECTS_IN, ANSWERS_IN = 3.05, 8.0
MISSING = "searches over Livy need sparkmagic in the notebook's environment: pip install 'maggy[livy]'"

_known: dict[tuple[str, int], Session] = {}


def magics(shell: Any) -> Any | None:
    """The magics of sparkmagic that this shell has loaded; None where it has none."""
    if "sparkmagic" not in sys.modules:
        return None
    from sparkmagic.magics.sparkmagicsbase import SparkMagicBase

    found = [m for m in shell.magics_manager.registry.values() if isinstance(m, SparkMagicBase)]
    return found[-1] if found else None


def in_wrapper_kernel(found: Any) -> bool:
    """Whether these are the magics of PySparkKernel and its like, whose cells all run in one session."""
    return hasattr(found, "_do_not_call_start_session")


def session(found: Any, name: str | None) -> Session | None:
    """The session by this name, or the only one; a wrapper kernel's is started where it is not there.

    Returns None where it could not be started, which sparkmagic has then said.

    Raises:
        LivyError: there is no such session, or it is not one of Python.
    """
    if in_wrapper_kernel(found):
        if name is not None:
            raise LivyError("this kernel has one session; -s is for `%load_ext sparkmagic.magics`")
        if not found._do_not_call_start_session(""):
            return None
        name = found.session_name
    try:
        theirs = found.spark_controller.get_session_by_name_or_default(name)
    except Exception:
        names = ", ".join(map(str, found.spark_controller.get_client_keys())) or "none"
        raise LivyError(f"sparkmagic knows no session {name or ''!r:.60}; it knows {names}") from None
    if theirs.kind != "pyspark":
        raise LivyError(f"searches need a session of Python; this one is of kind {theirs.kind}")
    return _session(theirs.http_client.endpoint, theirs.id, name or "")


def sessions(found: Any) -> list[Session]:
    """All sessions that this kernel has."""
    theirs = found.spark_controller.get_managed_clients()
    return [_session(s.http_client.endpoint, s.id, name) for name, s in theirs.items() if s.kind == "pyspark"]


def reachable(endpoint: Any) -> list[Session]:
    """The sessions of Python at an endpoint, the newest first. Raises Unreachable."""
    body = checked(*_Http(endpoint).get("/sessions?size=1000"))
    alive = [s for s in body["sessions"] if s.get("kind") == "pyspark" and s.get("state") in ("idle", "busy")]
    return [_session(endpoint, s["id"], "") for s in sorted(alive, key=lambda s: -s["id"])]


def endpoint(found: Any, url: str | None, auth: str | None, user: str, password: str) -> Any:
    """The endpoint at a URL, as `%spark add` makes it; where there is no URL, the one that the kernel uses.

    Raises:
        LivyError: there is none.
    """
    if url is not None:
        return _endpoint(url, auth, user, password)
    for theirs in found.spark_controller.get_managed_clients().values():
        return theirs.http_client.endpoint
    if getattr(found, "endpoint", None) is not None:
        return found.endpoint
    raise LivyError("which Livy? Name it as for `%spark add`: -u URL, and -t, -a and -p where it wants them")


def _endpoint(url: str, auth: str | None, user: str, password: str) -> Any:
    from sparkmagic.livyclientlib.endpoint import Endpoint
    from sparkmagic.utils.utils import initialize_auth

    return Endpoint(url, initialize_auth(Namespace(auth=auth, user=user, password=password, url=url)))


def _session(at: Any, number: int, name: str) -> Session:
    """One for each, as it remembers what the session can do."""
    key = (at.url, number)
    if key not in _known:
        _known[key] = Session(_Http(at), number, name)
    return _known[key]


class _Http:
    """A `session.Http` with sparkmagic's own client: its authentication, headers and settings."""

    def __init__(self, at: Any) -> None:
        self._endpoint = at
        # Neither requests' sessions nor the authentication of Kerberos are for several threads at once.
        self._local = threading.local()

    def get(self, path: str) -> tuple[int, Any]:
        return self._send("get", path)

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        return self._send("post", path, body)

    def _send(self, method: str, path: str, *body: Any) -> tuple[int, Any]:
        try:
            answer = getattr(self._client(), method)(path, range(100, 600), *body)
        except Exception as error:  # theirs say more than is good for an output that others read
            raise Unreachable(f"Livy cannot be reached ({_word(error)})") from None
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, None

    def _client(self) -> Any:
        if not hasattr(self._local, "client"):
            self._local.client = _client(self._endpoint)
        return self._local.client


def _client(at: Any) -> Any:
    from sparkmagic.livyclientlib.reliablehttpclient import ReliableHttpClient
    from sparkmagic.utils import configuration

    headers = {
        "Content-Type": "application/json",
        "X-Requested-By": "maggy",
        **configuration.custom_headers(),
    }
    own = copy.copy(at)
    own.auth = copy.copy(at.auth)
    client = ReliableHttpClient(own, headers, _Never())
    session = client._session
    session.request = functools.partial(session.request, timeout=(CONNECTS_IN, ANSWERS_IN))
    return client


class _Never:
    """Whoever asks decides whether to ask again: sparkmagic's policies would block for half a minute."""

    def should_retry(self, status: int | None, error: bool, count: int) -> bool:
        return False

    def seconds_to_sleep(self, count: int) -> float:
        return 0.0


def _word(error: Exception) -> str:
    return "no answer" if type(error).__name__ == "HttpClientException" else type(error).__name__
