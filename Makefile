# Everything starts here. Each target brings what it needs into .venv, and is quick the second time.
# On a fresh machine: Python 3.11 or newer, and nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# Extras, such as `make setup EXTRAS=libvirt,nvidia`: each choice of them has a stamp of its own.
READY := $(VENV)/.fogbank-ready$(addprefix -,$(EXTRAS))
PATHS := src tests scripts hatch_build.py

.PHONY: help setup up demo check test golden bench clean

help:  ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## bring Fogbank and its tools into .venv

# Only what decides what is installed makes it stale; the code itself is used from the checkout.
$(READY): pyproject.toml uv.lock hatch_build.py scripts/setup
	@EXTRAS=$(EXTRAS) scripts/setup $(VENV)
	@touch $@

up: $(READY)  ## start everything on this machine, and print one URL
	@$(BIN)/fogbank up

demo: $(READY)  ## fill a fresh system with 30 days of plausible customers
	@$(BIN)/fogbank demo

check: $(READY)  ## lint, types, import rules and unit tests
	$(BIN)/ruff check $(PATHS)
	$(BIN)/ruff format --check $(PATHS)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -n 2 tests/unit

# Two files at a time: most of these tests wait for servers, and each file has a world of its own.
test: check  ## everything that can be checked
	$(BIN)/pytest -q -n 2 --dist loadfile tests --ignore=tests/unit

golden: $(READY)  ## write the golden files of the published schemas anew; nothing published is taken back
	@$(BIN)/pytest -q --update-golden tests/unit/events/test_schemas.py tests/unit/queue/test_asyncapi.py

bench: $(READY)  ## measure the parts
	@for name in rate ledger store ingest history up; do $(BIN)/fogbank bench $$name; done

clean:  ## remove what was built here; data directories stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
