# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
# They need make, git and some python3 with pip, and fetch uv and the Python packages themselves.

.DEFAULT_GOAL := help
SHELL := /bin/sh

export SAM_CLI_TELEMETRY := 0
# Where it is set, each of the thousands of processes that tests start compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON = $(shell cat .tools/python 2>/dev/null)
export UV_FROZEN := 1

SAM_VERSION := 1.170.0
RIC_VERSION := 4.2.2
CHECKOV_VERSION := 3.3.30
C7N_VERSION := 0.9.53
TIME_MACHINE_VERSION := 3.6.0
BANDIT_VERSION := 1.9.4
BOTO3_VERSION := $(shell sed -n '/^name = "boto3"$$/{n;s/version = "\(.*\)"/\1/p;}' uv.lock)
RUN := .tools/uv run --no-sync
REPORT := build/demo-report.html
LAYER_REQUIREMENTS := layers/core/python/requirements.txt

.PHONY: help demo test check format lint types imports drift docs screenshots measure sam checkov e2e coverage bench bench-coldstart bandit audit sbom clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 17

.tools/uv .tools/python: tools/bootstrap
	@sh tools/bootstrap
	@touch .tools/uv .tools/python

.venv/.synced: pyproject.toml uv.lock | .tools/uv .tools/python
	@.tools/uv sync --quiet
	@touch $@

demo: .venv/.synced ## a simulated week on this machine, and its report
	@mkdir -p $(dir $(REPORT))
	@$(RUN) sagewarden demo --output $(REPORT)

test: .venv/.synced ## every test, with branch coverage
	@$(RUN) python -m pytest -q -n auto --dist worksteal -p tests.support.branch_monitor --cov --cov-report= $(PYTEST_ARGS)
	@$(MAKE) --no-print-directory coverage

faults: .venv/.synced ## every cell of the fault matrix: docs/faults.md
	@$(RUN) pytest -n auto --dist worksteal -m "aws or faults" tests/integration/faults $(PYTEST_ARGS)

coverage: .venv/.synced # the bars: domain 98 %, everything 90 % (branches counted)
	@$(RUN) coverage report --format=total --include='*/sagewarden/domain/*' --fail-under=98 \
		| sed 's/^/domain coverage %: /'
	@$(RUN) coverage report --fail-under=90

check: ## everything that CI runs
	@$(MAKE) --no-print-directory -j2 lint types imports drift sam checkov bandit
	@$(MAKE) --no-print-directory e2e
	@$(MAKE) --no-print-directory test

format: .venv/.synced ## put the code into shape
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix .

lint: .venv/.synced
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .

types: .venv/.synced
	@$(RUN) mypy layers/core/python/sagewarden cli/sagewarden_cli tests benchmarks/*.py

imports: .venv/.synced
	@$(RUN) lint-imports

drift: .venv/.synced ## uv.lock and the layer's requirements follow pyproject.toml
	@env -u UV_FROZEN .tools/uv lock --check --quiet
	@.tools/uv export --quiet --no-dev --no-emit-project --no-header | diff -u $(LAYER_REQUIREMENTS) - \
		|| { echo "run: make $(LAYER_REQUIREMENTS) -B"; exit 1; }
	@$(RUN) sagewarden policy compile layers/policy/governance.yaml --check

$(LAYER_REQUIREMENTS): uv.lock .venv/.synced
	@.tools/uv export --quiet --no-dev --no-emit-project --no-header > $@

docs: .venv/.synced ## write the parts of the docs that follow the template and measurements
	@$(RUN) python -m sagewarden_cli.pages

screenshots: .venv/.synced ## photograph every Slack message for the docs; needs chromium on PATH
	@$(RUN) python -m tests.support.slack_gallery

measure: .venv/.synced ## measure what sweeps use, for docs/cost-of-running.md
	@$(RUN) python -m sagewarden_cli.pages.running_cost

# aws-sam-cli pins boto3 and pydantic to versions of its own: it gets an environment of its own.
.tools/sam/.installed: | .tools/uv .tools/python
	@.tools/uv venv --quiet --clear .tools/sam
	@.tools/uv pip install --quiet --python .tools/sam/bin/python aws-sam-cli==$(SAM_VERSION)
	@touch $@

# sam build runs the runtime's own minor version of Python, found on PATH.
sam: .tools/sam/.installed ## validate and build what is deployed
	@AWS_DEFAULT_REGION=us-east-1 .tools/sam/bin/sam validate --lint
	@.tools/sam/bin/cfn-lint spoke.yaml
	@PATH="$$(dirname "$$(.tools/sam/bin/python -c 'import sys; print(sys.base_prefix)')/bin/x"):$$PATH" \
		.tools/sam/bin/sam build --cached >.tools/sam-build.log 2>&1 \
		|| { cat .tools/sam-build.log; exit 1; }

.tools/checkov/.installed: | .tools/uv .tools/python
	@.tools/uv venv --quiet --clear .tools/checkov
	@.tools/uv pip install --quiet --python .tools/checkov/bin/python checkov==$(CHECKOV_VERSION)
	@touch $@

# Reads .checkov.yaml. A template that it cannot read is no error to checkov; here it is one.
checkov: .tools/checkov/.installed ## static analysis of the templates
	@.tools/checkov/bin/checkov >.tools/checkov.log 2>&1 \
		&& ! grep -qE 'ERROR|Parsing errors' .tools/checkov.log \
		|| { cat .tools/checkov.log; exit 1; }
	@grep 'Passed checks' .tools/checkov.log

.tools/bandit/.installed: | .tools/uv .tools/python
	@.tools/uv venv --quiet --clear .tools/bandit
	@.tools/uv pip install --quiet --python .tools/bandit/bin/python bandit==$(BANDIT_VERSION)
	@touch $@

bandit: .tools/bandit/.installed ## look for insecure code
	@.tools/bandit/bin/bandit --quiet --severity-level medium --configfile .bandit.yaml \
		--recursive layers functions cli tools benchmarks

# Asks a public database, and so is no part of check, which must not fail where that is away.
audit: .tools/uv ## known vulnerabilities of the locked packages; needs the Internet
	@.tools/uv audit

sbom: .tools/uv .tools/python ## what the layer is made of, as CycloneDX, into build/sbom.json
	@mkdir -p build
	@.tools/uv export --quiet --no-dev --no-emit-project --format cyclonedx1.5 --preview-features sbom-export >build/sbom.json

# What stands at /var/runtime in Lambda: the runtime interface client and boto3.
.tools/ric/.installed: uv.lock | .tools/uv .tools/python
	@.tools/uv venv --quiet --clear .tools/ric
	@.tools/uv pip install --quiet --python .tools/ric/bin/python awslambdaric==$(RIC_VERSION) \
		boto3==$(BOTO3_VERSION) time-machine==$(TIME_MACHINE_VERSION)
	@touch $@

e2e: .venv/.synced .tools/sam/.installed .tools/ric/.installed ## the built stack, deployed and at work on this machine
	@$(RUN) pytest -q -n auto --dist loadscope --no-loadscope-reorder -m stack tests/e2e/stack $(PYTEST_ARGS)

# Cloud Custodian pins a boto3 of its own; only what its packer puts into a function is taken from here.
.tools/c7n/.installed: | .tools/uv .tools/python
	@.tools/uv venv --quiet --clear .tools/c7n
	@.tools/uv pip install --quiet --python .tools/c7n/bin/python c7n==$(C7N_VERSION)
	@touch $@

bench-coldstart: .venv/.synced .tools/sam/.installed .tools/ric/.installed .tools/c7n/.installed ## measure cold starts, into benchmarks/README.md
	@$(RUN) python -m benchmarks.coldstart $(BENCH_ARGS)

bench: .venv/.synced .tools/c7n/.installed ## measure sweeps beside Cloud Custodian, into benchmarks/README.md
	@$(RUN) python -m benchmarks.bench $(BENCH_ARGS)

clean: ## remove what was built and measured
	rm -rf build .aws-sam .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache
