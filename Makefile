# Two commands need nothing but Python 3.11 or later, make and pip: `make demo` and `make test`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(PYTHON) -m pip --python $(VENV)/bin/python --disable-pip-version-check -q
LOCK   := uv pip compile -q --generate-hashes --universal --no-header --python-version 3.11

.PHONY: demo test suite install lint chromium format bench profile chaos official oracles docs pictures lock clean

# More arguments: make demo ARGS="--no-browser --port 3200"
demo: $(VENV)/.runtime  ## the war room in a local Slack, in the browser: no account, no network
	@$(BIN)/warroom demo $(ARGS)

install: $(VENV)/.runtime  ## the `warroom` command, in .venv/bin

# Lint and types run beside the tests; both are told of, whichever fails.
test:  ## lint, types and the whole test suite, on SQLite, on PostgreSQL and in a browser
	@$(MAKE) --no-print-directory --keep-going --jobs=2 lint suite

suite: chromium $(VENV)/.dev
	$(BIN)/pytest -n logical --maxprocesses 4 --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The browser tests take the system's own Chromium; where root has apt-get, it is installed, and the
# one that opens no window by preference, since it is several times as fast.
chromium:
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do \
	    command -v $$name >/dev/null && exit; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium (once)"; \
	    export DEBIAN_FRONTEND=noninteractive; \
	    apt-get update -qq; \
	    for name in chromium-headless-shell chromium; do \
	        apt-get install -qqy --no-install-recommends $$name \
	            fonts-liberation fonts-noto-color-emoji >/dev/null && exit; \
	    done; \
	fi; \
	echo "No Chromium here: the browser tests are left out. Your system's package chromium brings it."

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## speed and memory, each figure beside a yardstick of the same run, into the README
	$(BIN)/python -m tests.bench --write

# More arguments: make profile ARGS="click --to /tmp"
profile: $(VENV)/.dev  ## flame graphs of intake, a click and the outbox, into profiles/
	$(BIN)/python -m tests.bench.profile $(ARGS)

# More arguments: make chaos ARGS="--seed 7 --short --database sqlite"
chaos: $(VENV)/.dev  ## crashes, outages and races, and a count of what was lost or done twice
	$(BIN)/python -m tests.chaos $(ARGS)

# Its part in TypeScript needs node 20 and npm, which fetches four packages once; without them the
# rest is run, and that part says that it is left out. `-o`: other runs leave the folder out.
official: $(VENV)/.dev  ## Slack's own clients and types at the local Slack, and Microsoft's SARIF tools at the check
	@cd tests/official && if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
	    echo "No node and npm here: nothing is compared with Slack's types for JavaScript, or validated by Microsoft's SARIF tools."; \
	elif [ ! node_modules/.package-lock.json -nt package.json ]; then \
	    npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error \
	        && touch node_modules/.package-lock.json; \
	fi
	@$(PIP) download --no-deps --dest tests/official/wheels trl==1.16.0 torchtune==0.6.1 || \
	    echo "No wheels to read: nothing is compared with the tables of training scripts."
	$(BIN)/pytest -o addopts="-q -rs --strict-markers --strict-config" tests/official

# Packages of the formats themselves, which nothing else here uses; some 60 MB, fetched once.
oracles: $(VENV)/.dev  ## safetensors, ONNX, GGUF and Model Signing themselves beside what a passport reads
	@[ -d tests/oracles/packages ] || $(PIP) install --target tests/oracles/packages \
	    safetensors==0.8.0 numpy==2.4.6 onnx==1.23.2 gguf==0.19.0 model-signing==1.1.1 pyOpenSSL
	$(BIN)/pytest -o addopts="-q -rs --strict-markers --strict-config" --ignore=tests/oracles/packages tests/oracles

docs: $(VENV)/.runtime  ## write the generated parts of docs/ and the README anew
	$(BIN)/python -m docs.generate

pictures: $(VENV)/.dev  ## take the pictures of README and docs anew, of the demo as it is
	$(BIN)/python -m tests.pictures

lock:  ## needs uv
	echo flit_core | $(LOCK) --no-annotate --extra server pyproject.toml - -o requirements.txt
	$(LOCK) --no-annotate --extra server --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

# --without-pip: Debian's python3 has pip but not ensurepip.
$(VENV)/bin/python:
	@echo "Making $(VENV) (once)"
	@$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the bot needs (once)"
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing what the tests need (once)"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@
