"""What comes over the network is never unpickled, neither by the driver nor by a worker."""

from __future__ import annotations

import json
import subprocess
import sys

from maggy.rpc import messages as msg
from tests.executor import functions
from tests.executor.processes import ROOT, ends_clean, task_for, working
from tests.executor.test_worker import last_words, play
from tests.rpc.served import serving
from tests.rpc.unpickling import explosives, spelled


def test_a_driver_unpickles_nothing_that_strangers_or_workers_say(tmp_path):
    command = [sys.executable, "-m", "tests.rpc.unpickling", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["finished"], told["looked_up"]) == (20, [])
    assert (tmp_path / "control").exists()
    assert not (tmp_path / "exploded").exists()


def test_a_worker_unpickles_nothing_that_the_driver_says(tmp_path):
    texts = [spelled(data) for data in explosives(tmp_path / "exploded")]
    runs = [msg.Run("first", 1, 1, {"x": 0})]
    runs += [msg.Run(text, n, 1, {"x": text}, state=text) for n, text in enumerate(texts, 2)]
    with serving(**play(*runs)) as served:
        with working(task_for(served.port, functions.counts_what_is_unpickled)) as worker:
            ends_clean(worker)
        assert [word.value for word in last_words(served)] == [0.0] * len(runs)
    assert not (tmp_path / "exploded").exists()
