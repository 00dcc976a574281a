# `make help` tells what there is. Works from a bare checkout: python3 (3.11 or newer) with venv, and make.
VENV   ?= .venv
PYTHON ?= python3
PORT   ?= 8000
export PORT
RUN     = $(VENV)/bin/python manage.py
LOCK    = uv pip compile --quiet --universal --generate-hashes --no-annotate --python-version 3.11
PYTEST  = $(VENV)/bin/python -m pytest
JOBS   ?= 3
COUNT  ?= 1000000
SEED   ?= 1
# Compiled once: where an environment forbids it, every process of ours compiles all of our code again.
PYTHONDONTWRITEBYTECODE =
export VENV PYTHON PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo run test test-quick test-thorough test-services lint format lock bench fuzz chaos clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  PORT=8000 and CREDHUB_DATA_DIR=var move it."

demo: $(VENV)/.run ## Set up and run the demo: sandbox Apple, demo organizations, logins printed
	@exec env CREDHUB_DATA_DIR="$${CREDHUB_DATA_DIR:-var/demo}" $(RUN) up --demo

run: $(VENV)/.run ## Set up and run a clean instance
	@exec $(RUN) up

test: $(VENV)/.dev ## Run the whole suite on SQLite, in random order
	$(PYTEST) -n $(JOBS) $(ARGS)

test-quick: $(VENV)/.dev ## The same without what drives browsers and whole machines
	$(PYTEST) -n $(JOBS) -m "not long" $(ARGS)

test-thorough: $(VENV)/.dev ## What `test` leaves out on SQLite: drills, and the same for others (tests/thoroughness.py)
	$(PYTEST) -n $(JOBS) -m thorough $(ARGS)

test-services: $(VENV)/.dev ## Run the suite on PostgreSQL and Redis (started here if there are none)
	VENV=$(VENV) bin/test-services -n $(JOBS) $(ARGS)

lint: $(VENV)/.dev ## Check style, types, migrations and the deployment settings
	VENV=$(VENV) bin/lint

format: $(VENV)/.dev ## Put the code in form
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(VENV)/.dev ## Measure what things cost, as ratios to a floor of the same run
	$(VENV)/bin/python -m tests.bench

fuzz: $(VENV)/.dev ## Run a million hostile files over every parser (COUNT=1000000 SEED=1)
	$(VENV)/bin/python -m tests.fuzz --count $(COUNT) --seed $(SEED)

chaos: $(VENV)/.dev ## Kill workers, PostgreSQL and Redis under a misbehaving Apple, then count what was lost (SEED=1)
	$(VENV)/bin/python -m tests.chaos --seed $(SEED) $(ARGS)

lock: $(VENV)/.dev ## Compile the requirements with hashes
	$(VENV)/bin/$(LOCK) requirements.in -o requirements.txt
	$(VENV)/bin/$(LOCK) requirements-dev.in -o requirements-dev.txt

clean: ## Remove the virtual environment and caches; data in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.run: requirements.txt
	@bin/setup requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt
	@bin/setup requirements-dev.txt
	@touch $@ $(VENV)/.run
