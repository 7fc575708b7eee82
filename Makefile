# Everything a person or a build machine does with PRM. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 8000
export PORT
ifdef DATA
export DATA
endif
PYTHON_RUN := .venv/bin/python
PYTEST := $(PYTHON_RUN) -m pytest
BROWSER_PACKAGES := chromium fonts-dejavu-core
PDF_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core
SERVERLESS := PRM_ENV=test DATABASE_URL=postgresql:///none REDIS_URL=redis://none
# tests speak of secrets, hashes in locks and migrations look like some
NO_SECRETS := --exclude-files '^(requirements|tests)/|/migrations/' --disable-plugin HexHighEntropyString \
  --exclude-secrets '^(demo-password|insecure-development-key|password|[0-9]+/m/.*)$$'

.PHONY: help demo run test check style types contracts templates security secrets django fix bench look fuzz faults guards money soak lock venv-run venv-test venv-lint browser

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: venv-run ## the demo company on http://127.0.0.1:$PORT (8000), data in DATA (.local); Ctrl-C stops it
	@exec $(PYTHON_RUN) -m prm.demo

run: venv-run ## the same without demo data
	@exec $(PYTHON_RUN) -m prm.demo --empty

# three workers on two cores: one of them mostly waits, for kills to heal and pages to settle; what is compiled once is
# kept, as many tests start programs of their own
test: venv-test browser ## all tests
	PYTHONDONTWRITEBYTECODE= $(PYTEST) -q -n 3 --dist worksteal $(PYTEST_MORE)

check: style types contracts templates security secrets django ## style, types, contracts, templates, security, migrations, documents

style: venv-lint
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: venv-lint
	$(SERVERLESS) .venv/bin/mypy

contracts: venv-lint
	.venv/bin/lint-imports

templates: venv-lint
	.venv/bin/djlint templates --lint --quiet

security: venv-lint
	.venv/bin/bandit -q -lll -r . -c pyproject.toml

secrets: venv-lint
	@git ls-files -z | xargs -0 .venv/bin/detect-secrets-hook $(NO_SECRETS)

django: venv-lint
	$(PYTHON_RUN) .ci/check.py

fix: venv-lint ## what ruff can put right by itself
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: venv-test ## benchmarks: a table and bench.json
	$(PYTHON_RUN) -m tests.benchmarks

look: venv-test browser ## every page of the demo in Chromium: screenshots, accessibility, CSP, overflow, links
	$(PYTHON_RUN) -m tests.browser.look

fuzz: venv-test ## the API schema against a live server with the vendor's key and a partner's, every walk and rule without sampling, long
	$(PYTHON_RUN) -m tests.fuzz
	PRM_LONG=1 $(PYTEST) -q -m sampled

faults: venv-test ## kills and broken lines, long
	$(PYTHON_RUN) -m tests.faults

money: venv-test ## 500 sequences of earnings against an oracle, or SEQUENCES
	SEQUENCES=$${SEQUENCES:-500} $(PYTEST) -q tests/earnings/test_model.py

guards: venv-test ## takes each guard of concurrency away: the races that it decides must fail then
	$(PYTHON_RUN) -m tests.guards

soak: venv-test ## an hour of load and kills, or SOAK_MINUTES
	SOAK_MINUTES=$${SOAK_MINUTES:-60} $(PYTEST) -q -s tests/faults/soak.py

lock: venv-lint ## requirements/*.txt anew from pyproject.toml
	.ci/lock

browser:
	@.ci/packages $(BROWSER_PACKAGES)

venv-run venv-test venv-lint: venv-%:
	@.ci/venv $*
	@.ci/packages $(PDF_PACKAGES)
