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

$(STAMP): pyproject.toml constraints.txt scripts/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup.sh
	@touch $(STAMP)

demo:  ## onboard, authorize, pay, verify a webhook, show every request id; all on this machine
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup.sh demo
	@PYTHONPATH=.:generated $(BIN)/python examples/demo.py

test: $(STAMP) chromium lint  ## what every push needs: all tests but the long ones, linters, mypy
	@$(BIN)/python scripts/run_tests.py

test-long: $(STAMP) chromium  ## the long tests, every night and before a release: what `test` leaves out
	@$(BIN)/python scripts/run_tests.py --long

test-all: test test-long  ## every test there is

test-fast: $(STAMP)  ## while you work: what `test` runs, without the stress runs and the browser
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

SEED ?= 1
imports: $(STAMP)  ## import eight forms of a document that differs, and type check the SDK with the edits that the report lists: [SEED=1] [SUITE=1 runs the whole suite in the copy]
	@IMPORTED_FORMS=8 IMPORTED_SEED=$(SEED) $(BIN)/pytest -q -n $(PYTEST_WORKERS) tests/spec/test_import_mended.py
	$(if $(SUITE),@$(BIN)/python -m scripts.stand_in.suite --seed $(SEED))

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

pictures: $(STAMP)  ## pictures of every screen in a busy state into build/pictures, to be looked at: [ARGS="--only money"], [ARGS=--docs]
	@$(BIN)/python -m scripts.pictures $(ARGS)

mutants: $(STAMP)  ## change the modules that decide, one place at a time, and list what their tests miss: [MODULES=...]
	@$(BIN)/python -m scripts.mutants $(MODULES)

lint: $(STAMP)  ## ruff, and the linters of Dockerfile, compose.yaml and workflows
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/hadolint --failure-threshold style Dockerfile
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml
	@$(BIN)/actionlint -shellcheck= -pyflakes=
	@$(BIN)/zizmor --offline --quiet --no-progress --strict-collection .github

types: $(STAMP)  ## mypy strict and pyright strict; `test` runs mypy beside the tests, CI runs both on each push
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

bench-workbench: $(STAMP)  ## time each page of the workbench over 100,000 transfers and 100,000 requests
	@$(BIN)/python -m scripts.bench.workbench

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

# What follows asks the package index, so it is no part of `test`.

constraints: $(STAMP)  ## pin the development environment, after a change of pyproject.toml: [UPGRADE=1 takes the newest versions]
	@$(BIN)/python -m scripts.release.constraints $(if $(UPGRADE),--upgrade)

lowest: $(STAMP)  ## try the wheel with the lowest versions that pyproject.toml admits: [PYTHONS="3.11 3.13"]
	@$(BIN)/python -m scripts.release.resolved lowest $(if $(PYTHONS),--python $(PYTHONS))

newest: $(STAMP)  ## try the wheel with the newest versions of what it needs: [PYTHONS=...]
	@$(BIN)/python -m scripts.release.resolved newest $(if $(PYTHONS),--python $(PYTHONS))

beside: $(STAMP)  ## try the wheel beside the newest openai, mcp, fastapi, django, typer and flask: [PYTHONS=...]
	@$(BIN)/python -m scripts.release.resolved beside $(if $(PYTHONS),--python $(PYTHONS))

release-check: $(STAMP)  ## build the distributions, check them, install and try them on each Python: [PUBLISH=1 TAG=v1.2.3] [PYTHONS=...]
	@$(BIN)/python -m scripts.release.check $(if $(PUBLISH),--publish) $(if $(TAG),--tag $(TAG)) $(if $(PYTHONS),--python $(PYTHONS))

clean:  ## remove what the targets made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .demo build dist
