# The verbs of the house. `make help` lists them; every verb installs what it needs into .venv and .cache.
#   make test PYTHON=python3.13 VENV=.venv-3.13   another Python, in a virtualenv of its own
#   make demo ARGS='...'                          arguments for the command behind a verb

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?=
VENV ?= .venv
ARGS ?=
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= item event number diff pattern matches
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
# None of those libraries is wanted beside tailrace; the extension of the virtualenv's Python fits theirs.
RIVALS := $(VENV)-rivals
JARS := .cache/dynamodb-local
OPENSEARCH := .cache/opensearch
RULER := .cache/event-ruler
CARGO_FUZZ := .cache/cargo-fuzz/bin/cargo-fuzz
# maturin sets an environment of its own: in one target folder with plain cargo, each would rebuild the other's pyo3.
EXTENSION_TARGET := target-extension
EXTENSION_SOURCES := $(shell find rust -name '*.rs') Cargo.toml $(wildcard Cargo.lock) pyproject.toml
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest
export PYO3_PYTHON := $(abspath $(BIN)/python)

.PHONY: help demo test test-slow test-wheels lint format build bench bench-rivals bench-ruler bench-runtime fuzz docs ci clean

help: ## these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMPS)/extension $(STAMPS)/demo ## a recorded order table becomes an audit trail, a replica and a search index
	$(BIN)/tailrace demo $(ARGS)

test: $(STAMPS)/extension $(STAMPS)/test ## the quick tests, Rust and Python
	cargo test --quiet --no-default-features
	cargo test --quiet --manifest-path fuzz/Cargo.toml
	$(PYTEST) $(ARGS)

test-slow: $(STAMPS)/extension $(STAMPS)/test-slow $(JARS)/ready $(OPENSEARCH)/ready $(RULER)/ready ## tests that start servers (JDK 17 and Maven) or take long
	$(PYTEST) -m slow $(ARGS)

test-wheels: $(STAMPS)/extension $(STAMPS)/test ## a wheel for every Python found here, each tried in its own virtualenv
	$(PYTEST) -m wheels --durations=5 $(ARGS)

lint: $(STAMPS)/extension $(STAMPS)/lint ## ruff, mypy, stubtest, rustfmt and clippy; warnings are errors
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --quiet --all-targets --no-default-features -- -D warnings
	cargo clippy --quiet --all-targets -- -D warnings
	cargo clippy --quiet --all-targets --features abi3 -- -D warnings
	cargo clippy --quiet --all-targets --manifest-path fuzz/Cargo.toml -- -D warnings
	$(BIN)/mypy
	MYPYPATH=python $(BIN)/python -m mypy.stubtest tailrace._core --allowlist tests/typing/stubtest-allowlist.txt

format: $(STAMPS)/lint ## rewrite the sources in the house's layout
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	cargo fmt
	cargo fmt --manifest-path fuzz/Cargo.toml

build: $(STAMPS)/extension ## the extension, in release form, into the virtualenv
	$(BIN)/python -c 'import tailrace; print(tailrace.build_info())'

bench: $(STAMPS)/extension $(STAMPS)/bench ## the benchmarks: ratios against json, boto3 and orjson, their answers compared first
	$(BIN)/python -m benches.report $(ARGS)

bench-ruler: $(STAMPS)/extension $(STAMPS)/bench $(RULER)/ready ## filters against event-ruler, AWS's own matcher (JDK 17 and Maven)
	$(BIN)/python -m benches.report event-ruler $(ARGS)

# What a target finds new ways with is kept in .cache; what it finds wrong stands in fuzz/artifacts.
fuzz: $(CARGO_FUZZ) ## libFuzzer on the core, FUZZ_SECONDS (60) for each of FUZZ_TARGETS; needs nightly Rust
	@tools/need nightly cxx
	@for target in $(FUZZ_TARGETS); do \
		echo "==> fuzzing $$target for $(FUZZ_SECONDS) s"; \
		mkdir -p .cache/fuzz/$$target; \
		PATH="$(dir $(abspath $(CARGO_FUZZ))):$$PATH" cargo +nightly fuzz run --features libfuzzer $$target \
			.cache/fuzz/$$target fuzz/corpus/$$target -- \
			-max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -dict=fuzz/words.dict -print_final_stats=1 -verbosity=0 $(ARGS); \
	done

bench-rivals: $(STAMPS)/extension $(RIVALS)/stamps/rivals ## other libraries for the job, how fast and whether right, in a virtualenv of their own
	PYTHONPATH=python $(RIVALS)/bin/python -m benches.rivals

bench-runtime: $(STAMPS)/extension $(STAMPS)/test ## raw events against dicts in Lambda's own runtime
	$(BIN)/python -m benches.runtime

docs: $(STAMPS)/extension $(STAMPS)/test ## run the examples of docstrings, README and docs; check their links
	$(PYTEST) tests/docs $(ARGS)

# The tests come last, so that the output ends with their count.
ci: export TAILRACE_REQUIRE_SERVERS := 1
ci: ## everything above but bench and fuzz, and no test may be skipped for want of its server
	@for verb in lint docs demo test test-wheels test-slow; do \
		echo "==> make $$verb ($${SECONDS} s so far)"; \
		$(MAKE) $$verb; \
	done

clean: ## remove what these verbs made
	rm -rf .venv .venv-* .cache target target-* fuzz/target fuzz/artifacts dist demo-data
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks python/tailrace/_core*.so
	find python tests benches tools -name __pycache__ -type d -prune -exec rm -rf {} +

# --- What the verbs stand on. A stamp is touched when its step is done, and is newer than all the step read. ---

ifneq ($(PYTHON),)
$(STAMPS)/venv: same-python
.PHONY: same-python
same-python:
	@tools/same-python $(BIN)/python $(PYTHON)
endif

$(STAMPS)/venv:
	@test -e $@ || { python=$$(tools/choose-python $(PYTHON)) && tools/new-venv "$$python" $(VENV) && touch $@; }

$(STAMPS)/demo $(STAMPS)/test $(STAMPS)/test-slow $(STAMPS)/bench $(STAMPS)/lint: $(STAMPS)/%: pyproject.toml | $(STAMPS)/venv
	$(PIP) --group $*
	@touch $@

$(RIVALS)/stamps/rivals: pyproject.toml | $(STAMPS)/venv
	tools/new-venv $(BIN)/python $(RIVALS)
	$(RIVALS)/bin/python -m pip install --quiet --disable-pip-version-check --group rivals
	@touch $@

$(STAMPS)/build: pyproject.toml | $(STAMPS)/venv
	$(PIP) --group build
	@touch $@

# `git clean` and `make` with another VENV leave the stamp without its extension.
ifeq ($(wildcard python/tailrace/_core*.so),)
.PHONY: $(STAMPS)/extension
endif

# maturin unlinks the old extension before it writes the new one, so a running Python keeps what it has loaded.
$(STAMPS)/extension: $(EXTENSION_SOURCES) | $(STAMPS)/build
	@tools/need cargo
	env -u CONDA_PREFIX VIRTUAL_ENV=$(abspath $(VENV)) PIP_QUIET=1 $(BIN)/maturin develop --quiet --release --target-dir $(EXTENSION_TARGET) --extras cli,testing
	@touch $@

$(CARGO_FUZZ):
	@tools/need cargo nightly cxx
	cargo install --quiet --locked --root .cache/cargo-fuzz cargo-fuzz@0.13.2

FETCH_JARS = mvn --quiet --batch-mode --file $< -Dmaven.repo.local=$(abspath .cache/maven) dependency:copy-dependencies \
	-DoutputDirectory=$(abspath $(@D)) -DincludeScope=runtime

$(JARS)/ready: tests/e2e/servers/dynamodb-local.pom.xml
$(RULER)/ready: tests/differential/ruler/event-ruler.pom.xml
$(JARS)/ready $(RULER)/ready:
	@tools/need java javac mvn
	$(FETCH_JARS)
	@touch $@

$(OPENSEARCH)/ready: tests/e2e/servers/opensearch.pom.xml tests/e2e/servers/OpenSearchNode.java
	@tools/need java javac mvn
	$(FETCH_JARS)
	javac -cp '$(@D)/*' -d $(@D)/classes $(word 2,$^)
	@touch $@
