# Every target makes the virtual environment it needs; a machine needs only Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: demo test check bench soak schemas pictures clean

# The onboarding flow checked, previewed and sent to an emulator inside the program.
demo: $(READY)
	$(BIN)/flowrunner validate flows
	$(BIN)/flowrunner preview flows/onboarding.yaml --var name=Ana
	$(BIN)/flowrunner run flows/onboarding.yaml --var name=Ana --emulator

test: $(READY)
	$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Figures, as ratios to something measured in the same run. Never part of the tests.
bench: $(READY)
	$(BIN)/python -m bench

# The long forms of what `make test` runs a short slice of.
soak: $(READY)
	$(BIN)/python -m pytest --soak -m soak

# The generated schemas, made anew from schemas/message/.
schemas: $(READY)
	$(BIN)/python schemas/generate.py

# The README's pictures, taken anew from the program; needs a Chromium.
pictures: $(READY)
	PYTHONPATH=.:tests $(BIN)/python tests/pictures.py

clean:
	rm -rf $(VENV) build dist *.egg-info

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "flowrunner needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@
