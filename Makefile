# One verb per target. Each prepares the virtual environment .venv when it is not there yet, and may be run again at any time.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
SOURCES = $(shell git ls-files '*.py' ':!:*_pb2*.py')
PACKAGES = $(filter-out tests/% benchmarks/%, $(SOURCES))
# Two processes: the suite is made for the smallest machine that continuous integration offers.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadscope
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help venv demo serve proto lint type test bench docs check
.DEFAULT_GOAL := help

help:
	@echo "make demo    plan, drive and audit a day in Helsinki; ends with the path of a report"
	@echo "make serve   the gRPC service on loopback, with an SQLite file"
	@echo "make test    the whole test suite"
	@echo "make check   lint + type + test: what continuous integration runs"
	@echo "also: make proto lint type bench docs"

venv: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "odograph needs Python 3.11 or newer; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY)
	$(BIN)/odograph demo --data out/demo/data --reports out/demo

# Map files of the sample city, unless the caller has a folder of their own.
serve: export ODOGRAPH_MAP_FOLDER ?= server/demo/data
serve: $(READY)
	$(BIN)/odograph serve

proto: $(READY)
	$(BIN)/python proto/generate.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=.:proto $(BIN)/lint-imports --no-logo
	$(BIN)/numpydoc lint $(PACKAGES)
	$(BIN)/buf lint

type: $(READY)
	$(BIN)/mypy

test: $(READY)
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -m interpreted tests
	$(PYTEST) tests

bench: $(READY)
	$(BIN)/python -m pytest -q --benchmark-enable --benchmark-only benchmarks

docs: $(READY)
	$(BIN)/python -m pytest -q tests/house/test_docs.py

check: lint type test
