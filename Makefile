# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
# Outside the tree: a link in a virtual environment breaks the source distribution.
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/stadtbild
VENV ?= $(CACHE)/venv-$(shell printf '%s' '$(CURDIR)' | cksum | cut -d' ' -f1)
BIN := $(VENV)/bin
PORT ?= 8000
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test install lint types imports frontend validators chromium pytest bench clean

help:
	@echo "make demo   install, build, show the sample town at http://localhost:$(PORT)"
	@echo "make test   everything CI runs"
	@echo "make bench  measure against peers, ratios in one run"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The package as users get it: built with its front end, no tools.
$(VENV)/.demo: $(BIN)/python pyproject.toml hatch_build.py $(shell git ls-files '*.py' 'viewer/frontend' 2>/dev/null)
	$(PIP) .
	@rm -rf $(CACHE)/muster-soest  # made by the version before
	@touch $@

demo: $(VENV)/.demo
	cd $(VENV) && $(BIN)/stadtbild demo --port $(PORT) -o $(CACHE)/muster-soest

$(VENV)/.dev: $(BIN)/python pyproject.toml
	$(PIP) --editable '.[dev]'
	@touch $@ && rm -f $(VENV)/.demo

install: $(VENV)/.dev

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Packages and tests alike: pyproject.toml lists them.
types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports

viewer/frontend/node_modules/.package-lock.json: viewer/frontend/package-lock.json
	cd viewer/frontend && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

frontend: viewer/frontend/node_modules/.package-lock.json
	cd viewer/frontend && npm run --silent check

# Judges that others wrote: glTF validator, CesiumJS, three.js.
tests/validators/node_modules/.package-lock.json: tests/validators/package-lock.json
	cd tests/validators && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

# A second opinion in Python, in an environment of its own because its pins conflict.
PY3DTILES := $(CACHE)/py3dtiles
$(PY3DTILES)/.done:
	$(PYTHON) -m venv $(PY3DTILES)
	$(PY3DTILES)/bin/python -m pip install --quiet --disable-pip-version-check 'py3dtiles==12.1.1'
	@touch $@

validators: tests/validators/node_modules/.package-lock.json $(PY3DTILES)/.done

# A browser for what must be seen; Debian's package where there is none.
chromium:
	@command -v chromium >/dev/null || command -v "$$CHROMIUM" >/dev/null || \
	  { SUDO=$$(command -v sudo || true); $$SUDO apt-get update -qq && $$SUDO apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; }

pytest: install frontend validators chromium
	PY3DTILES_PYTHON=$(PY3DTILES)/bin/python $(BIN)/python -m pytest -q

test: lint types imports frontend pytest

# Installs the peers into folders of their own below the cache, never into our environment.
bench: install
	$(BIN)/python -m benchmarks --folder $(CACHE)/benchmarks

clean:
	rm -rf $(VENV) viewer/frontend/node_modules viewer/assets tests/validators/node_modules dist
