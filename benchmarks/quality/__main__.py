"""`python -m benchmarks.quality`: searches on real learning curves, beside Optuna's and Syne Tune's."""

from __future__ import annotations

import argparse
import itertools
import os
from pathlib import Path

import numpy as np

from benchmarks.quality.curves import DATA
from benchmarks.quality.play import ALGORITHMS, LIBRARIES, Job, play_all


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--first-seed", type=int, default=0)
    options.add_argument("--workers", type=int, default=8)
    options.add_argument("--hours", type=float, default=40.0, help="of simulated time")
    options.add_argument("--algorithms", nargs="+", choices=ALGORITHMS, default=ALGORITHMS)
    options.add_argument("--data", type=Path, default=os.environ.get("MAGGY_CURVES", DATA))
    given = options.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    jobs = [
        Job(algorithm, library, seed, Path(given.data), given.workers, 3600 * given.hours)
        for algorithm, seed, library in itertools.product(given.algorithms, seeds, LIBRARIES)
    ]
    runs, spent = {}, {}
    for run in play_all(jobs):
        key = run.job.algorithm, run.job.library
        runs.setdefault(key, []).append(run.best)
        spent[key] = spent.get(key, 0.0) + run.seconds
    for key in itertools.product(given.algorithms, LIBRARIES):
        b = np.array(runs[key])
        print(f"{key[0]:16}{key[1]:10}", end="")
        for q in (0.05, 0.1, 0.25, 0.5, 1.0):
            at = b[:, int(q * (b.shape[1] - 1))]
            lo, mid, hi = np.quantile(at, (0.25, 0.5, 0.75))
            print(f"  {mid:.3f} [{lo:.3f} {hi:.3f}]", end="")
        print(f"   mean {b[:, 10:].mean():.4f}  {spent[key]:.1f} s")


if __name__ == "__main__":
    main()
