"""A real standalone cluster of the pip package's Spark: a master, and workers of one core each."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from pathlib import Path

import pyspark

from tests.spark.programs import QUICK, environment
from tests.waiting import eventually

SPARK_HOME = Path(pyspark.__file__).parent


class Cluster:
    """Ports are free ones, logs and work go to `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        self._start("master", "master.Master", "--port", "0")
        self.url = eventually(lambda: re.findall(r"spark://127\.0\.0\.1:\d+", self._log("master")), 60)[0]

    def start_worker(self, name: str) -> None:
        """Adds a worker, and waits until the master knows it."""
        folder = self._folder / name
        options = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder)]
        self._start(name, "worker.Worker", *options, self.url)
        eventually(lambda: "Successfully registered with master" in self._log(name), 60)

    def stop_worker(self, name: str) -> None:
        """Kills a worker with all that it runs."""
        process = self._daemons.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()

    def close(self) -> None:
        for name in list(self._daemons):
            self.stop_worker(name)

    def _start(self, name: str, main: str, *options: str) -> None:
        command = [str(SPARK_HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{main}"]
        env = environment(SPARK_HOME=str(SPARK_HOME), SPARK_DAEMON_JAVA_OPTS=QUICK)
        del env["PYTHONPATH"]  # executors must not find Maggy by accident
        with (self._folder / f"{name}.log").open("wb") as log:
            self._daemons[name] = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--webui-port", "0", *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True,
                cwd=self._folder,
            )  # fmt: skip

    def _log(self, name: str) -> str:
        assert self._daemons[name].poll() is None, (self._folder / f"{name}.log").read_text()[-3000:]
        return (self._folder / f"{name}.log").read_text()
