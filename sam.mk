# Building by SAM's makefile method, and the checks of template.yaml and of the artifacts in containers.
# `sam build` calls build-<LogicalId> with ARTIFACTS_DIR; e2e/template holds it to template.yaml.

define bootstrap
	CGO_ENABLED=0 GOOS=linux GOARCH=$(or $(GOARCH),arm64) go build -tags lambda.norpc,nomsgpack$(addprefix $(comma),$(TAGS)) -trimpath -ldflags '-s -w' \
		-o $(ARTIFACTS_DIR)/bootstrap ./functions/$(1)
	cp -R collections $(ARTIFACTS_DIR)/
endef

.PHONY: build-IngestQueueFunction build-IngestStreamFunction build-IngestTableFunction build-IngestKafkaFunction build-IngestRabbitMQFunction build-SearchFunction build-ExportFunction build-RotateFunction
build-IngestQueueFunction: ; $(call bootstrap,ingest)
build-IngestStreamFunction: ; $(call bootstrap,ingest)
build-IngestTableFunction: ; $(call bootstrap,ingest)
build-IngestKafkaFunction: ; $(call bootstrap,ingest)
build-IngestRabbitMQFunction: ; $(call bootstrap,ingest)
build-SearchFunction: ; $(call bootstrap,search)
build-ExportFunction: ; $(call bootstrap,search)
build-RotateFunction: ; $(call bootstrap,rotate)

SAM_ENV := $(CURDIR)/.local/venv-sam

$(SAM_ENV)/.done: local/sam/requirements.txt
	@command -v python3 >/dev/null || { echo "Python 3.10 or later is missing: apt-get install python3 python3-venv" >&2; exit 1; }
	@echo "installing the SAM CLI and cfn-lint (once, about a minute)"
	python3 -m venv --clear $(SAM_ENV)
	$(SAM_ENV)/bin/pip install -q --disable-pip-version-check -r $<
	touch $@

.PHONY: cfn-lint
cfn-lint: $(SAM_ENV)/.done
	$(SAM_ENV)/bin/cfn-lint template.yaml

.PHONY: sam
sam: go $(SAM_ENV)/.done ## template, artifacts, and every event in containers against a real OpenSearch
	@local/sam/all.sh
