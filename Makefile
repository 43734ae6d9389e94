# `make extract` and `make test` need Python 3.11 or newer and nothing else; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
LOWEST := .venv-lowest
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --retries 10 --timeout 60
LETTERS = $(sort $(wildcard $(addprefix evals/written/letters/,w01*.txt w03*.txt w07*.txt)))

.DEFAULT_GOAL := help
.PHONY: help extract test browser lint format types contracts docs docs-check docs-build cassettes-check evals lowest cassettes checks ci clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

extract: $(VENV)/.local ## set everything up and extract three bundled letters with the local model
	$(BIN)/imrllm extract $(LETTERS) --model local --fresh -o out/records.jsonl

test: $(VENV)/.dev ## the whole test suite, offline
	$(BIN)/pytest -n 2

browser: ## install chromium, in which the pages are tested; without it those tests are skipped by name
	@command -v chromium chromium-browser google-chrome || \
		{ test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || \
		echo "No chromium, and no right to install it: the tests in a browser are skipped."

lint: $(VENV)/.dev ## ruff: rules and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/.dev ## put the code in ruff's format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

contracts: $(VENV)/.dev ## who may import whom
	$(BIN)/lint-imports

docs: $(VENV)/.dev ## write the generated pages of docs/
	$(BIN)/python docs/pages.py

docs-check: $(VENV)/.dev ## fail where a generated page of docs/ is stale
	$(BIN)/python docs/pages.py --check

docs-build: $(VENV)/.dev ## build the documentation's site in out/site; fail at any warning
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict -d out/site

cassettes-check: $(VENV)/.dev ## replay every cassette; fail on what is stale, orphaned, never played or unsafe
	$(BIN)/imrllm cassettes check

evals: $(VENV)/.dev ## score the recorded answers against gold, with the suites' gates, and compare the prompt versions
	$(BIN)/imrllm eval --json out/eval.json --html out/eval.html --junit out/eval.xml
	$(BIN)/imrllm eval wordings --model none
	$(BIN)/imrllm compare v1 v2 v3 --suite written --json out/compare.json --html out/compare.html

# What rests on no library's version is left out: patterns, pages in a browser, and what only takes long.
lowest: $(VENV)/.dev ## the test suite on the lowest versions that pyproject.toml admits, and the built wheel alone
	rm -rf $(LOWEST)
	$(BIN)/uv venv --quiet --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip compile --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --extra evals --extra export --extra ocr --extra ray pyproject.toml -o $(LOWEST)/lowest.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --constraint $(LOWEST)/lowest.txt --reinstall-package imrllm '.[dev]'
	$(LOWEST)/bin/pytest -n 2 $(addprefix --ignore=tests/,grammar docs report/test_browser.py cli/test_soak.py)
	cd $(LOWEST) && bin/imrllm prompts list && bin/imrllm extract ../evals/written/letters --model none --quiet >rows.jsonl
	cd $(LOWEST) && bin/imrllm eval written --quiet && bin/imrllm init project && bin/imrllm doctor --model none

cassettes: $(VENV)/.local $(VENV)/.dev ## record with the local model what the cassettes lack
	$(BIN)/imrllm cassettes record

# A stamp stands for an environment: a second run installs nothing unless pyproject.toml changed.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "imrllm needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.local: $(VENV)/.made pyproject.toml
	@echo "Installing imrllm and the local model's engine into $(VENV) (once) ..."
	$(PIP) install -e '.[local]' || $(PIP) install -e '.[local]'
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml
	@echo "Installing imrllm and the development tools into $(VENV) (once) ..."
	$(PIP) install -e '.[dev]' || $(PIP) install -e '.[dev]'
	@touch $@

checks: lint types contracts docs-check docs-build cassettes-check evals lowest ## all that CI runs beside the tests

ci: browser test checks ## all that CI runs

clean: ## remove the environments and caches
	rm -rf $(VENV) $(LOWEST) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
