"""`python -m tests.chaos --minutes 5 --seed 1`: prints what was killed, and how long each recovery took."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from maggy.core import events as ev
from tests.chaos import driver
from tests.chaos.journal import complaints
from tests.chaos.monkey import KINDS, Kill, Monkey
from tests.spark.cluster import Cluster


def run(folder: Path, seconds: float, seed: int, say: Callable[[str], None]) -> list[str]:
    """One search under fire; returns what is wrong with it at the end."""
    (folder / "cluster").mkdir()
    cluster = Cluster(folder / "cluster")
    try:
        cluster.start_worker("one")
        cluster.start_worker("two")
        monkey = Monkey(folder, cluster.url, seed)
        try:
            kills = monkey.run(seconds, lambda kill: say(str(kill)))
            monkey.finish()
        finally:
            monkey.close()
    finally:
        cluster.close()
    state = monkey.tail.state
    say(f"{len(state.trials)} trials, {monkey.tail.count(ev.TrialRequeued)} of them run again after a loss")
    for kind in KINDS:
        say(summary(kind, [kill for kill in kills if kill.kind == kind]))
    return complaints(folder / "experiments", driver.value)


def summary(kind: str, kills: list[Kill]) -> str:
    times = [kill.recovery for kill in kills]
    median, longest = statistics.median(times), max(times)
    return f"{kind:<8} killed {len(kills):>3} times; recovery median {median:.1f} s, longest {longest:.1f} s"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        wrong = run(Path(folder), 60 * given.minutes, given.seed, lambda words: print(words, flush=True))
    print(
        "\n".join(wrong)
        or "each trial finished exactly once, with what the function gives for its parameters"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
