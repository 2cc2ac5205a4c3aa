# Two commands on a fresh machine: `make run` and `make test`. Python 3.11, gcc, make.
SHELL := /bin/sh
PYTHON ?= python3
SOURCE ?=
RISKS ?=
GIVEN := $(SOURCE)
GIVEN_RISKS := $(RISKS)
# Without a source of your own: virtual patients, simulated once and kept by DVC, and
# their true risks, to stand beside the models'.
ifeq ($(SOURCE),)
SOURCE := data/simulated/landing
RISKS := $(or $(RISKS),data/simulated/truth/risks)
SIMULATED := simulated
endif
BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
# Nothing phones home: ours, whatever the machine's own settings are.
export DVC_NO_ANALYTICS := 1
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export PREFECT_SERVER_ANALYTICS_ENABLED := false
# What is installed is compiled when it is first imported, and not each time.
unexport PYTHONDONTWRITEBYTECODE
# All cores, unless told otherwise; the bytes are the same (tests/core/test_workers.py).
export CHRONICLE_WORKERS ?= $(shell $(PYTHON) -c "import os; print(os.cpu_count())")

# A file's tests stay together: they share what they made.
TOGETHER := --dist loadfile --no-loadscope-reorder
# Slow ones wait for servers and schedules half of their time: two to a core.
TWICE := $(shell $(PYTHON) -c "import os; print(2 * os.cpu_count())")

# What is never imported is never compiled: half of the work of setting up.
INSTALL := $(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check --no-deps

.PHONY: run repro score fetch simulated patient ui serve models test tested test-slow \
  check bench lock docs gate-spec check-suites accept uncompiled

run: .venv/run $(SIMULATED) ## set-up, collect SOURCE (and RISKS), make what is stale
	@python -m chronicle.ingest.fingerprint reports/ledger.json
	@python -m flows.retrain "$(SOURCE)" $(if $(RISKS),"$(RISKS)")

repro: .venv/run ## the same stages by DVC alone, no server; collects SOURCE if nothing is
	@test -e data/landing.dvc || { test -z "$(SIMULATED)" || dvc repro -q simulation/dvc.yaml; }
	@test -e data/landing.dvc || python -m flows.collect "$(SOURCE)" $(if $(RISKS),"$(RISKS)")
	@test -e data/risks.dvc || python -m flows.collect data/landing
	@python -m chronicle.ingest.fingerprint reports/ledger.json
	@dvc repro

score: .venv/run ## today's risks by the models in use; no model is made (SOURCE, RISKS: new ones)
	@python -m flows.now daily "$(GIVEN)" $(if $(GIVEN_RISKS),"$(GIVEN_RISKS)")

fetch: .venv/run ## a FHIR server's bulk export, in data/fetched: a SOURCE for `make run`
	@python -m chronicle fetch data/fetched

simulated: .venv/run ## virtual patients and their truth, in data/simulated
	@dvc repro -q simulation/dvc.yaml

patient: .venv/run ## a page on SUBJECT (subject_id), in the private folder, for its owner alone
	@python -m chronicle.explain.patient data/checked data/cohorts data/features models \
	  diseases data/explained data/evaluations data/promotions $(SUBJECT)

ui: .venv/run ## Prefect's pages, with the runs made so far
	@python -m flows.ui

serve: .venv/run ## the schedule (prefect.yaml): server, worker and pages, until ctrl-C
	@python -m flows.serve

models: .venv/run ## every version that was kept; `python -m flows.models` has the rest
	@python -m flows.models list

test: check tested ## set-up, the house's rules and the fast tests; all with TESTS=all

test-slow: .venv/dev ## a Prefect server, a browser, whole runs
	@python -m pytest -m slow -n $(TWICE) $(TOGETHER)

# Beside `check` with -j2, so that no core waits; fast ones fill the gaps of slow ones.
tested: .venv/dev
	@python -m pytest $(if $(filter all,$(TESTS)),-m "slow or not slow" -n $(TWICE),-n logical) $(TOGETHER)

check: .venv/dev ## what pre-commit and CI run
	@ruff check . && ruff format --check . && mypy && lint-imports

check-suites: .venv/run ## a typo in expectations/, or a check that can never fail
	@python -m chronicle.check expectations && python -m chronicle.audit expectations

accept: ## this run is as it should be: later ones are compared with it
	@mkdir -p expectations/reference
	@cp data/profile.csv expectations/reference/profile.csv

bench: .venv/dev ## speed and memory, as ratios to a limit of the same run
	@python benchmarks/simulate.py
	@python benchmarks/ingest.py
	@python benchmarks/features.py

docs: .venv/dev ## the reference pages that are generated
	@python docs/generate.py
	@python docs/features.py
	@python docs/population.py

gate-spec: .venv/dev ## what fhir.resources asks, for the fast tier of validation
	@python -m chronicle.ingest.gate.dump

lock: ## ranges in requirements*.in -> versions and hashes in requirements*.lock
	@for name in requirements requirements-dev; do \
	  uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate $$name.in -o $$name.lock; \
	done

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Chronicle needs Python 3.11 or later: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv

# What is compiled here: the gate of ingest; anew where what came out is gone.
COMPILED := $(wildcard src/chronicle/ingest/gate/*.[ch])
COMPILED += $(if $(wildcard src/chronicle/ingest/gate/*.so),,uncompiled)

.venv/run: requirements.lock pyproject.toml $(COMPILED) | .venv/bin/python
	@echo "setting up .venv from requirements.lock (a minute or two, once)"
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-build-isolation -e .
	@# Compiled now what ingest imports, for those who later may not write it.
	@$(BIN)/python -c "import chronicle.ingest.stage"
	@touch $@

.venv/dev: requirements-dev.lock | .venv/run
	@echo "setting up the developers' packages from requirements-dev.lock"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@
