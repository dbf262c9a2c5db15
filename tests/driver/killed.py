"""`python -m tests.driver.killed FOLDER TRIALS`: a search that is taken up again, for tests that kill it."""

import sys
from pathlib import Path
from unittest.mock import patch

from maggy import Searchspace, experiment
from tests.driver import functions
from tests.driver.local import LocalDriver

SPACE = Searchspace(x=("INTEGER", [0, 1000]))

if __name__ == "__main__":
    with patch("maggy.driver.driver.Driver", LocalDriver):
        experiment.lagom(
            functions.slow_square,
            SPACE,
            num_trials=int(sys.argv[2]),
            name="killed",
            hb_interval=0.01,
            es_policy="none",
            directory=Path(sys.argv[1]),
            display=False,
            resume=True,
            trial_timeout=60,
            worker_timeout=30,
        )
