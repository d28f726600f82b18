# Two commands do everything on a machine with Python 3.11 or newer; a third asks longer:
#   make demo   the whole register on this machine, with a virtual reader
#   make test   lint, types, import contracts and the tests
#   make long   the tests that ask at length what others ask in brief
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Tests start the program some hundred times; without bytecode on disk each start compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE

# What tests write lies in memory where that has 4 GiB of room: databases are synced thousands of times.
SHARED_MEMORY := /dev/shm
ROOM := $(shell df --output=avail $(SHARED_MEMORY) 2>/dev/null | tail -1)
SCRATCH := $(shell [ "$(ROOM)" -ge 4194304 ] 2>/dev/null && echo $(SHARED_MEMORY) || echo "$${TMPDIR:-/tmp}")
PYTEST = folder=$$(mktemp -d "$(SCRATCH)/markdna-tests-XXXXXX") && chmod 755 "$$folder" && \
	trap 'rm -rf "$$folder"' EXIT && TMPDIR=$$folder $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo test checks lint types contracts loops unit long benchmarks lock clean

help:
	@grep -E '^#   ' Makefile

# Packages are installed at the versions of requirements.txt; a change of either file installs anew.
$(BIN)/.installed: pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "MarkDNA needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.txt -e '.[dev]'
	@touch $@

demo: $(BIN)/.installed
	$(BIN)/markdna demo

test: checks unit

# What each takes one core, two at a time.
checks: $(BIN)/.installed
	@$(MAKE) --no-print-directory -j 2 lint types contracts loops

lint: $(BIN)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/.installed
	$(BIN)/mypy

contracts: $(BIN)/.installed
	$(BIN)/lint-imports --no-cache

# Compiles the loops of the identification, which stay on disk: the tests' two processes would both do it.
loops: $(BIN)/.installed
	$(PYTEST) -q tests/registry/identification/test_index.py -k answers_like_the_one

# A file stays with one process, so that its browser, server and database are started once.
unit: $(BIN)/.installed
	$(PYTEST) -n 2 --dist loadfile -m "not long"

long: $(BIN)/.installed
	$(PYTEST) -n 2 -m long

benchmarks: $(BIN)/.installed
	$(BIN)/python -m benchmarks $(ARGUMENTS)

# Needs uv (pip install uv); writes versions only, no addresses.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-emit-index-url --no-annotate \
		--no-header -o requirements.txt pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
