# make run    sets up, then runs the demo       make test   sets up, then checks everything
# make setup  makes .venv with .venv/bin/teekond
.PHONY: run setup test check processing states messages pictures lock clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

run: setup
	$(BIN)/teekond demo

setup: $(VENV)/.done

$(VENV)/.done: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Teekond needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

test: setup check
	$(BIN)/python -m pytest -n auto

check: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m bench

processing: setup
	$(BIN)/python -m workflow.personal_page > docs/record-of-processing.md

states: setup
	$(BIN)/python -m workflow.states > docs/states.md

messages: setup
	$(BIN)/python -m web.messages

pictures: setup
	$(BIN)/python docs/pictures.py

lock:
	uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) dist build
