# make help lists the targets.  Everything that is installed or left behind lies under build/.
PYTHON3 ?= python3
SETUP = @$(PYTHON3) -m local.bootstrap
VENV = build/venv/bin
MENDED := $(or $(STAGE),local)
STAGE ?= dev
WORKERS ?= 2
OPERATE = $(VENV)/python -m local.operating "$(STAGE)"
MEND = @$(VENV)/python -m local.operating "$(MENDED)"
export ONCE KEEP

.PHONY: help run stop start inbox logs scrape reconcile reindex preview api test lint audit bench layer package deploy destroy \
        rotate-key costs status redrive replay told export import shopper erase clean clean-all

help: ## this list
	@sed -n 's|^\([a-z-]*\):.*## *|\1\t|p' Makefile | expand -t 12

run: ## the whole system on this machine; ONCE=1 stops it at the end, KEEP=1 keeps what an earlier run stored
	$(SETUP)
	@exec $(VENV)/python -m local.run

stop: ## stop every process of the local stack
	$(SETUP)
	@$(VENV)/python -m local.helpers stop

inbox: ## the texts that arrived at the running stack
	@$(VENV)/python -m local.helpers inbox

logs: ## the log lines of the running stack's functions; NAME=scrape_worker for one of them
	@$(VENV)/python -m local.helpers logs $(NAME)

scrape: ## read the shops of the running stack now
	@$(VENV)/python -m local.helpers scrape

reconcile: ## compare tables, mappings and index of the running stack, or of STAGE=prod, and mend what differs
	$(MEND) reconcile

reindex: ## build the index of the running stack, or of STAGE=prod, anew while the old one goes on answering
	$(MEND) reindex

preview: ## what a wish would match now: make preview POSTCODE="SW1A 1AA" WISH="olive oil" DISCOUNT=20
	@$(VENV)/python -m local.helpers preview "$(POSTCODE)" "$(WISH)" "$(DISCOUNT)"

api: ## chalice local: the four routes against the running stack, for work on the API
	@exec $(VENV)/python -m local.helpers api

test: ## lint, types and every test, in two processes side by side (WORKERS=0: in one); sets up what it needs
	$(SETUP)
	@$(VENV)/ruff check .
	@$(VENV)/mypy
	@$(VENV)/python -m pytest --numprocesses=$(WORKERS) --dist=loadscope --no-loadscope-reorder

lint: ## ruff and mypy only
	$(SETUP)
	@$(VENV)/ruff check .
	@$(VENV)/mypy

audit: ## secrets in the repository, known vulnerabilities of the dependencies
	$(SETUP)
	@$(VENV)/python -m local.auditing

bench: ## one benchmark: make bench NAME=… [DATA=folder]
	$(SETUP)
	@$(VENV)/python -m benchmarks $(NAME) $(if $(DATA),--data $(DATA))

costs: ## docs/costs.md anew, from counted operations and benchmarks/prices.py
	$(SETUP)
	@$(VENV)/python -m benchmarks costs

layer: ## the browser's Lambda layer: build/layer/selenium-layer.zip
	$(SETUP)

package: ## the app packaged for AWS: make package STAGE=prod
	$(SETUP)
	@$(VENV)/python -m local.packaging $(STAGE)

deploy: ## a stage into your AWS account: make deploy STAGE=dev, one part of it with PART=stack, layer or app
	$(SETUP)
	@$(VENV)/python -m local.deploying deploy $(STAGE) $(PART)

destroy: ## take a stage away again, with all that it knows: make destroy STAGE=dev asks first
	$(SETUP)
	@$(VENV)/python -m local.deploying destroy $(STAGE)

status: ## a stage at a glance: make status STAGE=prod (STAGE=local for the stack of make run)
	$(SETUP)
	@$(OPERATE) status

redrive: ## dead letters to work again: make redrive STAGE=prod [QUEUE=MatchTasks] [MOST=100]
	@$(OPERATE) redrive $(if $(QUEUE),--queue "$(QUEUE)") $(if $(MOST),--most "$(MOST)")

replay: ## stream records that failed to their functions again: make replay STAGE=prod [MOST=100]
	@$(OPERATE) replay $(if $(MOST),--most "$(MOST)")

told: ## what a shopper was told: make told STAGE=prod REQUEST=id; without REQUEST, texts nobody can tell of
	@$(OPERATE) told $(if $(REQUEST),"$(REQUEST)")

export: ## requests and ledger as JSON Lines: make export STAGE=prod FOLDER=backup [RESTORED=Restored]
	@$(OPERATE) export "$(FOLDER)" $(if $(RESTORED),--restored "$(RESTORED)")

import: ## the same back into a stage; what is there stays: make import STAGE=prod FOLDER=backup
	@$(OPERATE) import "$(FOLDER)"

shopper: ## what is held of a phone number, as JSON: make shopper STAGE=prod PHONE="07700 900123"
	@$(OPERATE) shopper "$(PHONE)"

erase: ## delete what is held of a phone number: make erase STAGE=prod PHONE="07700 900123" YES=1
	@$(OPERATE) erase "$(PHONE)" $(if $(YES),--yes)

rotate-key: ## replace the API key of a stage: begins; with STEP=finish the older key goes
	$(SETUP)
	@$(VENV)/python -m local.deploying.rotating "$(STAGE)" $(or $(STEP),begin)

clean: ## remove the state of local stacks, packages and caches; what was installed stays
	@if [ -x $(VENV)/python ]; then $(VENV)/python -m local.helpers stop; fi
	rm -rf build/state build/packages .chalice/deployments .hypothesis .mypy_cache .pytest_cache .ruff_cache

clean-all: clean  ## remove what was installed too
	rm -rf build
