"""`python -m maggy` is `maggy`."""

import sys

from maggy.cli import main

sys.exit(main())
