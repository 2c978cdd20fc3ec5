# The one interface. `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# What `make demo` and `make student` put into the new repository's submission.toml; left out: the starter's own
# values, for the demo those of the offline sample.
SOURCE ?=
CLASSES ?=
BACKBONE ?=
DEST ?=
comma := ,

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/demo.installed  ## the whole way on an offline sample: fine-tune, submit, grade (a few minutes)
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/demo.sh "$(DEST)" "$(SOURCE)" "$(CLASSES)" "$(BACKBONE)"

student: $(VENV)/grader.installed  ## a student's own repository: make student DEST=../my-homework
	@test -n "$(DEST)" || { echo "say where: make student DEST=../my-homework"; exit 2; }
	@$(BIN)/python scripts/student.py "$(DEST)" --source "$(SOURCE)" --classes "$(CLASSES)" --backbone "$(BACKBONE)"

test: $(VENV)/tox.installed  ## style, types, tests, and the end-to-end contract
	@$(BIN)/tox run $(TOX_FLAGS)

mutants: $(VENV)/labs.installed  ## which calls of the labs tell each known wrong solution from the reference
	@$(BIN)/grader lab mutants l1 l2 l3 l4 l5 l6

series: $(VENV)/series.installed  ## the lecture's networks on a real series, and its report (a few minutes)
	@OMP_NUM_THREADS=1 PYTHONPATH=student $(BIN)/python assignments/labs/series/series.py

bench: $(VENV)/bench.installed  ## measure start-up and static checks beside check50, git, the sandbox
	@$(BIN)/python bench/startup.py
	@$(BIN)/python bench/history.py
	@$(BIN)/python bench/sandbox.py

bench-labs: $(VENV)/bench-labs.installed  ## measure the labs: a class of 300, a warm child beside a fresh process, 100 seeds
	@OMP_NUM_THREADS=1 PYTHONPATH=. $(BIN)/python bench/labs.py $(BENCH_FLAGS)

bench-english: $(VENV)/bench-english.installed  ## measure the English check beside lingua and py3langid
	@$(BIN)/python bench/english.py $(BENCH_FLAGS)

bench-training: $(VENV)/bench-training.installed  ## measure fine-tuning beside PyTorch, fastai, Keras (hours; BENCH_FLAGS="--seeds 1")
	@$(BIN)/python bench/training.py $(BENCH_FLAGS)

bench-download: $(VENV)/bench-download.installed  ## measure reading the tables of Open Images beside the package for it
	@$(BIN)/python bench/download.py $(BENCH_FLAGS)

docs: $(VENV)/docs.installed  ## the pages of docs/ and beside it as a site with search: build/site/index.html
	@$(BIN)/sphinx-build --fail-on-warning --keep-going --nitpicky --quiet --conf-dir docs . build/site
	@echo build/site/index.html

dist: $(VENV)/dist.installed  ## the packages of a release, built, checked and tried: dist/
	@rm -rf dist
	@$(BIN)/python -m build
	@$(BIN)/twine check --strict dist/*
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/try_packages.sh dist

clean:  ## delete what the other commands made here
	rm -rf build dist $(VENV) .tox

$(BIN)/python:
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/grader.installed: $(BIN)/python pyproject.toml constraints.txt
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/demo.installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing PyTorch and the offline sample (several GB, once) ..."
	@$(INSTALL) --editable '.[documents,evaluate,student,demo$(if $(filter openimages,$(SOURCE)),$(comma)openimages)]'
	@touch $@

$(VENV)/tox.installed: $(BIN)/python constraints.txt
	@$(INSTALL) tox
	@touch $@

$(VENV)/bench.installed: $(VENV)/grader.installed
	@$(INSTALL) check50==3.5.0
	@touch $@

lock: $(BIN)/python  ## renew constraints.txt, the pinned versions of all packages
	@$(BIN)/python scripts/lock.py

$(VENV)/docs.installed: $(VENV)/grader.installed
	@$(INSTALL) --editable '.[docs]'
	@touch $@

$(VENV)/dist.installed: $(VENV)/grader.installed
	@$(INSTALL) --editable '.[dist]'
	@touch $@

$(VENV)/labs.installed: $(VENV)/grader.installed
	@$(INSTALL) numpy
	@touch $@

$(VENV)/series.installed: $(VENV)/grader.installed
	@$(INSTALL) --editable '.[student,series]'
	@touch $@

$(VENV)/bench-labs.installed: $(VENV)/grader.installed
	@$(INSTALL) --editable '.[dev,evaluate,ray]'
	@touch $@

$(VENV)/bench-english.installed: $(VENV)/grader.installed
	@$(INSTALL) --editable '.[bench]'
	@touch $@

$(VENV)/bench-download.installed: $(VENV)/grader.installed
	@$(INSTALL) --editable '.[openimages]'
	@touch $@

$(VENV)/bench-training.installed: $(VENV)/demo.installed
	@$(INSTALL) --editable '.[evaluate,student,demo,bench-training]'
	@touch $@

.PHONY: help demo student test docs dist mutants series bench bench-download bench-labs bench-english bench-training lock clean
