# make demo: the app on the demo county. make test: everything. make bench: our speed against others', SIZE="10000 100000" parcels.
# Each installs what it needs into .venv first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SIZE ?= 10000

.PHONY: demo test bench clean
demo: .venv/ready
	$(BIN)/cunzhi demo
	$(BIN)/cunzhi warm-up
	$(BIN)/cunzhi app

test: .venv/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/cunzhi demo
	$(BIN)/cunzhi warm-up
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

bench: .venv/ready-to-test
	$(BIN)/cunzhi warm-up
	$(BIN)/python -m tests.bench.run $(SIZE)

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e .
	@touch $@

.venv/ready-to-test: .venv/ready
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[test,bench]'
	@touch $@

clean:
	rm -rf .venv .demo static
