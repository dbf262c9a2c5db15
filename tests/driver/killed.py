"""`python -m tests.driver.killed FOLDER TRIALS [SPOOL]`: a search that is taken up again, to be killed.

With SPOOL the folder is in a store, and this process's own copy of it below SPOOL.
"""

import os
import sys
from unittest.mock import patch

from maggy import Searchspace, experiment
from maggy.driver import lease, mirror
from tests.driver import functions
from tests.driver.local import LocalDriver

SPACE = Searchspace(x=("INTEGER", [0, 1000]))

if __name__ == "__main__":
    folder, trials, *spool = sys.argv[1:]
    os.environ["MAGGY_SPOOL"] = "".join(spool)
    mirror.INTERVAL, lease.BEAT, lease.PATIENCE, lease._LOOK = 0.02, 0.05, 0.5, 0.02
    with patch("maggy.driver.driver.Driver", LocalDriver):
        experiment.lagom(
            functions.slow_square,
            SPACE,
            num_trials=int(trials),
            name="killed",
            hb_interval=0.01,
            es_policy="none",
            directory=folder,
            display=False,
            resume=True,
            trial_timeout=60,
            worker_timeout=30,
        )
