"""The table and the plot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.quality.compare import FIRST, POINTS, Best, Comparison, Runs

# Parts of the time that the table has columns for.
COLUMNS = (0.1, 0.25, 0.5, 1.0)
# Okabe and Ito's, which everybody can tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73")


def table(runs: Runs, comparisons: list[Comparison], hours: float) -> Iterator[str]:
    """Lines of Markdown."""
    yield _row("", "", *(f"after {part * hours:g} h" for part in COLUMNS), "average", "ours is")
    yield "|---|---|" + "---|" * len(COLUMNS) + "---|---|"
    for (algorithm, library), best in runs.items():
        ends = [max(0, round(part * POINTS) - 1) for part in COLUMNS]
        cells = [_quartiles(best[:, end]) if end < best.shape[1] else "not played" for end in ends]
        average = f"{best[:, FIRST:].mean():.4f}"
        yield _row(algorithm, library, *cells, average, _verdicts(algorithm, library, comparisons))


def _row(*cells: str) -> str:
    widths = (14, 9, *(20 for _ in COLUMNS), 7, 0)
    return "| " + " | ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)) + " |"


def _quartiles(losses: Best) -> str:
    low, middle, high = np.quantile(losses, (0.25, 0.5, 0.75))
    return f"{middle:.3f} ({low:.3f}-{high:.3f})"


def _verdicts(algorithm: str, library: str, comparisons: list[Comparison]) -> str:
    found = [c for c in comparisons if (c.algorithm, c.rival) == (algorithm, library)]
    return "; ".join(f"{c.figure} {c.verdict} (p {min(c.p_worse, c.p_better):.2g})" for c in found)


def plot(runs: Runs, hours: float, path: Path) -> None:
    """Medians and quartiles of the best loss over time, a panel for each algorithm."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    algorithms = list(dict.fromkeys(algorithm for algorithm, _ in runs))
    rows = -(-len(algorithms) // 3)
    figure, panels = pyplot.subplots(
        rows, 3, figsize=(9.6, 2.9 * rows), sharex=True, sharey=True, squeeze=False
    )
    times = np.linspace(hours / POINTS, hours, POINTS)
    for algorithm, panel in zip(algorithms, panels.flat, strict=False):
        of_it = [(library, best) for (name, library), best in runs.items() if name == algorithm]
        for colour, (library, best) in zip(COLOURS, of_it, strict=False):
            low, middle, high = np.quantile(best[:, FIRST:], (0.25, 0.5, 0.75), axis=0)
            shown = times[FIRST : best.shape[1]]
            panel.fill_between(shown, low, high, color=colour, alpha=0.15, linewidth=0)
            panel.plot(shown, middle, color=colour, label=library, linewidth=1.5)
        panel.set_title(algorithm, fontsize=10)
        panel.grid(alpha=0.3)
    for panel in panels.flat[len(algorithms) :]:
        panel.set_visible(False)
    panels[0][0].legend(frameon=False, fontsize=9)
    figure.supxlabel("simulated hours", fontsize=9)
    figure.supylabel("best validation loss so far: median and quartiles", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
