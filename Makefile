# Two commands matter: `make demo` and `make test`. Each sets up what it needs and nothing else.
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= yes
PORT ?= 8050
RESOLVE := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

.PHONY: demo test lint truth agreement crash fuzz bench results formats lock schema rooms clean help

help:
	@echo "make demo          set up, run the worked study, serve its board (SERVE=no: do not serve)"
	@echo "make test          set up, run every check (pytest with browser, ruff, mypy)"
	@echo "make truth         simulate 200 whole studies, and the grid of shapes and methods (resumable); write tests/truth/*.json"
	@echo "make agreement     install R, work its golden values out again and set ours beside them"
	@echo "make crash         kill, fill, damage and crowd the store some hundred times (resumable); write tests/waves/crash.json"
	@echo "make fuzz          a minute of made-up bytes for every reader of wave files"
	@echo "make bench         every workload beside its peers, as ratios"
	@echo "make results       run the real studies and write docs/results.md"
	@echo "make lock          resolve the lock files anew"
	@echo "make schema        write the generated JSON Schemas"

demo: .setup/run
	$(BIN)/pilot demo $(if $(filter no,$(SERVE)),--no-serve) --port $(PORT)

test: .setup/dev lint
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist worksteal

lint: .setup/dev
	$(BIN)/ruff check .
	$(BIN)/mypy

truth: .setup/dev
	$(BIN)/python -m tests.truth
	$(BIN)/python -m tests.truth.grid

agreement: .setup/dev
	@.ci/r
	$(BIN)/python -m tests.agreement

crash: .setup/dev
	$(BIN)/python -m tests.waves.crash

fuzz: .setup/dev
	$(BIN)/python -m tests.waves.fuzz

bench: .setup/bench
	@.ci/r
	$(BIN)/python -m benchmarks.difference_in_differences
	$(BIN)/python -m benchmarks.wild_bootstrap
	$(BIN)/python -m benchmarks.random_effects
	$(BIN)/python -m benchmarks.many_outcomes
	$(BIN)/python -m benchmarks.power
	$(BIN)/python -m benchmarks.wave_in
	$(BIN)/python -m benchmarks.wave_history

results: .setup/dev
	$(BIN)/python -m tests.results >/dev/null

formats: .setup/dev
	$(BIN)/python -m tests.waves.formats_page

rooms: .setup/dev
	$(BIN)/python -m tests.rooms

schema: .setup/run
	$(BIN)/pilot schema --write data_schemas

lock: .setup/dev
	$(BIN)/uv pip compile pyproject.toml --extra build $(RESOLVE) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev -c requirements.lock $(RESOLVE) -o .ci/dev.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev --extra bench -c .ci/dev.lock $(RESOLVE) -o .ci/bench.lock

.setup/run: requirements.lock pyproject.toml
	@PYTHON=$(PYTHON) .ci/setup requirements.lock $@
.setup/dev: .ci/dev.lock pyproject.toml
	@PYTHON=$(PYTHON) .ci/setup .ci/dev.lock $@
	@.ci/browser
.setup/bench: .ci/bench.lock pyproject.toml
	@PYTHON=$(PYTHON) .ci/setup .ci/bench.lock $@

clean:
	rm -rf .venv .setup .pytest_cache .mypy_cache .ruff_cache .hypothesis pilot-demo
