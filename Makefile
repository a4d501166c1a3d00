# The targets a person uses; `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
CUSTOMERS ?= 10000

# What a person gives is data: neither make nor a shell reads it, and an id may begin
# with a dash.
override CUSTOMER := $(value CUSTOMER)
override CUSTOMERS := $(value CUSTOMERS)
override FILES := $(value FILES)
override FILE := $(value FILE)
override OPTIONS := $(value OPTIONS)
export CUSTOMER CUSTOMERS FILES FILE OPTIONS

.DEFAULT_GOAL := help
.PHONY: help setup setup-shop setup-destinations setup-dev setup-spark demo demo-spark check daily backfill monday \
	why preview pages test test-slow test-spark lint docs bench-segments bench-quiet-days bench-export clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-25s %s\n", $$1, $$2}'

setup: ## install what running needs (once; the other targets do it themselves)
	@PYTHON=$(PYTHON) sh scripts/setup.sh requirements.txt

setup-destinations: ## install what SFTP, S3 and PostgreSQL need as well
	@PYTHON=$(PYTHON) sh scripts/setup.sh requirements-destinations.txt

setup-dev: ## install what developing and testing need as well
	@PYTHON=$(PYTHON) sh scripts/setup.sh requirements-dev.txt

setup-spark: ## install what Apache Spark needs as well (Java 17 must be there)
	@sh scripts/check_java.sh
	@PYTHON=$(PYTHON) sh scripts/setup.sh requirements-dev.txt
	@PYTHON=$(PYTHON) sh scripts/setup.sh requirements-spark.txt

demo: setup ## make a sample shop with 90 days of history, export audiences (CUSTOMERS=10000)
	@$(BIN)/python scripts/demo.py --customers "$$CUSTOMERS"

demo-spark: setup-spark ## build a sample shop of 1,000 customers on Apache Spark
	@$(BIN)/python scripts/demo_spark.py

setup-shop: setup ## currency, zone and phones of a shop (OPTIONS="--country DE --write")
	@set -f; $(BIN)/python scripts/setup_shop.py $$OPTIONS

check: setup ## what your files hold and what a build would do with them (FILES=folder)
	@$(BIN)/python scripts/load_raw.py --check -- "$$FILES"

daily: setup ## load your files, build, export audiences (FILES=folder OPTIONS=--accept-quiet-day)
	@set -f; $(BIN)/python scripts/daily.py $$OPTIONS -- "$$FILES"

backfill: setup ## segments of 90 past days (OPTIONS="--from 2026-01-01 --daily 365")
	@set -f; $(BIN)/python scripts/backfill.py $$OPTIONS

monday: setup ## last week in twelve questions (OPTIONS="--lang ko")
	@set -f; $(BIN)/python scripts/monday.py $$OPTIONS

why: setup ## what was decided about one customer (CUSTOMER=id OPTIONS="--all --lang ko")
	@set -f; $(BIN)/python scripts/why.py $$OPTIONS -- "$$CUSTOMER"

preview: setup ## try a segment before it is built (FILE=rule.yml OPTIONS="--lang ko")
	@set -f; $(BIN)/python scripts/preview_segment.py $$OPTIONS -- "$$FILE"

pages: setup ## a page for each segment, in warehouse/pages/segments/index.html
	@$(BIN)/python scripts/segment_pages.py

test: setup-dev ## run the tests (about ten minutes on 2 cores)
	@$(BIN)/python -m pytest -n auto --dist loadfile

test-slow: setup-dev ## run the long tests too: thousands of cases, mutations, other engines
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not spark"

test-spark: setup-spark ## build on both engines and compare every public table
	@$(BIN)/python -m pytest -m spark tests/python/spark

bench-segments: setup ## what 40 and 100 rules cost on 100,000 customers (about ten minutes at first)
	@$(BIN)/python benchmarks/segments.py

bench-quiet-days: setup ## how often the judgement of quiet days is wrong, replayed over histories
	@$(BIN)/python benchmarks/quiet_days.py

bench-export: setup ## what an export of 1,000,000 members costs beside a COPY by hand
	@$(BIN)/python benchmarks/export.py

lint: setup-dev ## check SQL, Python and types
	@$(BIN)/sqlfluff lint models tests/data tests/macros analyses
	@$(BIN)/sqlfluff lint --templater raw customer_segments/sample_shop/sql
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy

docs: setup ## write the documentation site to target/static_index.html
	@$(BIN)/dbt docs generate --static --quiet

clean: ## remove the environment and everything that was built
	@rm -rf .venv target logs warehouse/landing warehouse/sample warehouse/audiences warehouse/pages warehouse/bench_* warehouse/build.duckdb* \
		warehouse/spark warehouse/demo_spark
