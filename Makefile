# Everything is fetched into .local/ (pinned) and the package managers' own caches.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_LINT := v2.12.2
LOCAL := $(CURDIR)/.local
GO_MISSING := Go 1.26 or later is missing: https://go.dev/doc/install
# The library of expressions is carried only where a collection has some (docs/expressions.md).
EXPR := $(shell grep -qsE '^[ -]*expr:' collections/*.yaml && echo expr)
# So are GORM and its drivers: where a collection has rows (docs/rows.md).
ROWS := $(shell grep -qsE '^rows:' collections/*.yaml && echo rows)
comma := ,
space := $(subst ,, )
TAGS := $(subst $(space),$(comma),$(strip $(EXPR) $(ROWS)))
export GOFLAGS := -buildvcs=false $(addprefix -tags=,$(TAGS))

.PHONY: help
help: ## what there is to make
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: go
go:
	@command -v go >/dev/null || { echo "$(GO_MISSING)" >&2; exit 1; }

.PHONY: run
run: go ## the whole product on this machine, on loopback (SOURCES=sqs,kinesis,dynamodb,kafka,rabbitmq,s3 CACHE=redis OPENSEARCH_URL=... optional)
	@go build -o $(LOCAL)/bin/local ./local
	@exec $(LOCAL)/bin/local run

.PHONY: feed
feed: go ## send a file of lines or NDJSON: make feed FILE=access.log COLLECTION=logs
	@go build -o $(LOCAL)/bin/local ./local
	@exec $(LOCAL)/bin/local feed -collection "$(or $(COLLECTION),logs)" "$(FILE)"

.PHONY: dead-letters
dead-letters: go ## look at dead letters, try them, send them back: make dead-letters ARGS="preview -collection logs"
	@go build -o $(LOCAL)/bin/local ./local
	@exec $(LOCAL)/bin/local dead-letters $(or $(ARGS),list)

.PHONY: test
test: test-unit test-e2e test-e2e-3 chaos ## every test, against real parts that it starts and stops

.PHONY: test-unit
test-unit: go
	go test -race ./shared/... ./functions/... ./local/... ./docs/...
	go test -race -tags expr ./shared/mapping ./docs
	go test -race -tags rows ./functions/search

.PHONY: test-e2e
test-e2e: go
	go test -count=1 -timeout 60m $$(go list ./e2e/... | grep -v /e2e/chaos)

.PHONY: test-e2e-3
test-e2e-3: go
	OPENSEARCH_VERSION=3.8.0 go test -count=1 -timeout 10m -run '^TestCore' ./e2e

DOCS ?= 20000
SEED ?= 0
.PHONY: chaos
chaos: go ## everything that can go wrong, at once: make chaos DOCS=1000000 (SEED=7 repeats a plan, ONLY='429|reset' injects these kinds alone)
	go test -v -count=1 -timeout 60m ./e2e/chaos -docs $(DOCS) -seed $(SEED) -only '$(ONLY)'

.PHONY: export-million
export-million: go ## a million documents exported equal what was indexed: make export-million DOCS=100000
	go test -v -count=1 -timeout 60m ./e2e -run '^TestExportEqualsWhatWasIndexed$$' -export-docs $(if $(filter file,$(origin DOCS)),1000000,$(DOCS)) | grep --line-buffered -v ' search '

.PHONY: check
check: go cfn-lint $(LOCAL)/bin/golangci-lint-$(GOLANGCI_LINT) ## gofmt, vet, linters with the house's laws, cfn-lint
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -d $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go vet -tags expr,rows ./...
	go -C bench vet ./...
	go test ./shared/collection -run '^TestShippedCollectionsAreRight$$'
	GOLANGCI_LINT_CACHE=$(LOCAL)/golangci-cache $(LOCAL)/bin/golangci-lint-$(GOLANGCI_LINT) run ./...

$(LOCAL)/bin/golangci-lint-$(GOLANGCI_LINT):
	@echo "building golangci-lint $(GOLANGCI_LINT) (once, some minutes)"
	GOBIN=$(LOCAL)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)
	mv $(LOCAL)/bin/golangci-lint $@

.PHONY: bench
bench: go ## our handlers beside their peers (ARGS="-only handlers -lines access.log"; Linux)
	cd bench && go run . $(ARGS)

.PHONY: screenshots
screenshots: go ## the pictures of the page that the documentation shows
	@mkdir -p docs/screenshots
	go test -count=1 -run 'TestPageLooksAsItsPicturesShow|TestPageFollowsWhatComesIn|TestPageIsUsedOnATelephone' ./e2e/page -screenshots $(CURDIR)/docs/screenshots

.PHONY: generate
generate: go ## the schema and references that are written from the code
	go generate ./shared/collection ./docs

.PHONY: clean
clean: ## remove what was built and fetched
	rm -rf .local .aws-sam

include sam.mk local/api/api.mk
