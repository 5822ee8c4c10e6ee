# Two commands matter to a newcomer: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test saying-demo saying-test check schema bench faults disk fuzz mutants soak lock audit sbom clean

$(VENV)/.run: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Stonechat needs Python 3.11 or newer; set PYTHON=python3.11"; exit 1; }
	@echo "Once: Python's libraries for Stonechat go into $(VENV), a minute or two. Nothing else on this machine is changed."
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing; on Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Once: what the tests need goes there too, a few minutes."
	@$(BIN)/pip install --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: saying-demo $(VENV)/.run ## the phone page on this machine, with throw-away keys
	@$(BIN)/stonechat demo

saying-demo:
	@echo "The demo: a phone in your browser, and beside it what the server holds. Keys and answers are thrown away."

saying-test:
	@echo "All checks, then all tests, on two cores: half an hour or so. What your machine lacks is skipped, and told at the end."

check: $(VENV)/.dev ## everything but the tests
	@echo "Lints, types, rooms, flows, words:"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/stonechat flow check
	@$(BIN)/stonechat words check

test: saying-test check ## everything
	@echo "Tests: a dot each."
	@$(BIN)/pytest -rs -n 2 --dist worksteal

schema: $(VENV)/.run ## docs/report.schema.json anew, from bot/report/document.py
	@$(BIN)/python -m bot.report.document > docs/report.schema.json

faults: $(VENV)/.dev ## KILLS=1000 make faults
	@STONECHAT_KILLS=$(or $(KILLS),1000) $(BIN)/pytest tests/faults -k random -s

bench: $(VENV)/.dev ## ours and two peers in one run; crowds beside a calm reporter; 50 open conversations and 5,000
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.crowds
	@$(BIN)/python -m bench.many

disk: $(VENV)/.dev ## all that can be wrong with a file, times every command that opens it
	@DISK=all $(BIN)/pytest -n 2 --dist worksteal tests/e2e/test_disk.py

fuzz: $(VENV)/.dev ## TARGET=updates SECONDS=3600 make fuzz: one of tests/fuzz/targets.py, coverage-guided
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev,fuzz]'
	@$(BIN)/python -m tests.fuzz $(or $(TARGET),updates) $(or $(SECONDS),3600)

mutants: $(VENV)/.dev ## MANY=400 SEED=12 MINUTES=60 WHERE="alarm flow/promises.py" make mutants: broken lines that no test notices; build/mutants.txt
	@nice $(BIN)/python -m tests.mutants $(or $(MANY),400) $(or $(SEED),12) $(or $(MINUTES),60) $(WHERE)

soak: $(VENV)/.dev ## MINUTES=10 LIES=0.2 make soak: memory and descriptors stay flat, also behind a proxy that cuts, delays and lies
	@$(BIN)/python -m tests.faults.soak

lock: $(VENV)/.dev ## requirements.lock anew: every version that the image installs, with its hashes
	@$(BIN)/pip install --quiet --disable-pip-version-check pip-tools
	@$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-header --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock pyproject.toml

audit: $(VENV)/.dev ## known holes in what the image installs; it asks the network
	@$(BIN)/pip install --quiet --disable-pip-version-check pip-audit
	@$(BIN)/pip-audit --requirement requirements.lock --disable-pip --require-hashes

sbom: $(VENV)/.dev ## build/sbom.json: everything that the image installs, as CycloneDX
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible \
	  --of JSON --validate --output-file build/sbom.json

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis
