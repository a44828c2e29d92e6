# make demo: the app on the demo county. make test: everything. Both install what they need into .venv first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: demo test clean
demo: .venv/ready
	$(BIN)/cunzhi demo
	$(BIN)/cunzhi warm-up
	$(BIN)/cunzhi app

test: .venv/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e .
	@touch $@

.venv/ready-to-test: .venv/ready
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[test]'
	@touch $@

clean:
	rm -rf .venv .demo static
