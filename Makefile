# Vestnik: everything a newcomer needs, from a fresh clone. `make` alone prints help.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
VENDOR := static/vendor
# Set by `make test ONLY=tests/desk`, to run a part of the suite.
ONLY ?= tests
PYTEST_OPTIONS ?= -q

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.PHONY: help
help: ## This list
	@echo 'Vestnik. Two commands to begin with:  make run   (the program, with demo data)   make demo   (its main job, without a browser)'
	@echo
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1	/' | expand -t 20
	@echo
	@echo '  PORT=8000 chooses the port; make run DEMO=0 starts empty, without demo people and the demo mailbox.'

# ---------------------------------------------------------------- running

.PHONY: run
run: $(STAMPS)/project $(VENDOR)/.stamp ## Start everything on http://127.0.0.1:8000, with demo data
	@grep -qs '^DEMO=' .env || export DEMO="$${DEMO:-1}"; exec $(BIN)/vestnik run

.PHONY: demo
demo: $(STAMPS)/project ## Do the main job once without a browser and print what happened
	@exec $(BIN)/vestnik demo

# ---------------------------------------------------------------- checking

.PHONY: test
test: $(STAMPS)/project $(STAMPS)/dev $(VENDOR)/.stamp chromium ## The whole suite, on SQLite and on PostgreSQL
	@exec $(BIN)/pytest $(ONLY) -n 3 $(PYTEST_OPTIONS)

.PHONY: quick
quick: $(STAMPS)/project $(STAMPS)/dev $(VENDOR)/.stamp ## The fast tests only, on SQLite
	@TEST_ENGINES=sqlite exec $(BIN)/pytest $(ONLY) -n 2 -m 'not process and not browser and not faults' $(PYTEST_OPTIONS)

.PHONY: faults
faults: $(STAMPS)/project $(STAMPS)/dev ## Break everything everywhere (ONLY=words, SHARE=8 for an eighth, SEED=1-5 for random faults)
	@exec $(BIN)/python -m tests.faults.matrix.run --only '$(filter-out tests,$(ONLY))' --share $(or $(SHARE),1) --seed '$(SEED)'

.PHONY: lint
lint: $(STAMPS)/project $(STAMPS)/dev ## Style, types, directions of imports, templates, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/deptry .

.PHONY: check
check: lint quick ## Lint and the fast tests

.PHONY: format
format: $(STAMPS)/dev ## Put the sources in shape
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: translations
translations: $(STAMPS)/dev ## Bring new texts into the Russian catalogue; then fill in what is empty
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F babel.cfg -k _l -k lazy_gettext -k _n:1,2 -k lazy_ngettext:1,2 \
	  --add-location=file --sort-output --omit-header -o build/messages.pot .
	@$(BIN)/pybabel -q update -i build/messages.pot -d translations --no-fuzzy-matching --ignore-obsolete -w 120
	@# Dates and names of people would change the file at each run.
	@sed -i -E '/^"(Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By)/d' \
	  translations/*/LC_MESSAGES/messages.po

.PHONY: golden
golden: $(STAMPS)/project $(STAMPS)/dev ## Write the golden mails and the tables of the manual anew; then read what changed
	@$(BIN)/python -m webapp.rules.event_actions.rows_page
	@$(BIN)/python -m webapp.rules.escalations.rows_page
	@$(BIN)/python -m webapp.languages.formulas.functions_page
	@$(BIN)/python -m webapp.languages.n3.predicates_page
	@$(BIN)/python -m webapp.desk.record_templates.moves_page
	@rm -f tests/emails/golden/*
	@GOLDEN_UPDATE=1 TEST_ENGINES=sqlite $(BIN)/pytest tests/emails -k approved -q

.PHONY: screenshots
screenshots: $(STAMPS)/project $(STAMPS)/dev $(VENDOR)/.stamp chromium ## Take the pictures of the README and the manual anew
	@exec $(BIN)/python -m tests.browser.pictures

# ---------------------------------------------------------------- measuring

# How many rounds have to count.
ROUNDS ?= 3

.PHONY: bench
bench: $(STAMPS)/project $(STAMPS)/dev $(VENDOR)/.stamp ## Measure it beside others and write docs/benchmarks.md; ONLY=drain measures a part
	@exec $(BIN)/python -m benchmarks --rounds $(ROUNDS) --only "$(filter-out tests,$(ONLY))"

# ---------------------------------------------------------------- set-up

.PHONY: setup
setup: $(STAMPS)/project $(STAMPS)/dev $(VENDOR)/.stamp ## Install everything without starting anything

.PHONY: lock
lock: ## Compile the locked requirements from pyproject.toml (needs uv)
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements/base.txt
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev pyproject.toml -o requirements/dev.txt
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate benchmarks/peers/requirements.in -o benchmarks/peers/requirements.txt
	echo 'setuptools>=80' | uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate - -o requirements/build.txt

.PHONY: clean
clean: ## Remove what can be made again; keeps instance/ with its data
	rm -rf $(VENV) node_modules $(VENDOR) build benchmarks/.tools *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/venv: deploy/find-python
	@python="$$(deploy/find-python)"; \
	echo "Making $(VENV) with $$($$python --version)"; \
	$$python -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/base: requirements/base.txt requirements/build.txt | $(STAMPS)/venv
	@echo 'Installing the locked dependencies'
	@$(BIN)/pip install --quiet --quiet --require-hashes -r requirements/build.txt
	@$(BIN)/pip install --quiet --quiet --require-hashes -r requirements/base.txt
	@touch $@

$(STAMPS)/project: pyproject.toml $(STAMPS)/base
	@$(BIN)/pip install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/base
	@echo 'Installing the locked development dependencies'
	@$(BIN)/pip install --quiet --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(VENDOR)/.stamp: package.json package-lock.json webapp/core/assets.py | $(STAMPS)/venv
	@mkdir -p $(VENDOR)
	@if command -v npm >/dev/null; then \
	  echo 'Copying htmx and the style sheets to $(VENDOR)'; \
	  npm ci --ignore-scripts --silent; \
	  $(BIN)/python -m webapp.core.assets mirror >/dev/null; \
	  touch $@; \
	else \
	  echo 'npm is not there: pages take htmx and the style sheets from the CDN, and need the network for it.'; \
	fi

.PHONY: chromium
chromium:
	@deploy/install-chromium
