# From a bare checkout, with Python 3.11 or newer and make: each target installs what it needs into .venv.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: serve test quick check fix bench contract screenshots lock help

serve: .venv/.installed-run  ## Run the service; TAXONOMY_* variables are honoured.
	$(BIN)/virt-taxonomy serve

test: .venv/.installed  ## Run all tests, in two processes.
	$(BIN)/pytest --numprocesses 2 --dist worksteal

quick: .venv/.installed  ## Run the tests that take no time and need nothing but .venv, between two thoughts.
	$(BIN)/pytest --numprocesses 2 --dist worksteal -m "not (browser or postgresql or proxy or slow or spreadsheet)"

# What checks the explorer's scripts and stylesheet, where Node.js is.
NODE_TOOLS := $(if $(shell command -v npm 2>/dev/null),node_modules/.package-lock.json)

check: .venv/.installed $(NODE_TOOLS)  ## Lint, check types, and hold what is generated against what is committed.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@if [ "$(NODE_TOOLS)" ]; then npm run --silent check; \
	else echo "npm is not installed: prettier and tsc are left out."; [ -z "$$CI" ]; fi
	$(BIN)/pytest tests/promises/test_openapi.py tests/store/test_migration.py

fix: .venv/.installed $(NODE_TOOLS)  ## Correct what ruff can correct, and format the code.
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format
	$(if $(NODE_TOOLS),node_modules/.bin/prettier --log-level warn --write app/pages/static)

bench: .venv/.installed  ## Measure the service beside its peers, in about twenty minutes; writes benchmarks/RESULTS.md.
	$(BIN)/python -m benchmarks

contract: .venv/.installed  ## Write what is generated: openapi.json, its examples, the schema of the packs.
	$(BIN)/python -m tools.contract

screenshots: .venv/.installed  ## Photograph the explorer into .screenshots/ and docs/explorer.png, and measure its first paint.
	$(BIN)/python -m tools.screenshots

LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header

lock:  ## Pin the newest versions that pyproject.toml allows, and what of them the image needs; needs uv.
	$(LOCK) --upgrade --group dev --output-file requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --output-file requirements-run.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --output-file requirements-build.lock --group build

help:  ## List these targets.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.venv/.installed-run: requirements-run.lock requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version) if sys.version_info < (3, 11) else 0'
	@echo "Installing what serving needs into .venv: 30 MB to download, 170 MB on disk, about a minute."
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) --require-hashes --requirement requirements-run.lock --requirement requirements-build.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed: .venv/.installed-run requirements.lock
	@echo "Installing what tests and checks need beside it: 150 MB to download, 560 MB on disk, about a minute."
	@$(PIP) --require-hashes --requirement requirements.lock
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	touch $@
