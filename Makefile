# From a bare checkout, with Python 3.11 or newer and make: each target installs what it needs into .venv.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: serve test quick check fix bench contract resolve-report ask-report dataset-report screenshots lock help

# What needs Node.js (the checks of the explorer, tests of clients) is left out where it is not installed.
NODE_TOOLS := $(if $(shell command -v npm 2>/dev/null),node_modules/.package-lock.json)

serve: .venv/.installed-run  ## Run the service, with settings from TAXONOMY_* variables.
	$(BIN)/virt-taxonomy serve

test: .venv/.installed .venv/clients/.installed $(NODE_TOOLS)  ## Run all tests, in two processes.
	$(BIN)/pytest --numprocesses 2 --dist worksteal

quick: .venv/.installed  ## Run the fast tests, which need nothing but .venv.
	$(BIN)/pytest --numprocesses 2 --dist worksteal -m "not (browser or postgresql or proxy or slow or spreadsheet)"

check: .venv/.installed $(NODE_TOOLS)  ## Lint, check types, and compare generated files with the committed ones.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@if [ "$(NODE_TOOLS)" ]; then npm run --silent check; \
	else echo "npm is not installed: skipping prettier and tsc."; [ -z "$$CI" ]; fi
	$(BIN)/pytest tests/promises/test_openapi.py tests/store/test_migration.py

fix: .venv/.installed $(NODE_TOOLS)  ## Apply ruff's automatic fixes, and format the code.
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format
	$(if $(NODE_TOOLS),node_modules/.bin/prettier --log-level warn --write app/pages/static tests/clients deploy/*.json)

bench: .venv/.installed  ## Measure the service against its peers and write benchmarks/RESULTS.md; takes about 20 minutes.
	$(BIN)/python -m benchmarks

contract: .venv/.installed  ## Generate openapi.json with its examples, seed/pack.schema.json and tests/mcp/tools.json.
	$(BIN)/python -m tools.contract

resolve-report: .venv/.installed  ## Look up the strings of real inventories, and write docs/resolving.md.
	$(BIN)/python -m tools.resolve_report

ask-report: .venv/.installed  ## Ask the questions of tools/questions.tsv, and write docs/asking.md.
	$(BIN)/python -m tools.ask_report

dataset-report: .venv/.installed  ## Count what the packs contain, and write docs/dataset.md.
	$(BIN)/python -m tools.dataset_report

screenshots: .venv/.installed  ## Take screenshots of the explorer (.screenshots/, docs/explorer.png) and time its first paint.
	$(BIN)/python -m tools.screenshots

LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header

lock:  ## Pin the newest versions that pyproject.toml allows, for development and for the image; needs uv.
	$(LOCK) --upgrade --extra mcp --group dev --output-file requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --extra mcp --output-file requirements-run.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --output-file requirements-build.lock --group build
	$(LOCK) --upgrade --output-file requirements-clients.lock --group clients

help:  ## List these targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.venv/.installed-run: requirements-run.lock requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version) if sys.version_info < (3, 11) else 0'
	@echo "Installing what serving needs into .venv: 40 MB to download, 200 MB on disk, about a minute."
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) --require-hashes --requirement requirements-run.lock --requirement requirements-build.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed: .venv/.installed-run requirements.lock
	@echo "Installing what tests and checks also need: 150 MB to download, 560 MB on disk, about a minute."
	@$(PIP) --require-hashes --requirement requirements.lock
	@touch $@

# The clients that the tests try, which need other versions of packages than the project.
.venv/clients/.installed: .venv/.installed-run requirements-clients.lock
	@echo "Installing the clients that tests try: 50 MB to download, 290 MB on disk."
	@$(PYTHON) -m venv --clear .venv/clients
	@.venv/clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement requirements-clients.lock
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	touch $@
