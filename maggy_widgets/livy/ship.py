"""Sees to it that a Livy session has this very Maggy."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from functools import cache
from pathlib import Path

import maggy
from maggy.bridge.distant import PROTOCOL
from maggy_widgets.livy.session import LivyError, Session

# Seconds: the session may have another cell to end first.
DEADLINE = 600.0

# Runs in the session, with `digest`, `protocol` and `content`, the archive as base64, '' to only look.
_CODE = """\
def maggy_arrives(digest, protocol, content):
    import base64, importlib, io, json, os, sys, tempfile, zipfile
    def protocol_of():
        try:
            return importlib.import_module("maggy.bridge.distant").PROTOCOL
        except Exception:
            return None
    def here():
        return getattr(sys.modules.get("maggy"), "__file__", None)
    if content and not here():
        folder = os.path.join(tempfile.mkdtemp(prefix="maggy-"), "maggy-" + digest)
        zipfile.ZipFile(io.BytesIO(base64.b64decode(content))).extractall(folder)
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
    imported = here() is not None
    if imported or content:
        found = protocol_of()
        if found == protocol:
            import maggy.remote
        return json.dumps({"imported": imported, "protocol": found})
    return json.dumps({"imported": False, "protocol": None})
print(maggy_arrives(%r, %r, %r))
del maggy_arrives
"""


def ensure(session: Session) -> None:
    """Sends Maggy to the session, unless that has one that understands us.

    Where the session's Python has imported a Maggy already, that one stays; else ours comes first, so that
    driver and notebook are the same.

    Raises:
        LivyError: the session has imported another Maggy, or cannot be asked.
    """
    digest, content = _archive()
    for sent in ("", content):
        found = json.loads(session.run(_CODE % (digest, PROTOCOL, sent), DEADLINE).strip().splitlines()[-1])
        if found["protocol"] == PROTOCOL:
            return
        if found["imported"]:
            raise LivyError(
                f"the Livy session {session.name} has imported another Maggy than this one; restart the "
                "session, or install the same version in both places"
            )
    raise LivyError(f"Maggy could not be sent to the Livy session {session.name}")


@cache
def _archive() -> tuple[str, str]:
    """This Maggy as a zip in base64, with a digest of its content for a name."""
    package = Path(maggy.__file__).parent
    sources = sorted(path for path in package.rglob("*.py") if "__pycache__" not in path.parts)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sources:
            archive.write(path, Path("maggy") / path.relative_to(package))
    return digest, base64.b64encode(packed.getvalue()).decode()
