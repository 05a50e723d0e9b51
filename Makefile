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

.PHONY: help install install-dev install-dashboard install-demo install-gcp tools emulator terraform-check deploy-check demo dashboard test test-full dev lint format docs bench clean lock

help:  ## Say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## ?/\1\t/' | expand -t 17

# Locked, hashed wheels as they are: nothing is resolved or built, so that no release of tomorrow and
# no age of pip changes what is installed. `pip check` says whether the lock is whole. A venv whose
# making was killed has no pip, and is made once more.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps
LOCKED := $(PIP_INSTALL) --no-compile --only-binary :all: --require-hashes

# $(call environment,python,version,folder)
define environment
	@$(3)/bin/python -m pip --version >/dev/null 2>&1 || { \
		$(1) -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(2)")' 2>/dev/null || { \
			echo "$(1) is not Python $(2). Install Python $(2) (README: What must be there), or name it:" >&2; \
			echo "  make $(firstword $(MAKECMDGOALS)) $(if $(findstring 3.13,$(2)),PYTHON313,PYTHON)=/path/to/python$(2)" >&2; exit 1; }; \
		$(1) -m venv --clear $(3) || { \
			echo "No virtual environment could be made; on Debian and Ubuntu: apt install python$(2)-venv" >&2; exit 1; }; }
endef

# $(call install,lock,mark). Byte code last: start-up falls from 19 to 7 seconds where Python may
# not write it. BYTE_CODE=no leaves it to the first start: it is a minute of work.
define install
	$(call environment,$(PYTHON),3.11,$(VENV))
	@echo "Installing $(1) into $(VENV) (a minute or two, once)"
	@$(BIN)/python $(LOCKED) -r $(1)
	@$(BIN)/python -m pip check --disable-pip-version-check
	@PYTHONWARNINGS=ignore $(BIN)/python $(PIP_INSTALL) --no-build-isolation -e .
	@[ "$(BYTE_CODE)" = no ] || $(BIN)/python -m compileall -q -j 0 $(VENV)/lib ecommerce_assets >/dev/null || true
	@touch $(2)
endef

$(VENV)/.installed: requirements.txt pyproject.toml
	$(call install,requirements.txt,$@)

# The other locks hold the same versions and more, so each of them is enough for the others' marks.
$(VENV)/.installed-dashboard: requirements/dashboard.txt pyproject.toml
	$(call install,requirements/dashboard.txt,$@)
	@touch $(VENV)/.installed

$(VENV)/.installed-demo: requirements/demo.txt pyproject.toml
	$(call install,requirements/demo.txt,$@)
	@touch $(VENV)/.installed

$(VENV)/.installed-dev: requirements-dev.txt pyproject.toml
	$(call install,requirements-dev.txt,$@)
	@touch $(VENV)/.installed $(VENV)/.installed-dashboard $(VENV)/.installed-demo

$(VENV)/.installed-gcp: requirements/cloud.txt pyproject.toml
	$(call install,requirements/cloud.txt,$@)
	@touch $(VENV)/.installed $(VENV)/.installed-dashboard

install: $(VENV)/.installed  ## Install what the lakehouse needs into .venv
install-dev: $(VENV)/.installed-dev  ## Install the tools of development and tests, too
install-dashboard: $(VENV)/.installed-dashboard  ## Install what the dashboard needs into .venv
install-demo: $(VENV)/.installed-demo  ## Install a broker and what fills it for the stream into .venv
install-gcp: $(VENV)/.installed-gcp  ## Install what the lakehouse needs on Google Cloud into .venv

$(TOOLS)/.installed: requirements/tools.txt
	$(call environment,$(PYTHON),3.11,$(TOOLS))
	@echo "Installing the checks of Terraform, containers and workflows into $(TOOLS)"
	@$(TOOLS)/bin/python $(LOCKED) -r requirements/tools.txt
	@$(TOOLS)/bin/python -m pip check --disable-pip-version-check
	@touch $@

tools: $(TOOLS)/.installed  ## Install the checks of Terraform, containers and workflows into .venv-tools

emulator:  ## Install the BigQuery emulator of the tests into .venv-bigquery, if Python 3.13 is found
ifneq ($(PYTHON313),)
	@$(MAKE) --no-print-directory $(EMULATOR)/.installed
else
	@echo "No Python 3.13 found: the tests on BigQuery are skipped (PYTHON313=/path/to/python3.13 names one)"
endif

$(EMULATOR)/.installed: requirements/bigquery-emulator.txt
	$(call environment,$(PYTHON313),3.13,$(EMULATOR))
	@echo "Installing the BigQuery emulator into $(EMULATOR)"
	@$(EMULATOR)/bin/python $(LOCKED) -r requirements/bigquery-emulator.txt
	@$(EMULATOR)/bin/python -m pip check --disable-pip-version-check
	@touch $@

terraform-check: $(TOOLS)/.installed  ## Check, plan and test the Terraform code without a network
	@$(TOOLS)/bin/python -m terraform.check

deploy-check: $(TOOLS)/.installed  ## Check Dockerfile, docker-compose.yaml, chart values and workflows
	@$(TOOLS)/bin/python deploy/check.py

demo: install  ## Run the whole pipeline on the simulated shop and print what came out
	@$(BIN)/ecommerce demo

dashboard: install-dashboard  ## Open the dashboard at http://127.0.0.1:8501
	@$(BIN)/ecommerce dashboard

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

docs: demo install-dev  ## Write the demo's results into the analysts' guide again
	@$(BIN)/python -m ecommerce_assets_tests.pipeline.guide

bench: install-dev  ## Measure against named alternatives and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks

COMPILE := uv pip compile -q --universal --generate-hashes --no-header --no-annotate --strip-extras
lock:  ## Resolve the requirements again (needs uv); versions stay where they may
	@$(COMPILE) --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.txt
	@$(COMPILE) --python-version 3.11 -c requirements-dev.txt pyproject.toml -o requirements.txt
	@$(COMPILE) --python-version 3.11 -c requirements-dev.txt --extra dashboard pyproject.toml \
		-o requirements/dashboard.txt
	@$(COMPILE) --python-version 3.11 -c requirements-dev.txt --extra demo pyproject.toml \
		-o requirements/demo.txt
	@$(COMPILE) --python-version 3.11 -c requirements-dev.txt --extra gcp --extra server \
		--extra dashboard --extra stream pyproject.toml -o requirements/cloud.txt
	@$(COMPILE) --python-version 3.11 requirements/tools.in -o requirements/tools.txt
	@$(COMPILE) --python-version 3.13 requirements/bigquery-emulator.in \
		-o requirements/bigquery-emulator.txt

clean:  ## Remove what runs made: lake, warehouse, history, caches; not .venv
	@rm -rf .ecommerce ecommerce_dbt/target ecommerce_dbt/logs logs build *.egg-info benchmarks/.work
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
