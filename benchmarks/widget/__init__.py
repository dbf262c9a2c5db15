"""The live view in a real JupyterLab: how soon a metric is seen, how smoothly it moves, what it costs.

    python -m benchmarks.widget            all of it, in about five minutes
    python -m benchmarks.widget --help     for parts of it

A Jupyter server, kernels, a local Spark and a headless Chromium run on this machine together, so that
figures from two cores are worse than what people see. Needs what `make test` sets up.
"""
