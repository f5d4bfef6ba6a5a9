# Every target makes the virtual environment it needs; a machine needs only Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
NEWEST := .venv-newest
LOCKING := .venv-lock
# All tests, unless some are named. Many wait for something: three for each core keep it busy.
TESTS ?= tests
WORKERS := $(shell $(PYTHON) -c 'import os; print(3 * os.cpu_count())')

.PHONY: demo test newest check bench soak schemas reference pictures lock clean

# The onboarding flow checked, previewed and sent to an emulator inside the program.
demo: $(READY)
	$(BIN)/flowrunner validate flows
	$(BIN)/flowrunner preview flows/onboarding.yaml --var name=Ana
	$(BIN)/flowrunner run flows/onboarding.yaml --var name=Ana --emulator

test: $(READY)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(TESTS)

# The same tests with the newest release of everything, as somebody who installs flowrunner today gets it.
newest:
	$(PYTHON) -m venv --clear $(NEWEST)
	$(NEWEST)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(NEWEST)/bin/python -m pip install --quiet --editable '.[cluster]' --group dev
	$(NEWEST)/bin/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(TESTS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Figures, as ratios to something measured in the same run. Never part of the tests.
bench: $(READY)
	$(BIN)/python -m bench

# The long forms of what `make test` runs a short slice of.
soak: $(READY)
	$(BIN)/python -m pytest --soak -m "soak or hypothesis or sliced"

# The generated schemas, made anew from schemas/message/.
schemas: $(READY)
	$(BIN)/python schemas/generate.py

# The reference of commands, made anew from what --help prints.
reference: $(READY)
	$(BIN)/python docs/generate.py

# The pictures of README and docs, taken anew from the program; needs a Chromium.
pictures: $(READY)
	PYTHONPATH=.:tests $(BIN)/python -m support.pictures

# What all targets install, with hashes, for every system and Python version; made again with the newest releases.
lock:
	$(PYTHON) -m venv --clear $(LOCKING)
	$(LOCKING)/bin/python -m pip install --quiet uv
	$(LOCKING)/bin/uv pip compile pyproject.toml --extra cluster --group dev --universal --python-version 3.11 --generate-hashes \
	  --upgrade --quiet --no-config --custom-compile-command 'make lock' --output-file requirements.lock
	for judge in schemathesis pywa; do \
	  echo $$judge | $(LOCKING)/bin/uv pip compile - --universal --python-version 3.11 --generate-hashes \
	    --upgrade --quiet --no-config --custom-compile-command 'make lock' --output-file .ci/$$judge.lock; \
	done
	rm -rf $(LOCKING)

clean:
	rm -rf $(VENV) $(NEWEST) $(LOCKING) build dist *.egg-info

# pip reads the lock file by itself: neither a newer pip nor another program has to be installed first.
$(READY): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "flowrunner needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@
