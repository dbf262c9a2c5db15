"""What the libraries under test want to have in the environment."""

from __future__ import annotations

import os
import tempfile

# JAX is the lightest backend of Keras. Its settings would be written to the home folder otherwise.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("KERAS_HOME", os.path.join(tempfile.gettempdir(), "keras-of-maggys-tests"))
