# The commands of the README. `make setup` makes the environment that all others use.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
EXPLORED = $(shell grep -rlE '^from hypothesis' tests --include 'test_*.py')

.PHONY: setup run test explore check bench lock clean system install test-pythons pictures

setup: $(VENV)/.ready

$(VENV)/.ready: requirements-dev.lock setup.cfg pyproject.toml
	@sh .ci/make-venv "$(PYTHON)" "$(VENV)"
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Serving needs half of it, and whoever tries this for the first time waits for no more than that.
$(VENV)/.serves: requirements.lock
	@sh .ci/make-venv "$(PYTHON)" "$(VENV)"
	@echo "Installing what it needs into $(VENV), once: about a minute ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

run: $(if $(wildcard $(VENV)/.ready),setup,$(VENV)/.serves)
	@$(BIN)/python run.py $(ARGS)

# Real databases and a real browser: installed where they are missing and we may.
system:
	@sh .ci/system-packages

test: setup system
	$(BIN)/pytest -n 3 --dist loadfile --reruns 2 $(ARGS)

# The tests that draw their examples, with thousands of new ones each; what fails prints how to draw it again.
explore: setup
	HYPOTHESIS_PROFILE=explore $(BIN)/pytest --timeout 0 $(or $(ARGS),$(EXPLORED))

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_layers.py
	@$(BIN)/python .ci/licences.py
	@$(BIN)/python .ci/audit.py requirements-dev.lock

bench: setup system
	$(BIN)/python -m tests.benchmarks $(ARGS)

# The manual's pictures, taken anew from the running product; ARGS choose some by name.
pictures: setup system
	$(BIN)/python -m tests.browser.pictures $(ARGS)

# Pin every package, with hashes, to the newest that setup.cfg allows.
lock:
	$(BIN)/uv pip compile setup.cfg --generate-hashes --python-version 3.11 --universal --quiet -o requirements.lock
	$(BIN)/uv pip compile setup.cfg --extra dev --generate-hashes --python-version 3.11 --universal --quiet -o requirements-dev.lock
	@echo "setuptools>=78.1.1" | $(BIN)/uv pip compile - --generate-hashes --python-version 3.11 --universal --quiet --custom-compile-command "make lock" -o requirements-build.lock

# Onto this machine, as a service: docs/operating.md. PREFIX, SYSCONFDIR, UNITDIR and DESTDIR say where to.
INSTALL_PYTHON ?= /usr/bin/python3
install:
	@PREFIX="$(PREFIX)" SYSCONFDIR="$(SYSCONFDIR)" UNITDIR="$(UNITDIR)" DESTDIR="$(DESTDIR)" PYTHON="$(INSTALL_PYTHON)" sh .ci/install

# The suite on every Python that is here and that we promise, or on those of PYTHONS="3.13 3.14"; ARGS choose tests.
test-pythons: setup system
	@PYTHONS="$(PYTHONS)" sh .ci/test-pythons $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
