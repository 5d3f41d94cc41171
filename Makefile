# Everything a person does with a checkout; `make` alone lists it.
# Needs Python 3.11 or newer and make; the rest is set up inside the checkout.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
# Enough of an environment for the checks that look at a desk in production.
PRODUCTION := PRODUCTION=true DESK_URL=https://desk.example ALLOWED_HOSTS=desk.example \
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
	CREDENTIAL_KEYS=$$($(BIN)/python -c 'from cryptography.fernet import Fernet as F; print(F.generate_key().decode())')

.PHONY: help env up down reset test soak check bench screens

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

env: .venv/.synced ## Make the environment from uv.lock, or bring it up to date

.venv/.synced: uv.lock pyproject.toml
	@sh .ci/environment
	@touch $@

up: env ## Run the desk until Ctrl-C (PORT, LIVE_PORT, DESK_HOME, DATABASE_URL, REDIS_URL move it)
	@exec $(BIN)/python manage.py up

down: env ## Stop a running desk
	@$(BIN)/python manage.py down

reset: env ## Delete the desk's data, after asking
	@$(BIN)/python manage.py reset

test: env ## Run every test, with a Chromium found or installed
	@sh .ci/chromium
	@$(BIN)/python -m pytest -n 3 --dist worksteal -m "not alone and not soak" $(ARGS)
	@$(BIN)/python -m pytest -m "alone and not soak" $(ARGS)

soak: env ## Run the tests that take many minutes (SOAK_EXAMPLES histories, SOAK_MINUTES of a wallboard)
	@$(BIN)/python -m pytest -m soak $(ARGS)

check: env ## Hold the code to its rules: style, types, layers, migrations, production settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	@echo "$(BIN)/python manage.py check --deploy"
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: env ## Measure what the desk promises; docs/benchmarks.md explains the figures
	@$(BIN)/python -m pytest tests/bench -q -s -o python_files='bench_*.py' -o python_functions='bench_*' $(ARGS)

screens: env ## Take the documentation's screenshots anew
	@sh .ci/chromium
	@SCREENS=1 $(BIN)/python -m pytest tests/docs/test_first_half_hour.py
