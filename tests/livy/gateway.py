"""A gateway before a Livy server that wants a name and a password, as company clusters have it."""

from __future__ import annotations

import base64
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def gateway(livy: str, user: str, password: str) -> Iterator[str]:
    """The URL of a gateway to the Livy at this URL; whoever comes without the password gets a 401."""
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    class Gate(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
            if self.headers.get("Authorization") != expected:
                self._answer(401, b"who are you?")
                return
            kept = {k: v for k, v in self.headers.items() if k in ("Content-Type", "X-Requested-By")}
            asked = urllib.request.Request(livy + self.path, body, kept, method=self.command)
            try:
                with urllib.request.urlopen(asked, timeout=60) as answer:
                    self._answer(answer.status, answer.read())
            except urllib.error.HTTPError as refusal:
                self._answer(refusal.code, refusal.read())

        do_GET = do_POST = do_DELETE = _pass_on

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="cluster"')
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing: the tests' output is not the place."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
