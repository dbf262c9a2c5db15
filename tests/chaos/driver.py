"""The driver program, run as a script: takes up its search again as often as it is started.

    driver.py FOLDER

The search gets more and more trials until there is a file `enough` in the folder.
"""

import random
import sys
import time
from pathlib import Path

from maggy import Searchspace, experiment

MORE = 16  # trials that are still to be made, at least


def value(x):
    """What a trial with this parameter must give, by whichever driver and worker, at whichever attempt."""
    return random.Random(x).random()


def train(x, reporter):
    rng = random.Random(x)
    final = rng.random()
    for step in range(rng.randint(2, 12)):
        reporter.broadcast(final - 1 / (step + 1), step)
        time.sleep(0.1)  # the work of a step, in which workers are killed; nothing waits for it
    return final


def main(folder: Path) -> None:
    handle = experiment.lagom(
        train,
        Searchspace(x=("INTEGER", [0, 1_000_000])),
        num_trials=MORE,
        name="chaos",
        hb_interval=0.2,
        es_policy="none",
        directory=folder / "experiments",
        display=False,
        resume=True,
        wait=False,
    )
    while not handle.done and not (folder / "enough").exists():
        with handle.looking() as state:
            left = state.num_trials - len(state.trials)
        if left < MORE:
            handle.add_trials(MORE)
        handle.wait(timeout=0.2)
    handle.result()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
