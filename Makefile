# `make` alone lists the targets. Everything is installed into .venv; nothing outside this folder
# is touched. PIP_ARGS reaches every pip call: another index, or a wheel folder.
PYTHON ?= python3
CORES ?= all
PIP_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup build demo resume test pytest test-deployment lint format settings docs sanitize benchmark gpu-check lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## make .venv: pinned packages, the extension, sersnake itself

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'sersnake needs Python 3.11 or newer: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.lock pyproject.toml setup.py $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) --requirement requirements.lock
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) --no-build-isolation --no-deps --editable .
	@touch $@

build: $(INSTALLED) ## build the C++ extension again after an edit of csrc/
	$(BIN)/python setup.py --quiet build_ext --inplace

demo: $(INSTALLED) ## the whole workflow on a synthetic demo corpus, then its table
	$(BIN)/snakemake --cores $(CORES)
	@$(BIN)/python -m sersnake show results/demo

resume: $(INSTALLED) ## go on with a run that was killed: its locks and jobs go, its call starts again
	@$(BIN)/python -m sersnake resume

test: build ## style, types, workflow lint, and all tests but the slow ones
	@$(MAKE) --no-print-directory --jobs 2 lint pytest

pytest: build
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not slow" --ignore tests/deployment

test-deployment: build ## the workflow on a conda and a SLURM that are made for it (Debian, root)
	tests/deployment/run.sh $(VENV)

lint: $(INSTALLED) ## ruff, mypy, snakefmt and snakemake --lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

format: $(INSTALLED) ## write the style that lint asks for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

settings: $(INSTALLED) ## write what pages have from settings and records, and the config's schema, after these changed
	$(BIN)/python -m sersnake settings config --output workflow/schemas/config.schema.yaml
	$(BIN)/python -m sersnake settings config --output docs/reference/settings.md
	$(BIN)/python docs/tables

docs: build ## the pages as a static site in build/site; warnings are errors
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs build/site
	@echo "open build/site/index.html"

sanitize: ## the C++ under the sanitizers, fuzzed for a minute with each (GCC)
	tests/native/run.sh 60

benchmark: build ## MFCC extraction and training against the field's libraries; large corpora; prediction
	$(BIN)/python benchmarks/mfcc.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/predict.py

# Packed features of EMODB; ENCODER=openai/whisper-base takes the frames of an encoder along.
GPU := results/gpu-check
FRAMES = 'features={encoder: {kind: pretrained, model: "$(ENCODER)", layers: [3], pooling: none}}'
PACKS = $(foreach name,mfcc is09 $(and $(ENCODER),encoder),$(GPU)/features/$(name).safetensors)

gpu-check: build ## training on a GPU against the processor: numbers, bytes, time
	$(BIN)/snakemake --cores $(CORES) --configfile config/emodb.yaml \
	  --config name=gpu-check $(and $(ENCODER),$(FRAMES)) -- $(GPU)/folds.csv $(PACKS)
	$(BIN)/python benchmarks/gpu_check.py $(GPU)

lock: $(INSTALLED) ## write requirements.lock from what .venv holds
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu//' > requirements.lock

clean: ## remove .venv, builds and the demo's results
	rm -rf $(VENV) build results/demo sersnake/_kernel*.so *.egg-info
