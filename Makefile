# Halfpenny. Needs Python 3.11 or newer, make and a package index; everything else it fetches.
#   make demo [PORT=8000] [RESET=1]   a running panel with a pretend provider
#   make test                         the test suite
#   make chaos                        orders under fire, and the proof that none was lost or doubled
#   make bench                        every figure of docs/benchmarks.md, measured beside a baseline
# All paths are relative, so that it works in any folder.

PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$name" && break; done)
PORT ?= 8000
ARGS ?=
JOBS ?= 2
# One more where tests wait for other processes.
SERVICES ?= 3
BROWSERS ?= 3
PY := .venv/bin/python
# Python keeps what it has compiled, wherever else that is forbidden: a run starts many processes.
export PYTHONDONTWRITEBYTECODE :=
# Whoever has nothing left to do takes from what waits for the other.
PYTEST := $(PY) -m pytest --dist worksteal
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help setup demo seed test test-services test-browser screenshots pictures \
	chaos bench lint audit format api-types messages untranslated lock clean

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

setup: .venv/development.stamp ## Make the environment with everything for development

demo: .venv/runtime.stamp ## Run the demo; PORT= chooses its port, RESET=1 starts anew
	@exec $(PY) manage.py demo --port $(PORT) $(if $(RESET),--reset)

test: .venv/development.stamp ## Run the tests on SQLite; ARGS= goes to pytest
	$(PYTEST) -n $(JOBS) $(ARGS)

test-services: .venv/development.stamp ## Run them on PostgreSQL and Redis, and those that need both
	$(PY) .ci/services.py $(PYTEST) -n $(SERVICES) -m "not browser" $(ARGS)

test-browser: .venv/development.stamp ## Run the tests that drive a real browser
	.ci/chromium
	$(PYTEST) -n $(BROWSERS) -m browser --reruns 1 -rR $(or $(ARGS),tests/browser)

screenshots: .venv/development.stamp ## Take pictures of every page; ARGS="--only staff/orders"
	.ci/chromium
	$(PY) -m tests.browser.screenshots $(ARGS)

pictures: .venv/development.stamp ## Take the README's pictures anew, from a demo of their own
	.ci/chromium
	$(PY) -m tests.browser.pictures

chaos: .venv/development.stamp ## Buy while everything is killed; ORDERS=, MINUTES=, SEED=, LOGS=
	@exec $(PY) -m tests.chaos $(if $(ORDERS),--orders $(ORDERS)) \
		$(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) \
		$(if $(LOGS),--logs $(LOGS))

bench: .venv/development.stamp ## Measure everything beside baselines; ORDERS=, ROUNDS=, ONLY=
	POSTGRESQL_SETTINGS="shared_buffers=2GB max_wal_size=4GB" \
		$(PY) .ci/services.py $(PY) -m tests.benchmarks $(if $(ORDERS),--orders $(ORDERS)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY))

lint: .venv/development.stamp ## Check style, types, imports, templates, migrations, deployment
	.ci/lint

audit: .venv/development.stamp ## Ask for known vulnerabilities of what is locked; needs the network
	@.ci/audit requirements.lock

format: .venv/development.stamp ## Put code and templates into shape
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .
	git ls-files -z 'templates/*.html' | xargs -0 .venv/bin/djade --target-version 5.2

api-types: .venv/development.stamp ## Write the types into docs/api.md from their declarations
	$(PY) .ci/api_types.py

messages: .venv/development.stamp ## Collect what is to be translated into locale/
	$(PY) .ci/messages.py

untranslated: .venv/development.stamp ## List English without a translation; ARGS="staff/orders"
	@$(PY) -m tests.support.untranslated $(ARGS)

lock: .venv/development.stamp ## Pin every dependency anew, with hashes
	$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --quiet uv
	$(PY) -m uv pip compile $(LOCK_FLAGS) --extra production pyproject.toml -o requirements.lock
	$(PY) -m uv pip compile $(LOCK_FLAGS) --extra production --group dev pyproject.toml \
		-o requirements-dev.lock
LOCK_FLAGS := --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11

clean: ## Remove the environment and all data of the demo
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Halfpenny needs Python 3.11 or newer; give PYTHON=." >&2; exit 1; }
	@echo "Making the environment (.venv) with $(PYTHON)"
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; \
		echo "Python's venv is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

.venv/runtime.stamp: requirements.lock | .venv/pyvenv.cfg
	@echo "Installing what Halfpenny needs (a minute or two, the first time)"
	@$(PIP) -r requirements.lock
	@$(PY) -m config.catalogs
	@touch $@

.venv/development.stamp: requirements-dev.lock | .venv/pyvenv.cfg
	@echo "Installing what development needs (a minute or two, the first time)"
	@$(PIP) -r requirements-dev.lock
	@$(PY) -m config.catalogs
	@touch $@ .venv/runtime.stamp
