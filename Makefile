# From a bare checkout, with Python 3.11 or newer and make: everything else is installed into .venv.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: serve test check bench contract screenshots lock

serve: .venv/.installed  ## Run the service; TAXONOMY_* variables are honoured.
	$(BIN)/virt-taxonomy serve

test: .venv/.installed  ## Run the tests, on SQLite and on PostgreSQL.
	$(BIN)/pytest

# What checks the explorer's scripts and stylesheet, where Node.js is.
NODE_TOOLS := $(if $(shell command -v npm 2>/dev/null),node_modules/.package-lock.json)

check: .venv/.installed $(NODE_TOOLS)  ## Lint, check types, and hold what is generated against what is committed.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@if [ "$(NODE_TOOLS)" ]; then npm run --silent check; \
	else echo "npm is not installed: prettier and tsc are left out."; [ -z "$$CI" ]; fi
	$(BIN)/pytest tests/test_openapi.py tests/test_completeness.py tests/test_migrations.py

bench: .venv/.installed  ## Measure the service beside its peers, in about twenty minutes; writes benchmarks/RESULTS.md.
	$(BIN)/python -m benchmarks

contract: .venv/.installed  ## Write what is generated: openapi.json, its examples, the schema of the packs.
	$(BIN)/python -m tests.contract

screenshots: .venv/.installed  ## Photograph the explorer into .screenshots/ and docs/explorer.png, and measure its first paint.
	$(BIN)/python -m tests.screenshots

LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header

lock:  ## Pin the newest versions that pyproject.toml allows, and what of them the image needs; needs uv.
	$(LOCK) --upgrade --group dev --output-file requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --output-file requirements-run.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --output-file requirements-build.lock --group build

.venv/.installed: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version) if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	touch $@
