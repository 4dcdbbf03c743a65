# make run    sets up, then runs the demo       make test   sets up, then checks everything
# make setup  makes .venv with .venv/bin/teekond
.PHONY: run setup test check bench harden mutants clients processing schema histories states messages forms house pictures site lock clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# compiled once and kept: where an environment forbids it, each process of the tests would compile everything anew
unexport PYTHONDONTWRITEBYTECODE

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
	$(BIN)/python -m pytest -n auto --dist worksteal

check: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m bench

# breaks the service on purpose for half an hour and writes the figures to docs/reliability.md
harden: setup
	$(BIN)/python -m tests.reliability --lanes 2

# makes a mistake in a copy of the source each time: the harness it is for must notice
mutants: setup
	$(BIN)/python -m tests.reliability.mutants --lanes 2

# real mail programs answer, correct and contradict each kind of question; their letters become test data
clients: setup
	$(BIN)/python -m tests.clients --keep

processing: setup
	$(BIN)/python -m workflow.privacy.record_page > docs/record-of-processing.md

schema: setup
	$(BIN)/teekond schema > docs/config.schema.json

histories: setup
	$(BIN)/python -m tests.workflow.rules.every_step > tests/data/histories/every-step.jsonl
	$(BIN)/teekond rehearse --teams 14 --seed 7 --out out/histories --record tests/data/histories/season.jsonl

states: setup
	$(BIN)/python -m workflow.rules.states_page > docs/states.md

# the drawing in docs/architecture.md
house: setup
	$(BIN)/python docs/house.py

messages: setup
	$(BIN)/python -m web.i18n.extract

# the forms of the Estonian words that replies are made of; FORMS is a Python that has EstNLTK 1.7, never a dependency
FORMS ?= python3
forms:
	PYTHONPATH=. $(FORMS) tests/workflow/replies/make_forms.py

pictures: setup
	$(BIN)/python docs/pictures.py

# the documents as a small site: dist/site/index.html
site: setup
	$(BIN)/python docs/site.py

# what is developed with, and of that what a service needs; an extra must be named in both, pip asks for it with hashes
LOCK := uv pip compile --quiet --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml
lock:
	$(LOCK) --all-extras -o requirements.lock
	$(LOCK) --extra certificates --extra oidc --extra postgresql --extra rehearsal --constraint requirements.lock --no-annotate -o service.lock

clean:
	rm -rf $(VENV) dist build
