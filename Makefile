# `make install`, `make extract` and `make test` need only Python 3.11 or newer. `make help` lists all targets.
PYTHON ?= python3
VENV := .venv
LOWEST := .venv-lowest
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --retries 10 --timeout 60
# As pip, in a third of the time; for developers, whose environment is the largest.
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
LETTERS = $(sort $(wildcard $(addprefix evals/written/letters/,w01*.txt w03*.txt w07*.txt)))

.DEFAULT_GOAL := help
.PHONY: help install extract test fuzz browser lint format types contracts docs docs-check docs-build cassettes-check evals wheel lowest cassettes checks ci clean
# Some images forbid Python to keep what it compiled. Each of the many commands that tests start would compile it again.
unexport PYTHONDONTWRITEBYTECODE

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 17

install: $(VENV)/.export ## set up the environment with `imrllm export`, without a model
	@echo "Next: . $(VENV)/bin/activate"

extract: $(VENV)/.local ## set everything up and extract three bundled letters with the local model
	$(BIN)/imrllm extract $(LETTERS) --model local --fresh -o out/records.jsonl

# Four workers keep two cores busy: many tests wait for a process, a server or a browser.
test: $(VENV)/.dev ## run the whole test suite, offline
	$(BIN)/pytest -n 4 --dist worksteal

FUZZ_SECONDS ?= 300
fuzz: $(VENV)/.dev ## fuzz every reader for FUZZ_SECONDS on all cores; findings go to out/fuzz
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

browser: ## install chromium for the tests of the HTML pages, which are skipped without it
	@command -v chromium chromium-browser google-chrome || \
		{ test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || \
		echo "chromium is missing and cannot be installed without root: the browser tests are skipped."

lint: $(VENV)/.dev ## check the rules and the format with ruff
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/.dev ## format the code with ruff
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/.dev ## check the types with mypy, strict
	$(BIN)/mypy

contracts: $(VENV)/.dev ## check the import contracts
	$(BIN)/lint-imports

docs: $(VENV)/.dev ## write the generated pages of docs/
	$(BIN)/python docs/pages.py

docs-check: $(VENV)/.dev ## fail if a generated page of docs/ is stale
	$(BIN)/python docs/pages.py --check

docs-build: $(VENV)/.dev ## build the documentation site in out/site; fail on any warning
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict -d out/site

cassettes-check: $(VENV)/.dev ## replay every cassette; fail if one is stale, orphaned, never played or unsafe
	$(BIN)/imrllm cassettes check

evals: $(VENV)/.dev ## score the recorded answers against gold, apply the gates, and compare the prompt versions
	$(BIN)/imrllm eval --json out/eval.json --html out/eval.html --junit out/eval.xml
	$(BIN)/imrllm eval wordings --model none
	$(BIN)/imrllm eval written --prompt v5 --fail-under caught=0.97 --json out/v5.json
	$(BIN)/imrllm compare out/eval.json out/v5.json --json out/compare.json --html out/compare.html

# 23 s of one core, and the download if nothing is cached.
wheel: $(VENV)/.dev ## build the wheel, compare its files with the package's, and follow a new project's README with it
	$(BIN)/pytest -m wheel tests/docs/test_wheel.py

# Left out: tests that do not depend on library versions (reading, checking, pages in a browser) and long ones.
LIBRARIES_ASIDE = analysis audit crosscheck docs evals/drift evals/variants evals/test_recorded.py evals/test_runner.py fuzz \
	grammar hostile letter trust cli/test_canaries.py cli/test_soak.py report running/test_ray.py \
	store/test_killed.py test_cut_letters.py test_no_determination.py
lowest: $(VENV)/.dev ## run the tests with the lowest versions that pyproject.toml allows, and try the built wheel
	rm -rf $(LOWEST)
	$(BIN)/uv venv --quiet --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip compile --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --extra evals --extra export --extra ray --extra telemetry pyproject.toml -o $(LOWEST)/lowest.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --constraint $(LOWEST)/lowest.txt --reinstall-package imrllm '.[dev]'
	$(LOWEST)/bin/pytest -n 2 --dist worksteal $(addprefix --ignore=tests/,$(LIBRARIES_ASIDE))
	$(LOWEST)/bin/pytest tests/running/test_ray.py -k two_workers
	cd $(LOWEST) && bin/imrllm prompts list && bin/imrllm extract ../evals/written/letters --model none --quiet >rows.jsonl
	cd $(LOWEST) && bin/imrllm eval written --quiet && bin/imrllm init project && bin/imrllm doctor --model none

cassettes: $(VENV)/.local $(VENV)/.dev ## record missing or stale answers with the local model
	$(BIN)/imrllm cassettes record

# Stamp files mark what is installed: a second run installs nothing unless pyproject.toml changed.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "imrllm needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.export: $(VENV)/.made pyproject.toml
	@echo "Installing imrllm into $(VENV) (once) ..."
	$(PIP) install -e '.[export]' || $(PIP) install -e '.[export]'
	@touch $@

$(VENV)/.local: $(VENV)/.made pyproject.toml
	@echo "Installing imrllm and the local model's engine into $(VENV) (once) ..."
	$(PIP) install -e '.[local]' || $(PIP) install -e '.[local]'
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml
	@echo "Installing imrllm and the development tools into $(VENV) (once) ..."
	$(PIP) install 'uv>=0.9' || $(PIP) install 'uv>=0.9'
	$(UV) -e '.[dev]' || $(UV) -e '.[dev]'
	@touch $@

checks: lint types contracts docs-check docs-build cassettes-check evals wheel lowest ## run everything that CI runs besides the tests

ci: browser test checks ## run everything that CI runs

clean: ## remove the environments and caches
	rm -rf $(VENV) $(LOWEST) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
