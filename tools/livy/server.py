"""A real Livy server on this machine, on the loopback interface alone, with all it starts.

    with livy_server() as livy:
        requests.get(f"{livy.url}/sessions")

It can be stopped as kindly or as rudely as servers are in life, and started again on the same port.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from maggy.driver.java import provide_java
from tools.livy import guard

ROOT = Path(__file__).resolve().parents[2]
SPARK_ENVIRONMENT = ROOT / ".venv-spark35"
# Seconds: for the server to answer, and to end when asked to.
STARTS_IN = 60.0
ENDS_IN = 20.0
# Without interpreters, or with those for another Scala than Spark's, Livy starts and refuses sessions.
LIVY_PARTS = ["jars/livy-server-*.jar", "repl_2.12-jars/livy-repl_2.12-*.jar"]

# Java 17 keeps these to itself, but Livy's RPC reaches into them.
OPENS = ["lang.invoke", "lang", "nio", "util.concurrent.atomic", "net", "io"]
JAVA_OPTIONS = [
    "-Xmx256m",
    "-XX:TieredStopAtLevel=1",  # for so short a life, quick compilation is better than quick code
    *(f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in OPENS),
    *(f"--add-opens=java.base/sun.{name}=ALL-UNNAMED" for name in ["nio.ch", "util.calendar"]),
    *(f"--add-exports=java.base/sun.{name}=ALL-UNNAMED" for name in ["net.dns", "net.util", "security.x509"]),
    "--add-exports=java.base/sun.security.util=ALL-UNNAMED",
]
SPARK = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "512m",
}
# Livy recovers sessions only where it believes them to be on YARN or Kubernetes.
RECOVERY = {
    "livy.spark.master": "yarn",
    "livy.server.recovery.mode": "recovery",
    "livy.server.recovery.state-store": "filesystem",
}
# There is no YARN. Livy asks for it for ever, on a port that nobody listens on, and gets on meanwhile.
YARN = """\
<configuration>
  <property><name>yarn.resourcemanager.address</name><value>127.0.0.1:1</value></property>
  <property><name>yarn.resourcemanager.connect.max-wait.ms</name><value>-1</value></property>
</configuration>
"""
LOGGING = """\
log4j.rootCategory=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{HH:mm:ss.SSS} %p %c{1}: %m%n
"""


def livy_home() -> Path:
    """The folder of an unpacked Livy: $LIVY_HOME, or what `make livy` put together.

    Raises:
        FileNotFoundError: there is none.
    """
    home = Path(os.environ.get("LIVY_HOME") or ROOT / ".livy")
    if not all(list(home.glob(part)) for part in LIVY_PARTS):
        raise FileNotFoundError(
            f"no Livy for Scala 2.12 in {home}: run `make livy`, or set LIVY_HOME to an unpacked one"
        )
    return home


def spark_home() -> Path:
    """PySpark's folder in the environment of the oldest Spark that we support.

    Raises:
        FileNotFoundError: the environment is not there.
    """
    found = list(SPARK_ENVIRONMENT.glob("lib/python3.*/site-packages/pyspark"))
    if not found:
        raise FileNotFoundError(
            f"no PySpark in {SPARK_ENVIRONMENT}: run `make {SPARK_ENVIRONMENT.name}/.test-ready`"
        )
    return found[0]


class LivyServer:
    """A Livy server that was told where to listen; `start` starts it.

    Attributes:
        url: its address, without a slash at the end. It stays the same over a stop and a start.
        folder: where it keeps all its files.
    """

    def __init__(self, port: int, python: Path, conf: Mapping[str, str]) -> None:
        homes = {"LIVY_HOME": livy_home(), "SPARK_HOME": spark_home()}
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder = Path(tempfile.mkdtemp(prefix="livy-"))
        temporary = f"-Djava.io.tmpdir={folder}/tmp"
        self._command = [
            _java(),
            *JAVA_OPTIONS,
            temporary,
            "-cp",
            f"{homes['LIVY_HOME']}/jars/*:{folder}/conf",
        ]
        _configure(folder, {"livy.server.port": str(port), **conf})
        if conf.get("livy.spark.master") == "yarn":
            homes["SPARK_HOME"] = _local_in_place_of_yarn(homes["SPARK_HOME"], folder)
        self._environment = {
            **_environment(folder, python),
            **{key: str(home) for key, home in homes.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None
        # In a session of its own, a Ctrl-C in the terminal does not reach it.
        self._guard = subprocess.Popen(
            [sys.executable, guard.__file__, str(folder)],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(self) -> None:
        """Starts the server and waits until it answers.

        Raises:
            RuntimeError: it ended, or did not answer in time; the end of its log is in the message.
        """
        with open(self.folder / "livy.log", "ab") as log:
            self._process = subprocess.Popen(
                [*self._command, "org.apache.livy.server.LivyServer"],
                cwd=self.folder / "work",
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        assert self._guard.stdin is not None
        print(self._process.pid, file=self._guard.stdin, flush=True)
        self._await_answer()

    def stop(self) -> None:
        """Asks the server to end (SIGTERM) and waits until it has."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the server at once (SIGKILL), as when its machine dies; its Spark drivers stay."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Makes the server unreachable: it takes connections and requests and answers none (SIGSTOP)."""
        self._signal(signal.SIGSTOP)
        # On a busy machine it may still answer meanwhile.
        os.waitid(os.P_PID, self._running.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self) -> None:
        """The end of a `pause`: all that was asked meanwhile is answered."""
        self._signal(signal.SIGCONT)

    def log(self) -> str:
        """The end of the server's log."""
        return (self.folder / "livy.log").read_text(errors="replace")[-4000:]

    def close(self) -> None:
        """Ends the server, its Spark drivers and their Python processes, and removes its folder."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        if self._process is not None:
            self._process.wait(ENDS_IN)
        self._guard.wait(ENDS_IN)

    def _await_answer(self) -> None:
        until = time.monotonic() + STARTS_IN
        while not _answers(f"{self.url}/version"):
            if self._running.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Livy did not start; the end of its log:\n{self.log()}")
            time.sleep(0.05)

    def _end(self, how: signal.Signals) -> None:
        self._signal(how)
        self._running.wait(ENDS_IN)
        self._process = None

    def _signal(self, number: signal.Signals) -> None:
        os.kill(self._running.pid, number)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("this Livy server is not running: start() it first")
        return self._process


@contextmanager
def livy_server(
    port: int | None = None, python: Path | None = None, conf: Mapping[str, str] | None = None
) -> Iterator[LivyServer]:
    """A running Livy server, which ends with all it has started, also where we are killed.

    Args:
        port: where it listens; a free one where None.
        python: the Python of its PySpark sessions; that of the environment of PySpark 3.5 where None.
        conf: more settings for livy.conf; with `RECOVERY` its sessions outlive it.

    Raises:
        FileNotFoundError: Livy or PySpark is not installed.
        RuntimeError: it did not start.
    """
    server = LivyServer(
        port=_free_port() if port is None else port,
        python=python or SPARK_ENVIRONMENT / "bin" / "python",
        conf=conf or {},
    )
    try:
        server.start()
        yield server
    finally:
        server.close()


def _configure(folder: Path, conf: Mapping[str, str]) -> None:
    for name in ("conf", "work", "tmp", "logs", "state", "staging"):
        (folder / name).mkdir()
    defaults = {
        "livy.server.host": "127.0.0.1",
        "livy.spark.master": "local[2]",
        "livy.rsc.rpc.server.address": "127.0.0.1",
        "livy.repl.enable-hive-context": "false",
        "livy.server.session.timeout-check": "false",
        # Uploads go through the staging folder; Livy takes no file from a folder that is not listed.
        "livy.session.staging-dir": f"file://{folder}/staging",
        "livy.file.local-dir-whitelist": f"{folder}/staging",
        "livy.server.recovery.state-store.url": f"file://{folder}/state",
    }
    _write(folder / "conf" / "livy.conf", {**defaults, **conf}, " = ")
    spark = {
        **SPARK,
        "spark.local.dir": f"{folder}/tmp",
        "spark.driver.extraJavaOptions": f"-XX:TieredStopAtLevel=1 -Djava.io.tmpdir={folder}/tmp",
    }
    _write(folder / "conf" / "spark-defaults.conf", spark, " ")
    (folder / "conf" / "log4j.properties").write_text(LOGGING)


def _local_in_place_of_yarn(spark: Path, folder: Path) -> Path:
    """A Spark whose `spark-submit` starts all on local[2]; its folder."""
    (folder / "conf" / "yarn-site.xml").write_text(YARN)
    home = folder / "spark"
    (home / "bin").mkdir(parents=True)
    for entry in spark.iterdir():
        if entry.name != "bin":
            (home / entry.name).symlink_to(entry)
    for entry in (spark / "bin").iterdir():
        if entry.name != "spark-submit":
            (home / "bin" / entry.name).symlink_to(entry)
    submit = home / "bin" / "spark-submit"
    submit.write_text(f"#!/bin/sh\nexec '{spark}/bin/spark-submit' --master 'local[2]' \"$@\"\n")
    submit.chmod(0o755)
    return home


def _write(file: Path, settings: Mapping[str, str], separator: str) -> None:
    file.write_text("".join(f"{key}{separator}{value}\n" for key, value in settings.items()))


def _environment(folder: Path, python: Path) -> dict[str, str]:
    # The machine's own Python and Spark settings must not get in.
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYSPARK", "SPARK"))
    }
    return {
        **kept,
        "LIVY_CONF_DIR": str(folder / "conf"),
        "LIVY_LOG_DIR": str(folder / "logs"),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": str(python),
        "TMPDIR": str(folder / "tmp"),
    }


def _java() -> str:
    provide_java()
    home = os.environ.get("JAVA_HOME")
    return str(Path(home, "bin", "java")) if home else "java"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1.0):
            return True
    except urllib.error.HTTPError as refusal:
        return refusal.code == 401  # it wants to know who asks, so it is there
    except OSError:
        return False
