# Two commands on a fresh machine: `make run` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
TORCH := $(shell grep '^torch==' requirements.txt)

# No model hub and no telemetry, ever: the model comes from an installed package.
export HF_HUB_OFFLINE := 1
export TRANSFORMERS_OFFLINE := 1
export HF_HUB_DISABLE_TELEMETRY := 1
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false
export TOKENIZERS_PARALLELISM := false

.PHONY: help run index test bench findability fit simulate lint licences audit clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: $(VENV)/.installed ## install, index articles/ and serve the portal
	@$(BIN)/kb index
	@exec $(BIN)/kb serve

index: $(VENV)/.installed ## index articles/ only
	@$(BIN)/kb index

test: $(VENV)/.installed-test ## install what tests need and run all of them
	@$(MAKE) --no-print-directory browser
	@$(BIN)/python -m pytest -n auto --dist loadfile $(TESTS)

bench: $(VENV)/.installed ## print how fast indexing and searching are on this machine
	@PYTHONPATH=. $(BIN)/python tests/bench.py

# Folders of labelled queries; none is part of this repository.
SETS ?= ../shared/eval/adobe_dev_en ../shared/eval/adobe_dev_zh ../shared/eval/zoomcamp ../shared/eval/cmrc

SEARCHES ?= 10000

findability: $(VENV)/.installed ## measure the search on labelled sets: SETS="FOLDER..."
	@$(BIN)/kb eval $(SETS)
	@$(BIN)/python -m indexer.fitting --dry $(SETS)

fit: $(VENV)/.installed ## fit ranking and confidence anew on SETS, with held-out figures and ablation
	@$(BIN)/python -m indexer.fitting $(SETS)

simulate: $(VENV)/.installed ## customers of SETS against a base that lacks a third of them: SEARCHES=1000 for a short run
	@PYTHONPATH=. $(BIN)/python -m portal.simulation $(SETS) --searches $(SEARCHES)

lint: $(VENV)/.installed-test ## check the code with ruff
	@$(BIN)/ruff check .

licences: $(VENV)/.installed-test ## write the tables of docs/dependencies.md anew
	@$(BIN)/python tools/licences.py

audit: $(VENV)/.installed ## ask whether a flaw is known in any package: STRICT=1 fails when that cannot be asked
	@test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip install -qq pip-audit==2.10.1; }
	@$(VENV)/audit/bin/python tools/audit.py $(if $(STRICT),--strict)

clean: ## remove the virtual environment and everything kb derived
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
	rm -rf data

# Each stamp is older than its list exactly when the list has changed since the last install.
$(VENV)/.installed: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "kb needs Python 3.11 or newer; install it, or name it: make PYTHON=/path/to/python run" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "kb needs Python 3.11 or newer, $(PYTHON) is older; name another: make PYTHON=/path/to/python run" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing $(TORCH), then the rest of requirements.txt (a few minutes, once)"
	@$(PIP) install -qq $(TORCH)
	@$(PIP) install -qq -r requirements.txt
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed requirements-test.txt
	@$(PIP) install -qq -r requirements-test.txt
	@touch $@

# Browser tests need a browser and Chinese glyphs; Debian has both. Elsewhere, install them by hand once.
.PHONY: browser
browser:
	@if command -v chromium >/dev/null && [ -n "$$(fc-list :lang=zh family 2>/dev/null)" ]; then exit 0; fi; \
	packages="chromium chromium-driver fonts-noto-cjk fontconfig"; \
	if ! command -v apt-get >/dev/null; then \
	  echo "The browser tests need $$packages; install them with your system's package manager" >&2; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as=""; elif command -v sudo >/dev/null; then as="sudo"; \
	else echo "The browser tests need: apt-get install $$packages (as root)" >&2; exit 1; fi; \
	echo "Installing $$packages"; \
	$$as apt-get update -qq; \
	DEBIAN_FRONTEND=noninteractive $$as apt-get install -y -qq --no-install-recommends $$packages >/dev/null
