# One door to the house: `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
# the system's certificates, so that a company's own authority is trusted
UV := $(BIN)/uv --system-certs
LOCK := $(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make lock"

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# each process would compile two thousand modules anew
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help env env-dev env-spark lock run test test-sqlite test-postgres test-spark test-peer check check-types check-rest bench messages vendor clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

env: .venv/app.stamp .venv/package.stamp ## make .venv with what the application needs

env-dev: env .venv/dev.stamp ## add the tools of tests and checks

env-spark: env-dev .venv/spark.stamp ## add the optional Spark engine (needs Java 17)

# uv comes out of the same hashed list as everything else; where it cannot run, pip does the same work in a minute
.venv/app.stamp: requirements/app.lock
	test -x $(PY) || $(PYTHON) -m venv .venv
	awk '/^[a-z]/ { wanted = /^uv==/ } wanted' $< > .venv/uv.txt
	$(PY) -m pip install -q --require-hashes -r .venv/uv.txt || echo "uv is not to be had here: pip goes on alone"
	$(UV) pip sync -q -p $(PY) --require-hashes $< || $(PY) -m pip install -q --require-hashes -r $<
	rm -f .venv/*.stamp && touch $@

.venv/package.stamp: pyproject.toml .venv/app.stamp
	$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	$(PY) -c "from perilune.ui.catalogues import compile_all; compile_all()"
	$(PY) -m compileall -q -j 0 src/perilune
	$(PY) -c "from perilune.forecasting.engine.simulation import load_loops; load_loops()"
	touch $@

.venv/dev.stamp .venv/spark.stamp: .venv/%.stamp: requirements/%.lock .venv/app.stamp
	$(UV) pip install -q -p $(PY) --require-hashes -r $< || $(PY) -m pip install -q --require-hashes -r $<
	touch $@

lock: ## renew the hashed lists after a change of requirements/*.in
	for list in app dev spark; do $(LOCK) requirements/$$list.in -o requirements/$$list.lock || exit 1; done
	$(subst --python-version 3.11,--python-version 3.12,$(LOCK)) requirements/peer.in -o requirements/peer.lock
	! grep -nE '://|find-links|index-url' requirements/*.lock

run: env ## serve the company in var/company, or the demo in var/demo
	$(BIN)/perilune run

test: test-sqlite test-postgres ## all tests on SQLite, then those of the records on PostgreSQL

test-sqlite: env-dev ## the first lane alone
	$(PY) -m pytest -n 4 --dist worksteal

test-postgres: env-dev ## the second lane alone, on a cluster made for it
	$(PY) tools/postgres.py run -- $(PY) -m pytest -n 4 --dist worksteal -m "not browser and not engine and not roles and not once and not spark"

# for a few rows Java's second compiler costs as much as all that it compiles
test-spark: env-spark ## the tests of the Spark engine
	JDK_JAVA_OPTIONS=-XX:TieredStopAtLevel=1 $(PY) -m pytest -m spark

test-peer: env-dev ## sync from a real CRM (BottleCRM; needs Python 3.12 and some ten minutes)
	$(PY) tools/peer_crm.py run -- $(PY) -m pytest tests/peer -q

check: env-dev check-types check-rest ## format, lint, types, import rules, templates, messages, portable SQL

check-types: env-dev
	$(PY) -m mypy src

check-rest: env-dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(BIN)/lint-imports
	$(PY) -m djlint src --lint
	$(PY) tools/messages.py check
	$(PY) -m perilune.store.lint

bench: env-dev ## measure the engines beside their peers
	$(PY) bench/run.py

messages: env-dev ## collect the words to translate
	$(PY) tools/messages.py update

vendor: ## renew the vendored scripts and maps
	$(PY) tools/vendor.py

clean: ## remove what can be made again; var/ holds data and stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build src/*.egg-info
	find src tests tools -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
