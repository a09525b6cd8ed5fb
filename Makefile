# Everything a newcomer needs: `make demo` runs the main job, `make test` runs the tests.
# Both set up their own environment in .venv first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test lint check fast benchmark clean

demo: $(READY)            ## read an event, show it, say what it holds
	$(BIN)/argoscope demo -o demo --overwrite

test: $(READY) lint       ## lint, type checks and the whole suite
	$(BIN)/python -m pytest -n 2

fast: $(READY)            ## the suite without its slow part
	$(BIN)/python -m pytest -n 2 -m "not slow"

lint: $(READY)
	$(BIN)/ruff check src tests
	$(BIN)/ruff format --check src tests
	$(BIN)/mypy

benchmark: $(READY)       ## every speed and memory claim, measured here
	$(BIN)/argoscope benchmark --help

clean:
	rm -rf $(VENV) demo

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "argoscope needs Python 3.11 or newer; this is %s: run make PYTHON=/path/to/python3.11" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade-strategy only-if-needed -c constraints.txt -e '.[root,test,dev]'
	touch $@
