# Every target installs what it needs into .venv by itself. Python 3.11 or newer and make are all that has to be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
PYTEST_WORKERS ?= 2

.DEFAULT_GOAL := help

.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

setup: $(STAMP)  ## make .venv with everything that development needs

$(STAMP): pyproject.toml scripts/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup.sh
	@touch $(STAMP)

demo: $(STAMP)  ## onboard, authorize, pay, verify a webhook, show every request id; all on this machine
	@$(BIN)/python examples/demo.py

test: $(STAMP) chromium lint generate-check  ## everything that CI runs
	@$(BIN)/python scripts/run_tests.py

test-fast: $(STAMP)  ## the tests without the stress runs, the long ones and the browser
	@$(BIN)/pytest -q -n $(PYTEST_WORKERS) -m "not stress and not long and not browser"

generate: $(STAMP)  ## regenerate generated/ from spec/ and the sync code from the async code
	@$(BIN)/python scripts/generate.py
	@$(BIN)/python scripts/unasync.py

generate-check: $(STAMP)  ## fail when generated or derived code is not what its source gives
	@$(BIN)/python scripts/generate.py --check
	@$(BIN)/python scripts/unasync.py --check

wrong-stores: $(STAMP)  ## stores of a thousand grants in the wrong hands; `test` takes fewer
	@WRONG_STORES_GRANTS=1000 $(BIN)/pytest -q -n $(PYTEST_WORKERS) tests/tokens/test_wrong_stores.py

guesses: $(STAMP)  ## list what the spec only guesses, and how to settle each
	@$(BIN)/python scripts/spec_guesses.py

FORMAT ?= text
spec-diff: $(STAMP)  ## what changed between two specs and what breaks: OLD=<file or revision> [NEW=...] [FORMAT=markdown]
	@$(BIN)/python -m scripts.spec_diff "$(OLD)" "$(or $(NEW),spec/astra.yaml)" --format $(FORMAT) $(if $(SHARED),--shared)

import-spec: $(STAMP)  ## judge our guesses by Astra's own OpenAPI: FILE=<document, fragments, folder or a first contact's report> [APPLY=1 writes spec/astra.yaml]
	@$(BIN)/python -m scripts.import_spec $(FILE) --output build/imported.yaml --format $(FORMAT) $(if $(APPLY),--apply)

imports: $(STAMP)  ## import eight forms of a document that differs, and type check the SDK with the edits that the report lists
	@IMPORTED_FORMS=8 $(BIN)/pytest -q -n $(PYTEST_WORKERS) tests/spec/test_import_mended.py

surface: $(STAMP)  ## refuse a break of the public API that CHANGELOG.md does not announce; UPDATE=1 writes docs/public-api.json
	@$(BIN)/python -m scripts.api_surface $(if $(UPDATE),--update)

conformance: $(STAMP)  ## check what is known of Astra's behaviour against a sandbox: [CONTROL=<control URL>] or any server: BASE=<origin> [PAYMENTS=1] [ARGS=...]
	@$(BIN)/python -m astra.conformance $(if $(CONTROL),--control "$(CONTROL)") $(if $(BASE),--base "$(BASE)") $(if $(PAYMENTS),--with-payments) $(ARGS)

first-contact: $(STAMP)  ## settle what the spec guesses, by calls to Astra's sandbox with your credentials: [PAYMENTS=1] [APPLY=1 writes spec/astra.yaml] [ARGS=...]
	@$(BIN)/python -m astra first-contact --folder build/first-contact $(if $(PAYMENTS),--with-payments) $(ARGS)
	$(if $(APPLY),@$(BIN)/python -m scripts.import_spec build/first-contact/report.json --apply --format $(FORMAT))

SEEDS ?= 20
stand-ins: $(STAMP)  ## first contact with servers that differ, drawn from seeds, and the README with the SDK as it is mended: SEEDS=20
	@$(BIN)/python -m scripts.stand_in --seeds $(SEEDS)

mutants: $(STAMP)  ## change the modules that decide, one place at a time, and list what their tests miss: [MODULES=...]
	@$(BIN)/python -m scripts.mutants $(MODULES)

lint: $(STAMP)  ## ruff, and the linters of Dockerfile and compose.yaml
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/hadolint --failure-threshold style Dockerfile
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml

types: $(STAMP)  ## mypy strict and pyright strict; `test` runs them beside the outages
	@$(BIN)/mypy
	@$(BIN)/pyright

format: $(STAMP)  ## put the code into shape
	@$(BIN)/ruff check --fix-only -q .
	@$(BIN)/ruff format .

record: $(STAMP)  ## record the cassettes against the local sandbox (ASTRA_RECORD=real: against Astra's own)
	@$(BIN)/python -m scripts.record

cassettes: $(STAMP)  ## check the cassettes: complete, no secrets, valid by the spec, not stale
	@$(BIN)/python -m scripts.check_cassettes

SECONDS ?= 300
fuzz: $(STAMP)  ## drive the local sandbox with schemathesis from the spec: SECONDS=300
	@$(BIN)/python scripts/fuzz_sandbox.py --seconds $(SECONDS)

bench: $(STAMP)  ## measure speed beside bare httpx and the peers, in one run
	@$(BIN)/python -m scripts.bench.speed
	@$(BIN)/python -m scripts.bench.drift

bench-dashboard: $(STAMP)  ## time each page of the dashboard over 100,000 grants and 1,000,000 requests, in SQLite and PostgreSQL
	@$(BIN)/python -m scripts.bench.dashboard --store sqlite
	@$(BIN)/python -m scripts.bench.dashboard --store postgresql

bench-ledger: $(STAMP)  ## measure the request log: a million rows, and its share of a call
	@$(BIN)/python -m scripts.bench.request_log

bench-sandbox: $(STAMP)  ## load the local sandbox: 10,000 users, 100,000 transfers
	@$(BIN)/python scripts/bench/sandbox_load.py

bench-tokens: $(STAMP)  ## keep 100,000 grants alive, killed half-way, in SQLite and in PostgreSQL
	@$(BIN)/python scripts/bench/keep_alive.py --grants 100000 --store sqlite
	@$(BIN)/python scripts/bench/keep_alive.py --grants 100000 --store postgresql

COUNT ?= 5000
histories: $(STAMP)  ## play random histories of payments under keys, killed at any step, over SQLite and PostgreSQL: COUNT=5000
	@$(BIN)/python -m scripts.histories --count $(COUNT)

bank-histories: $(STAMP)  ## play random histories of the sandbox's money, whose books have to balance: COUNT=2000
	@$(BIN)/python -m scripts.bank_histories --count $(if $(filter file,$(origin COUNT)),2000,$(COUNT))

docs: $(STAMP)  ## write docs/reference/ from the docstrings, and build the site into build/docs
	@$(BIN)/python scripts/reference.py
	@$(BIN)/python scripts/magic_table.py
	@$(BIN)/python -m scripts.docs_site.picture
	@$(BIN)/python -m scripts.docs_site.build

chromium:
	@sh scripts/chromium.sh

clean:  ## remove what the targets made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .demo build dist
