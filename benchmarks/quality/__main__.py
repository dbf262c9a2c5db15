"""`python -m benchmarks.quality`: how good are the points that a search finds, and how soon.

Searches with random search, ASHA, Hyperband, TPE and a Gaussian process, by Maggy, by Optuna and by Syne
Tune, on the learning curves of real training runs (data/README.md): same search space, budgets, simulated
workers, simulated clock and seeds. Prints the best validation loss so far, as median and quartiles over the
seeds, and whether ours differs from theirs beyond noise (Mann and Whitney's one-sided test at 5 %, adjusted
by Holm for all pairs). Ends with status 1 where ours is worse.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.quality import show
from benchmarks.quality.compare import Runs, compare
from benchmarks.quality.curves import DATA, EPOCHS, Curves
from benchmarks.quality.play import ALGORITHMS, LIBRARIES, Job, play_all, same

OURS = next(iter(LIBRARIES))


def main() -> None:
    given = _options()
    begun = time.perf_counter()
    runs = played(given)
    comparisons = compare(runs, OURS)
    curves = Curves(given.data)
    print(
        f"best validation loss so far of {given.workers} workers on {len(curves)} runs' curves of {EPOCHS} "
        f"epochs (least of all: {curves.best:.3f}): median (quartiles) over {given.seeds} seeds\n"
    )
    print("\n".join(show.table(runs, comparisons, given.hours)))
    print(f"\n{(time.perf_counter() - begun) / 60:.1f} minutes")
    if given.plot is not None:
        show.plot(runs, given.hours, given.plot)
    sys.exit(any(c.verdict == "WORSE" for c in comparisons))


def played(given: argparse.Namespace) -> Runs:
    """Plays all searches; what two rows share is played once."""
    pairs = list(itertools.product(given.algorithms, LIBRARIES))
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    jobs = [
        Job(algorithm, library, seed, given.data, given.workers, given.hours)
        for algorithm, library in dict.fromkeys(same(*pair) for pair in pairs)
        for seed in seeds
    ]
    best = {
        (run.job.algorithm, run.job.library, run.job.seed): run.best for run in play_all(jobs, given.keep)
    }
    return {pair: np.array([best[(*same(*pair), seed)] for seed in seeds]) for pair in pairs}


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--first-seed", type=int, default=0)
    options.add_argument("--workers", type=int, default=8)
    options.add_argument("--hours", type=float, default=20.0, help="of simulated time")
    options.add_argument("--algorithms", nargs="+", choices=ALGORITHMS, default=ALGORITHMS)
    options.add_argument("--data", type=Path, default=os.environ.get("MAGGY_CURVES", DATA), help="a CSV file")
    options.add_argument(
        "--keep", type=Path, help="a directory of runs: those that are there are not played again"
    )
    options.add_argument("--plot", type=Path, help="a PNG file to draw")
    return options.parse_args()


if __name__ == "__main__":
    main()
