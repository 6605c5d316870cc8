# A bootstrap: it makes the environment and starts things; everything else is `snakemake`, and
# `diffusion` for all that is not a run.
#   make demo    the whole chain on this machine: sources, S3 server, tables, map    (start here)
#   make open    the page of what the demo published, in a browser (PLACE=published for your own)
#   make install only install what a run needs, into .venv
#   make packages   lock and install your own Python packages, envs/project.in (docs/packages.md)
#   make doctor  is everything there that a run needs? (CONFIG="file …" for other configurations)
#   make test    the tests without the slow ones: a few minutes, and at the end how many are left out
#   make test-all   all of them: also the faults of servers and of the machine, memory, benchmarks, long fuzzing
#   make lint    the linters
#   make audit   dangers in the code (bandit), exact locks, known vulnerabilities (pip-audit)
#   make faults  the table of what goes wrong, on the embedded S3 server and on MinIO
#   make bench   this project beside what one would pick instead: docs/benchmarks.md (a quarter of an hour, Go)
#   make versions   this version beside an earlier checkout: a table of docs/benchmarks.md (BEFORE=../before)
#   make scale   10 to 10,000 partitions, measured: the curve of docs/scale.md
#   make huge    inputs of 10 GB within 1 GiB of memory, measured: a table of docs/scale.md (40 GB of disk)
#   make minio   a real MinIO for the tests: server and client, built once into ~/.cache (needs Go)
#   make actionlint   docs/schedules/github-actions.yml by its linter, built once into ~/.cache (needs Go)
#   make clients the clients of the page of what is published, for their tests: in .venv/clients
#   make spark   Spark with what reads S3, in .venv/spark: for `engine: spark` (needs Java 17 and Maven)
#   make slurm   Snakemake's executor for a Slurm cluster; the command to type is in profiles/slurm
#   make kubernetes   Snakemake's executor for Kubernetes; the command to type is in profiles/kubernetes
#   make image   the image for Kubernetes, from the lock: IMAGE=…/diffusion:2026-01 [BUILDER=podman]
#   make spark-image   the same with Spark on top, as …-spark, for `engine: spark` in pods
#   make docs    config/README.md from the schema, and the graph in docs/how-it-works.md
#   make lock    the requirements*.txt from the requirements*.in
#   make clean   remove what the demo made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# releases of minio, mc and actionlint by their Go module versions
MINIO := v0.0.0-20260212201848-7aac2a2c5b7c
MC := v0.0.0-20250313080218-cf909e1063a9
ACTIONLINT := v1.7.12
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/diffusion/bin

.PHONY: help install packages demo open doctor test test-all faults lint audit bench versions scale huge minio actionlint clients spark slurm kubernetes image spark-image \
  docs lock clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   //p' Makefile

# hashes are checked; dependencies of dependencies are all in the file
$(VENV)/%.stamp: envs/%.txt | $(BIN)/python
	@echo "Installing $(LOCKS) …"
	@sh envs/install.sh $(VENV) $(LOCKS)
	$(if $(LAUNCHER),@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index \
	  --no-deps --no-build-isolation .)
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo "Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Creating $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "python3 -m venv does not work here; on Debian and Ubuntu: apt install python3-venv"; exit 1; }

# the project's own packages, if it has any, and the command `diffusion`, which takes no network
LOCKS = $<
$(VENV)/requirements.stamp $(VENV)/requirements-dev.stamp: LOCKS = $< $(wildcard envs/project.txt)
$(VENV)/requirements.stamp $(VENV)/requirements-dev.stamp: LAUNCHER = yes
$(VENV)/requirements.stamp $(VENV)/requirements-dev.stamp: scripts/launcher/diffusion_launcher.py scripts/launcher/diffusion/__init__.py \
  $(patsubst %.in,%.txt,$(wildcard envs/project.in))

envs/project.txt:
	@echo "envs/project.in is not locked yet; type: make packages"; exit 1

packages: | $(BIN)/python
	@test -e envs/project.in || { echo "Write the packages that your scripts import into envs/project.in, one a line."; exit 1; }
	@sh envs/packages.sh $(VENV)
	@$(MAKE) --no-print-directory install

install: $(VENV)/requirements.stamp

demo: $(VENV)/requirements.stamp
	@$(BIN)/python scripts/demo.py

open: $(VENV)/requirements.stamp
	@$(BIN)/python scripts/open_page.py $(PLACE)

doctor: $(VENV)/requirements.stamp
	@$(BIN)/python scripts/doctor.py $(CONFIG)

test: $(VENV)/requirements-dev.stamp
	@$(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow"

test-all: $(VENV)/requirements-dev.stamp
	@$(BIN)/python -m pytest -n 2 --dist loadscope

faults: $(VENV)/requirements-dev.stamp minio
	@$(BIN)/python -m pytest -q -n 3 --dist loadscope tests/faults --faults-page
	@$(BIN)/python -m pytest -q -n 3 --dist loadscope tests/faults --s3 minio

lint: $(VENV)/requirements-dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check workflow
	$(BIN)/snakemake --lint

audit: $(VENV)/requirements-dev.stamp
	@$(BIN)/python scripts/dev/audit.py

versions: $(VENV)/requirements-dev.stamp minio
	@PYTHONPATH=scripts:tests $(BIN)/python -m bench.versions $(BEFORE) --page docs/benchmarks.md

# BENCH="csv api --scale 0.1" for some rows, and smaller
bench: $(VENV)/requirements-dev.stamp $(VENV)/peers.stamp minio $(CACHE)/s5cmd
	@PYTHONPATH=scripts:tests $(BIN)/python -m bench $(BENCH)

scale: $(VENV)/requirements-dev.stamp
	@PYTHONPATH=scripts:tests $(BIN)/python -m bench.scale --page docs/scale.md $(SCALE)

huge: $(VENV)/requirements-dev.stamp minio
	@PYTHONPATH=scripts:tests $(BIN)/python -m bench.huge --page docs/scale.md $(HUGE)

# the other tools have an environment of their own
$(VENV)/peers.stamp: tests/bench/requirements.txt | $(VENV)/requirements-dev.stamp
	@echo "Installing what the benchmarks compare with (a minute, once) …"
	@$(BIN)/python -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --require-hashes -r $<
	@touch $@

$(CACHE)/s5cmd: tests/bench/s5cmd/go.sum
	@command -v go > /dev/null || { echo "Go is needed to build s5cmd, or put it on the PATH."; exit 1; }
	@cd $(<D) && go build -trimpath -buildvcs=false -o $@ github.com/peak/s5cmd/v2

minio: $(CACHE)/minio $(CACHE)/mc

$(CACHE)/minio: MODULE = github.com/minio/minio@$(MINIO)
$(CACHE)/mc: MODULE = github.com/minio/mc@$(MC)
$(CACHE)/actionlint: MODULE = github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT)
$(CACHE)/%:
	@command -v go > /dev/null || { echo "Go is needed to build $*, or put a $* on the PATH."; exit 1; }
	@echo "Building $(MODULE) (some minutes, once) …"
	@GOBIN=$(CACHE) go install $(MODULE)

actionlint: $(CACHE)/actionlint
	@$< docs/schedules/github-actions.yml

clients: $(VENV)/clients.stamp

$(VENV)/clients.stamp: tests/clients/requirements.txt | $(VENV)/requirements-dev.stamp
	@$(BIN)/python -m venv $(VENV)/clients
	@$(BIN)/uv pip install --quiet --python $(VENV)/clients/bin/python --require-hashes -r $<
	@touch $@

spark: $(VENV)/spark.stamp

# hadoop-aws and what it needs lie beside Spark's own jars: no setting names them
JARS := $(CACHE)/../spark

$(VENV)/spark.stamp: envs/requirements-spark.txt envs/spark-s3.xml | $(VENV)/requirements.stamp
	@command -v mvn > /dev/null || { echo "Maven is needed for what Spark lacks to read S3: apt install maven"; exit 1; }
	@echo "Installing Spark (half a gigabyte, once) …"
	@$(BIN)/python -m venv --clear $(VENV)/spark
	@$(VENV)/spark/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@rm -rf $(JARS)
	@mvn --quiet --batch-mode --file envs/spark-s3.xml dependency:copy-dependencies -DoutputDirectory=$(JARS)
	@cp $(JARS)/*.jar $(VENV)/spark/lib/python*/site-packages/pyspark/jars/
	@touch $@

slurm: $(VENV)/requirements.stamp $(VENV)/requirements-slurm.stamp

kubernetes: $(VENV)/requirements.stamp $(VENV)/requirements-kubernetes.stamp

BUILDER ?= docker
IMAGE ?= $(DIFFUSION_IMAGE)

image:
	@test -n "$(IMAGE)" || { echo "Name the image: make image IMAGE=…/diffusion:2026-01"; exit 1; }
	$(BUILDER) build --tag "$(IMAGE)" .
	@echo "Next: $(BUILDER) push $(IMAGE)"

spark-image: image
	$(BUILDER) build --tag "$(IMAGE)-spark" --build-arg BASE="$(IMAGE)" \
	  --file profiles/kubernetes/spark/Dockerfile .
	@echo "And: $(BUILDER) push $(IMAGE)-spark"

docs: $(VENV)/requirements-dev.stamp
	$(BIN)/python scripts/dev/make_config_docs.py
	$(BIN)/python scripts/dev/make_rule_graph.py

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-annotate --no-emit-index-url --no-header

# the development lock first: the other one takes its versions, so that the two agree
lock: $(VENV)/requirements-dev.stamp
	@for name in requirements-dev requirements requirements-slurm \
	    requirements-kubernetes requirements-spark requirements-uv requirements-statistics; do \
	  $(COMPILE) envs/$$name.in --output-file envs/$$name.txt \
	    --constraint envs/requirements-dev.txt || exit 1; done
	@test ! -e envs/project.in || sh envs/packages.sh $(VENV)
	@$(COMPILE) tests/bench/requirements.in --output-file tests/bench/requirements.txt

clean:
	rm -rf .demo
