"""`python -m benchmarks.quality`: searches on real learning curves, beside Optuna's and Syne Tune's."""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import time
from pathlib import Path

from benchmarks.quality import compare, optunas, ours, synetunes
from benchmarks.quality.curves import DATA, Curves

LIBRARIES = {"maggy": ours, "optuna": optunas, "syne tune": synetunes}


def _play(job: tuple[str, str, int, Path, int, float]) -> tuple[str, str, compare.Best, float]:
    library, algorithm, seed, path, workers, limit = job
    begun = time.perf_counter()
    reports = LIBRARIES[library].search(algorithm, seed, Curves(path), workers, limit)
    return library, algorithm, compare.best_so_far(reports, limit), time.perf_counter() - begun


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--first-seed", type=int, default=0)
    options.add_argument("--workers", type=int, default=8)
    options.add_argument("--hours", type=float, default=40.0, help="of simulated time")
    options.add_argument("--algorithms", nargs="+", choices=ours.SEARCHES, default=list(ours.SEARCHES))
    options.add_argument("--data", type=Path, default=os.environ.get("MAGGY_CURVES", DATA))
    given = options.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    jobs = [
        (library, algorithm, seed, Path(given.data), given.workers, 3600 * given.hours)
        for algorithm, seed, library in itertools.product(given.algorithms, seeds, LIBRARIES)
    ]
    runs: dict[tuple[str, str], list[compare.Best]] = {}
    spent: dict[tuple[str, str], float] = {}
    with multiprocessing.get_context("spawn").Pool(maxtasksperchild=None) as pool:
        for library, algorithm, best, took in pool.imap_unordered(_play, jobs):
            runs.setdefault((algorithm, library), []).append(best)
            spent[algorithm, library] = spent.get((algorithm, library), 0.0) + took
    import numpy as np
    for key in itertools.product(given.algorithms, LIBRARIES):
        b = np.array(runs[key])
        print(f"{key[0]:16}{key[1]:10}", end="")
        for q in (0.1, 0.25, 0.5, 1.0):
            at = b[:, int(q * (b.shape[1] - 1))]
            lo, mid, hi = np.quantile(at, (0.25, 0.5, 0.75))
            print(f"  {mid:.3f} [{lo:.3f} {hi:.3f}]", end="")
        print(f"   mean {b.mean():.4f}  {spent[key]:.1f} s")


if __name__ == "__main__":
    main()
