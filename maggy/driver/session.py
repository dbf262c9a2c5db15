"""The Spark session that the search runs on, and what it says about itself."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maggy.driver.java import provide_java

# With dynamic allocation executors come because jobs wait; so many may wait where Spark has no bound.
MOST_WAITING_JOBS = 512


def find_session() -> Any:
    """The active SparkSession, else a new one: as spark-submit or the defaults say, else local.

    Raises:
        RuntimeError: the session is a Spark Connect one, has settings under which workers cannot live, or
            cannot be started for want of Java.
    """
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    if "SPARK_REMOTE" in os.environ or "SPARK_CONNECT_MODE_ENABLED" in os.environ:
        raise RuntimeError(
            "Maggy needs a classic Spark session; Spark Connect has no SparkContext to run workers on"
        )
    if SparkContext._active_spark_context is None:
        return _start_session()
    session = SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
    _check(session)
    return session


def _start_session() -> Any:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    # spark-submit and a session that was stopped leave a JVM that runs.
    if SparkContext._gateway is None and "PYSPARK_GATEWAY_PORT" not in os.environ:
        provide_java()
    # The master is what spark-submit or Spark's defaults say, local[*] where they say nothing. Spark's
    # own progress bar would write over ours.
    builder = SparkSession.builder.appName("maggy").config("spark.ui.showConsoleProgress", "false")
    session = builder.getOrCreate()
    _check(session)
    return session


def _check(session: Any) -> None:
    conf = session.sparkContext.getConf()
    kill = conf.get("spark.python.worker.killOnIdleTimeout", "false") == "true"
    if kill and conf.get("spark.python.worker.idleTimeoutSeconds", "0") not in ("0", "0s"):
        raise RuntimeError(
            "spark.python.worker.killOnIdleTimeout would kill workers in the middle of a trial; "
            "start the Spark session with it set to false"
        )


def is_local(context: Any) -> bool:
    """Whether the executors are threads of the driver's own JVM."""
    master: str = context.master
    return master == "local" or master.startswith("local[")


def addresses(context: Any) -> tuple[str, str, int]:
    """(host to bind, host that workers connect to, port or 0), as Spark's own driver does it.

    The port is that of the Spark setting `spark.maggy.driver.port`, for networks with closed ports.
    """
    conf = context.getConf()
    port = int(conf.get("spark.maggy.driver.port", "0"))
    if is_local(context):
        return "127.0.0.1", "127.0.0.1", port
    host = conf.get("spark.driver.host").strip("[]")
    return conf.get("spark.driver.bindAddress", host).strip("[]"), host, port


def wants_tls(context: Any) -> bool:
    """Whether workers are to speak TLS: the Spark setting `spark.maggy.tls`.

    Raises:
        ValueError: it is neither true nor false.
    """
    given = context.getConf().get("spark.maggy.tls", "false").lower()
    if given not in ("true", "false"):
        raise ValueError(f"the Spark setting spark.maggy.tls must be true or false, not {given!r:.60}")
    return bool(given == "true")


def count_slots(context: Any) -> int:
    """How many tasks can run at once now; under dynamic allocation, how many could with all executors."""
    conf = context.getConf()
    if conf.get("spark.dynamicAllocation.enabled", "false") == "true":
        return _slots_to_allocate(conf)
    executors = context._jsc.sc().statusStore().executorList(True)
    return sum(executors.apply(i).maxTasks() for i in range(executors.size()))


def _slots_to_allocate(conf: Any) -> int:
    most = conf.get("spark.dynamicAllocation.maxExecutors", "")
    cores = int(conf.get("spark.executor.cores", "1")) // int(conf.get("spark.task.cpus", "1"))
    return min(int(most) * max(1, cores), MOST_WAITING_JOBS) if most.isdigit() else MOST_WAITING_JOBS


# They log each worker job that fails with Java's stack trace, twice; we say what matters in one line.
_WORDY = (
    "org.apache.spark.executor.Executor",
    "org.apache.spark.scheduler.TaskSetManager",
    "org.apache.spark.TaskContextImpl",
)


def quiet(context: Any) -> Callable[[], None]:
    """Keeps Spark's progress bar, and stack traces of lost workers, off the terminal.

    Returns what brings them back. Where Spark is not built as we know it, it goes on as it is.
    """
    undo = []
    for hush in (_stop_progress_bar, _silence):
        with contextlib.suppress(Exception):
            undo.append(hush(context))

    def restore() -> None:
        while undo:
            with contextlib.suppress(Exception):  # Spark is gone
                undo.pop()()

    return restore


def _stop_progress_bar(context: Any) -> Callable[[], None]:
    """It would write "[Stage 1:> (0 + 1) / 1]" into our display; a stopped one cannot go on."""
    spark = context._jsc.sc()
    field = spark.getClass().getDeclaredField("_progressBar")
    field.setAccessible(True)
    spark.progressBar().get().stop()  # raises where there is none

    def start_another() -> None:
        if not spark.isStopped():
            field.set(
                spark, context._jvm.scala.Some(context._jvm.org.apache.spark.ui.ConsoleProgressBar(spark))
            )

    return start_another


def _silence(context: Any) -> Callable[[], None]:
    log4j = context._jvm.org.apache.logging.log4j
    logging = log4j.LogManager.getContext(False)
    loggers = logging.getConfiguration()
    silenced = [name for name in _WORDY if not loggers.getLoggers().containsKey(name)]
    for name in silenced:
        log4j.core.config.Configurator.setLevel(name, log4j.Level.OFF)

    def speak() -> None:
        for name in silenced:
            loggers.removeLogger(name)
        logging.updateLoggers()

    return speak


def ship_maggy(context: Any) -> None:
    """Sends this very Maggy to the executors, where it may be missing or of another version."""
    archive = _archive(Path(__file__).parents[1])
    if archive.name not in {Path(f).name for f in context._python_includes}:
        before = list(sys.path)
        context.addPyFile(str(archive))
        sys.path[:] = before  # the driver has its own


_archives: dict[Path, Path] = {}


def _archive(package: Path) -> Path:
    """A zip of the package, named by its content, kept for this process's life."""
    if package not in _archives:
        sources = sorted(p for p in package.rglob("*.py") if "__pycache__" not in p.parts)
        digest = hashlib.sha256(b"".join(p.read_bytes() for p in sources)).hexdigest()[:12]
        folder = Path(tempfile.mkdtemp(prefix="maggy-ship-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _archives[package] = folder / f"maggy-{digest}.zip"
        with zipfile.ZipFile(_archives[package], "w") as archive:
            for source in sources:
                archive.write(source, Path("maggy") / source.relative_to(package))
    return _archives[package]
