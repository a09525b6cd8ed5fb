# Everything a newcomer needs: `make demo` runs the main job, `make test` runs the tests.
# Both set up their own environment in .venv first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# Two test processes share two cores: threads that wait must not spin.
PYTEST := OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -n 2

.PHONY: demo test lint check fast docs benchmark clean

demo: $(READY)            ## simulate events, let every network read them, one page of it: demo/report.html
	$(BIN)/argoscope demo -o demo --overwrite

test: $(READY) lint       ## lint, type checks and the whole suite
	$(PYTEST)

fast: $(READY)            ## the suite without its slow part
	$(PYTEST) -m "not slow"

lint: $(READY)
	$(BIN)/ruff check src tests docs/*.py
	$(BIN)/ruff format --check src tests docs/*.py
	$(BIN)/mypy

docs: $(READY)            ## the documentation as a site, warnings as errors: site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

benchmark: $(READY)       ## the speed of files, engine and simulation, measured here
	for name in files convolution network simulation; do $(BIN)/argoscope benchmark $$name --quick; done

clean:
	rm -rf $(VENV) demo site

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "argoscope needs Python 3.11 or newer; this is %s: run make PYTHON=/path/to/python3.11" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade-strategy only-if-needed -c constraints.txt -e '.[root,train,jobs,test,docs,dev]'
	$(BIN)/argoscope warm-up
	touch $@
