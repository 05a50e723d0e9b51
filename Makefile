# Every target can be run again at any time; `make help` lists them.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export DAGSTER_DISABLE_TELEMETRY := yes

.DEFAULT_GOAL := help
TOOLS := .venv-tools
EMULATOR := .venv-bigquery
# The BigQuery emulator needs Python 3.13; without one its tests are skipped and say so.
PYTHON313 ?= $(shell for python in python3.13 $$HOME/.pyenv/versions/3.13.*/bin/python3.13; do \
	$$python -c '' 2>/dev/null && echo $$python && break; done)

.PHONY: help install install-dev install-gcp tools emulator terraform-check deploy-check demo test test-full dev lint format docs bench clean lock

help:  ## Say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## ?/\1\t/' | expand -t 17

# Hashed requirements, then byte code: start-up falls from 19 to 7 seconds where Python may not write it.
define install
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing $(1) into $(VENV) (a minute or two, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib ecommerce_assets >/dev/null || true
	@touch $(2)
endef

$(VENV)/.installed: requirements.txt pyproject.toml
	$(call install,requirements.txt,$@)

$(VENV)/.installed-dev: requirements-dev.txt pyproject.toml
	$(call install,requirements-dev.txt,$@)
	@touch $(VENV)/.installed

install: $(VENV)/.installed  ## Install what the lakehouse needs into .venv
install-dev: $(VENV)/.installed-dev  ## Install the tools of development and tests, too

install-gcp: requirements/cloud.txt  ## Install what the lakehouse needs on Google Cloud into .venv
	$(call install,requirements/cloud.txt,$(VENV)/.installed)

$(TOOLS)/.installed: requirements/tools.txt
	@test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	@echo "Installing the checks of Terraform, containers and workflows into $(TOOLS)"
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@touch $@

tools: $(TOOLS)/.installed  ## Install the checks of Terraform, containers and workflows into .venv-tools

emulator:  ## Install the BigQuery emulator of the tests into .venv-bigquery, if Python 3.13 is found
ifneq ($(PYTHON313),)
	@$(MAKE) --no-print-directory $(EMULATOR)/.installed
else
	@echo "No Python 3.13 found: the tests on BigQuery are skipped (PYTHON313=/path/to/python3.13 names one)"
endif

$(EMULATOR)/.installed: requirements/bigquery-emulator.txt
	@test -x $(EMULATOR)/bin/python || $(PYTHON313) -m venv $(EMULATOR)
	@echo "Installing the BigQuery emulator into $(EMULATOR)"
	@$(EMULATOR)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bigquery-emulator.txt
	@touch $@

terraform-check: $(TOOLS)/.installed  ## Check, plan and test the Terraform code without a network
	@$(TOOLS)/bin/python -m terraform.check

deploy-check: $(TOOLS)/.installed  ## Check Dockerfile, docker-compose.yaml, chart values and workflows
	@$(TOOLS)/bin/python deploy/check.py

demo: install  ## Run the whole pipeline on the simulated shop and print what came out
	@$(BIN)/ecommerce demo

dev: install  ## Open the Dagster UI at http://127.0.0.1:3000
	@$(BIN)/ecommerce dev

test: install-dev emulator  ## Run the tests
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -q

test-full: install-dev emulator  ## Run the tests on all months
	@ECOMMERCE_FULL_TESTS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -q

lint: install-dev  ## Check style, types, imports and SQL
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@cd ecommerce_dbt && DBT_PROFILES_DIR=. ECOMMERCE_DUCKDB_PATH=/tmp/sqlfluff.duckdb \
		../$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 models tests

format:  ## Put code and SQL into shape
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

docs: demo install-dev  ## Write the demo's results into the analysts' guide anew
	@$(BIN)/python -m ecommerce_assets_tests.pipeline.guide

bench: install-dev  ## Measure against named alternatives and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks

lock:  ## Resolve the requirements anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-strip-extras --extra dev pyproject.toml -o requirements-dev.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-strip-extras -c requirements-dev.txt pyproject.toml -o requirements.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-strip-extras -c requirements-dev.txt --extra gcp --extra server --extra dashboard pyproject.toml \
		-o requirements/cloud.txt

clean:  ## Remove what runs made: lake, warehouse, history, caches; not .venv
	@rm -rf .ecommerce ecommerce_dbt/target ecommerce_dbt/logs logs build *.egg-info benchmarks/.work
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
