"""A search you can watch: a small neural network on scikit-learn's handwritten digits.

Run it with `make demo`, or `pip install maggy[demo]` and `python -m maggy.demo`.
"""

from __future__ import annotations

import argparse
from typing import Any

from maggy import Searchspace, experiment

EPOCHS = 40


def train(units: int, lr: float, alpha: float, batch: int, activation: str, reporter: Any) -> float:
    """Trains a network of one hidden layer, broadcasting its validation accuracy after each epoch."""
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    images, digits = load_digits(return_X_y=True)
    x, x_val, y, y_val = train_test_split(images / 16, digits, test_size=0.3, random_state=0)
    network = MLPClassifier(
        (units,), activation, alpha=alpha, batch_size=batch, learning_rate_init=lr, random_state=0
    )
    accuracy = 0.0
    for epoch in range(EPOCHS):
        network.partial_fit(x, y, classes=np.unique(digits))
        accuracy = network.score(x_val, y_val)
        reporter.broadcast(accuracy, step=epoch)
    print(f"{units} units: {accuracy:.4f} after {EPOCHS} epochs, loss {network.loss_:.4f}")
    return accuracy


SPACE = Searchspace(
    units=("INTEGER", [8, 256], {"log": True}),
    lr=("DOUBLE", [1e-5, 1e-1], {"log": True}),
    alpha=("DOUBLE", [1e-6, 1e-1], {"log": True}),
    batch=("DISCRETE", [16, 32, 64, 128]),
    activation=("CATEGORICAL", ["relu", "tanh", "logistic"]),
)


def main() -> None:
    """Searches, and says what was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=30)
    experiment.lagom(
        train,
        SPACE,
        optimizer="randomsearch",
        direction="max",
        num_trials=options.parse_args().trials,
        name="digits",
        hb_interval=0.1,
        es_interval=0.1,
        es_min=5,
        description="A small neural network on scikit-learn's handwritten digits",
    )


if __name__ == "__main__":
    main()
