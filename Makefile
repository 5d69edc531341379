# Every command sets up what it needs: a virtual environment in .venv, data and database in data/.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PEOPLE ?= 10000
SEED ?= 7
RAW ?=
FEWER_ROWS ?=
RECORDS ?=
SPEC ?=
OUT ?=
SETS ?=
SIZE ?= 1000000
REPEAT ?= 1
COMPANIES ?= 1500
SEEDS ?= 1,2,3
WITHOUT ?=
STEPS ?=
TESTS ?=
LEFT ?=
RIGHT ?=
CUSTOMER ?=
SEGMENT ?=
VALUES ?=
VARS ?=
SUBJECT ?=
SUBJECTS ?=
SET ?=
WRONG ?=
REASON ?=
WITHDRAW ?=
BACKUP ?=
DRY_RUN ?=
TARGET :=

# What stands for none where something is asked for by giving it: DRY_RUN=0, VALUES=no.
NONE := 0 n N no No NO false False FALSE off Off OFF

BIN := .venv/bin
# A profile of profiles.yml; TARGET=encrypted keeps the database in an encrypted file.
ifneq ($(TARGET),)
export KINDRED_TARGET := $(TARGET)
endif
# Its counterpart that only reads, beside other readers of the file.
READING := $(if $(filter encrypted,$(TARGET)),encrypted_)readonly
export KINDRED_DATABASE ?= data/kindred.duckdb
# RAW, else what the environment says; without either, builds take data/raw, or what the database was built from before.
ifneq ($(RAW),)
export KINDRED_RAW := $(RAW)
endif
# dbt and the engine report what they do; neither phones home nor writes bytecode beside the sources.
export DO_NOT_TRACK := 1
export PYTHONDONTWRITEBYTECODE := 1

# Raw data that is not of the demo, which nothing can make again.
OWN_RAW := [ ! -f data/raw/demo.txt ] && compgen -G 'data/raw/*/*' > /dev/null

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | column -t -s $$'\t'
	echo
	echo "  Options of run: PEOPLE=$(PEOPLE) SEED=$(SEED), or RAW=<folder of your own raw data, one <source>/<table>.parquet or .csv each>;"
	echo "  FEWER_ROWS=<source>.<table>, where a raw table that lost most of its rows is meant to have lost them"

# The stamp is as new as the lock: the environment is made anew only when the lock changes.
.venv/.installed: requirements.lock
	@echo "Setting up .venv (once)"
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=<path>")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	touch $@

.venv-benchmark/.installed: requirements-benchmark.lock
	@echo "Setting up .venv-benchmark (once)"
	$(PYTHON) -m venv .venv-benchmark
	.venv-benchmark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-benchmark.lock
	touch $@

.venv-spark/.installed: requirements-spark.lock
	@echo "Setting up .venv-spark (once)"
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-spark.lock
	touch $@

.PHONY: setup
setup: .venv/.installed ## Create the environment

.PHONY: run
run: setup ## Demo data (or RAW=...), the whole build, and a one-screen summary
	@mkdir -p data
	if [ -z "$${KINDRED_RAW+given}" ]; then
	  if $(OWN_RAW); then
	    echo "error: data/raw holds raw data of your own, which demo data would take the place of. Build it with: make run RAW=data/raw" >&2
	    exit 2
	  fi
	  # Before anything is written down: what is there stays what it is.
	  if ! [[ "$(PEOPLE)" =~ ^[1-9][0-9_]*$$ && "$(SEED)" =~ ^[0-9]+$$ ]]; then
	    echo "error: PEOPLE=$(PEOPLE) SEED=$(SEED): give whole numbers, such as PEOPLE=10000 SEED=7" >&2
	    exit 2
	  fi
	  export KINDRED_RAW=data/raw
	  # First, so that a run that breaks off here is known for what it is.
	  mkdir -p data/raw
	  echo "people=$(PEOPLE) seed=$(SEED)" > data/raw/demo.txt
	  $(BIN)/python -m python_udfs.demo --people $(PEOPLE) --seed $(SEED) --out data/raw
	fi
	$(BIN)/python -m python_udfs.build $(if $(FEWER_ROWS),--vars '{raw_loss_accepted: [$(FEWER_ROWS)]}')
	$(BIN)/python -m python_udfs.summary --database $(KINDRED_DATABASE)

.PHONY: test
test: lint ## Lint, types, Python tests and a full build with every dbt test
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile

.PHONY: lint
lint: setup ## Style and types: ruff, mypy, sqlfluff
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	KINDRED_DATABASE=:memory: $(BIN)/sqlfluff lint --processes 2 --disable-progress-bar models tests 2>/dev/null | grep -v ' PASS$$'

.PHONY: check-spark
check-spark: .venv-spark/.installed ## Whether Spark resolves all SQL and builds staging and linkage as DuckDB does; needs Java 17
	@.venv-spark/bin/python -m pytest -p no:cacheprovider tests/python/engines/test_spark.py tests/python/engines/test_spark_build.py

.PHONY: docs
docs: setup ## The dbt documentation as one page: target/static_index.html
	@mkdir -p data
	$(BIN)/dbt docs generate --static $(if $(wildcard $(KINDRED_DATABASE)),--target $(READING))
	echo "Open target/static_index.html"

.PHONY: benchmark-export
benchmark-export: setup ## Seconds that the export of one person takes, on what benchmark-build has built
	@$(BIN)/python -m benchmarks.export

.PHONY: benchmark-linkage
benchmark-linkage: setup ## Identity models on any table of people: RECORDS=<parquet or csv> SPEC=<yaml> [OUT=<json>]
	@test -n "$(RECORDS)" -a -n "$(SPEC)" || { echo "usage: make benchmark-linkage RECORDS=<parquet or csv> SPEC=<yaml> [OUT=<json>]"; exit 2; }
	$(BIN)/python -m benchmarks.linkage --records "$(RECORDS)" --spec "$(SPEC)" $(if $(OUT),--out "$(OUT)")

.PHONY: benchmark-build
benchmark-build: setup ## Seconds and memory of each layer, of a full build and of one day more: [PEOPLE=1000000] [TESTS=1] [OUT=<json>]
	@$(BIN)/python -m benchmarks.build --people $(PEOPLE) --seed $(SEED) $(if $(filter-out $(NONE),$(TESTS)),--tests) $(if $(OUT),--out "$(OUT)")

.PHONY: benchmark-defaults
benchmark-defaults: setup ## How right the defaults are on many kinds of people: [SETS=febrl3,families] [WITHOUT=email|all] [STEPS=1]
	@$(BIN)/python -m benchmarks.robustness --sets "$(SETS)" --without "$(WITHOUT)" $(if $(filter-out $(NONE),$(STEPS)),--defaults)

.PHONY: benchmark-accounts
benchmark-accounts: setup ## How right the accounts are on companies of known truth: [COMPANIES=1500] [SEEDS=1,2,3]
	@$(BIN)/python -m benchmarks.accounts --companies $(COMPANIES) --seeds "$(SEEDS)"

.PHONY: benchmark-households
benchmark-households: setup ## How right the households are: [SETS=demo_7,families,one_city]
	@$(BIN)/python -m benchmarks.households $(if $(SETS),--sets "$(SETS)")

.PHONY: benchmark
benchmark: setup .venv-benchmark/.installed ## Kindred and Splink on the same records: [SETS="febrl3 febrl4"] [SIZE=1000000] [REPEAT=1]
	@$(BIN)/python -m benchmarks.compare --sets "$(SETS)" --size $(SIZE) --repeat $(REPEAT)

.PHONY: benchmark-growth
benchmark-growth: setup ## Time and memory of identity by records, and what a day's change costs: [SIZES="250000 1000000 4000000"]
	@$(BIN)/python -m benchmarks.growth $(if $(SIZES),--sizes "$(SIZES)")

.PHONY: benchmark-segments
benchmark-segments: setup ## Seconds and memory of segments and their history, for made-up customers: [SIZE=1000000] [OUT=<json>]
	@$(BIN)/python -m benchmarks.customers segments --size $(SIZE) $(if $(OUT),--out "$(OUT)")

.PHONY: benchmark-lifetime
benchmark-lifetime: setup ## Seconds and memory of fitting and scoring lifetime value, for made-up customers: [SIZE=1000000] [OUT=<json>]
	@$(BIN)/python -m benchmarks.customers lifetime --size $(SIZE) $(if $(OUT),--out "$(OUT)")

# A target folder of its own, so that dbt keeps what it parsed for the target that builds.
ASK := $(BIN)/python -m python_udfs.ask --target $(READING) --target-path target/readonly

.PHONY: explain-match
explain-match: setup ## Why two records are one customer or not: LEFT=<record_id> RIGHT=<record_id> [VALUES=1 shows the compared values]
	@test -n "$(LEFT)" -a -n "$(RIGHT)" || { echo "usage: make explain-match LEFT=<record_id> RIGHT=<record_id> [VALUES=1]"; exit 2; }
	$(ASK) explain_match --args '{left: "$(LEFT)", right: "$(RIGHT)", show_values: $(if $(filter-out $(NONE),$(VALUES)),true,false)}'

.PHONY: explain-customer
explain-customer: setup ## What holds the records of a customer together: CUSTOMER=<customer_id or record_id>
	@test -n "$(CUSTOMER)" || { echo "usage: make explain-customer CUSTOMER=<customer_id or record_id>"; exit 2; }
	$(ASK) explain_customer --args '{customer: "$(CUSTOMER)"}'

.PHONY: preview
preview: setup ## What edited rules would change, before anything is: customers, segments, consents [VARS='{identity_threshold: 2}'] [OUT=<json>]
	@$(BIN)/python -m python_udfs.preview $(if $(VARS),--vars '$(VARS)') $(if $(OUT),--out "$(OUT)")

# dbt reads the project anew into a target folder of its own; nothing is built.
PARSE := $(BIN)/dbt --quiet parse --target-path target/metadata

.PHONY: check-pii
check-pii: setup ## Personal data without label or purpose, past its licence, in a segment, or in logs and build output
	@$(PARSE)
	$(BIN)/python -m python_udfs.governance.check --manifest target/metadata/manifest.json --database "$(KINDRED_DATABASE)" --logs logs target

.PHONY: masked
masked: setup ## A database of the masked views alone, for people who may not see clear personal data: [OUT=data/masked.duckdb]
	@$(BIN)/python -m python_udfs.governance.masked $(if $(OUT),--out "$(OUT)")

.PHONY: transparency
transparency: setup ## A page that tells the public how data is used, and a record of processing: [OUT=<folder>]
	@$(PARSE)
	$(BIN)/python -m python_udfs.governance.transparency --manifest target/metadata/manifest.json --out "$(if $(OUT),$(OUT),target/transparency)"

# KINDRED_SUPPRESSION_KEY is read from the environment, never from the command line, which others can see.
PRIVACY := $(BIN)/python -m python_udfs.privacy
# What is given reaches the shell as its environment, so that quotes and backticks within it are text.
export SUBJECT SUBJECTS SET WRONG REASON WITHDRAW BACKUP
DRY := $(if $(filter-out $(NONE),$(DRY_RUN)),--dry-run)

.PHONY: export-subject
export-subject: setup ## Everything held on a person, as JSON: SUBJECT=<e-mail, phone, customer id, record id, user or device id>
	@$(PRIVACY) export-subject --subject "$$SUBJECT" $(DRY)

.PHONY: erase-subject
erase-subject: setup ## Erase a person everywhere and keep them out: SUBJECT=<any identifier> or SUBJECTS=<file> [DRY_RUN=1]
	@$(PRIVACY) erase-subject $(if $(SUBJECTS),--subjects "$$SUBJECTS",--subject "$$SUBJECT") $(DRY)

.PHONY: readmit-subject
readmit-subject: setup ## Let somebody in again who was erased, with what is observed from now on: SUBJECT=<any identifier> REASON=<why> [DRY_RUN=1]
	@$(PRIVACY) readmit-subject --subject "$$SUBJECT" --reason "$$REASON" $(DRY)

.PHONY: rectify-subject
rectify-subject: setup ## Put right what is wrong about a person: SUBJECT=<any identifier> SET="attribute=value; ..." [WRONG=<value to replace>] [REASON=] [DRY_RUN=1], or WITHDRAW=<attribute>
	@$(PRIVACY) rectify-subject --subject "$$SUBJECT" --set "$$SET" --wrong "$$WRONG" --reason "$$REASON" --withdraw "$$WITHDRAW" $(DRY)

.PHONY: restrict-subject
restrict-subject: setup ## Bar a person from every use without deleting anything: SUBJECT=<any identifier> [DRY_RUN=1]
	@$(PRIVACY) restrict-subject --subject "$$SUBJECT" $(DRY)

# The build makes everything else without the rows that went; compacting leaves no byte of them.
.PHONY: retain
retain: setup ## Delete what no purpose needs any longer, and build: [DRY_RUN=1 tells only what would go]
	@$(PRIVACY) retain $(DRY)
	if [ -z "$(DRY)" ]; then $(BIN)/python -m python_udfs.build; $(PRIVACY) compact; fi

.PHONY: backup
backup: setup ## Copy database and raw files to data/backups [DRY_RUN=1]
	@$(PRIVACY) backup $(DRY)

.PHONY: restore
restore: setup ## Bring back a backup, without the people erased since: [BACKUP=<name>, the latest without it] [DRY_RUN=1]
	@$(PRIVACY) restore --backup "$$BACKUP" $(DRY)

.PHONY: retrain
retrain: setup ## Learn match weights and blocking rules anew from the data, and build
	@$(BIN)/python -m python_udfs.build --vars '{identity_retrain: true}'

.PHONY: segment-preview
segment-preview: setup ## What a declared segment would be, before it is built: SEGMENT=<name>
	@test -n "$(SEGMENT)" || { echo "usage: make segment-preview SEGMENT=<name of a segment in dbt_project.yml>"; exit 2; }
	$(ASK) segment_preview --args '{segment: "$(SEGMENT)"}'

# A server is named by KINDRED_POSTGRES, a libpq connection string; an environment variable, because a password may be in it.
.PHONY: export
export: setup ## Activation tables as Parquet and CSV, changes included [OUT=<folder> for a copy]; to Postgres too if KINDRED_POSTGRES is set
	@$(BIN)/python -m python_udfs.delivery $(if $(OUT),--out "$(OUT)")

.PHONY: clean
clean: ## Remove environment, demo data with its database, and build output
	@if $(OWN_RAW) || { compgen -G 'data/*.origin' > /dev/null && [ -n "$$(grep -L '^demo ' data/*.origin || true)" ]; }; then
	  echo "error: data holds raw data or a database of your own, whose history cannot be built again. Move or remove it yourself first." >&2
	  exit 2
	fi
	rm -rf .venv .venv-benchmark .venv-spark data target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
