# The API's document (functions/search/openapi.json) held to the API.

API_ENV := $(LOCAL)/venv-api
OGEN := v1.24.0

$(API_ENV)/.done: local/api/requirements.txt
	@command -v python3 >/dev/null || { echo "Python 3.10 or later is missing: apt-get install python3 python3-venv" >&2; exit 1; }
	@echo "installing schemathesis (once, about a minute)"
	python3 -m venv --clear $(API_ENV)
	$(API_ENV)/bin/pip install -q --disable-pip-version-check -r $<
	touch $@

CASES ?= 100
.PHONY: api
api: go $(API_ENV)/.done ## the OpenAPI document against the API, and clients generated from it: make api CASES=1000
	@CASES=$(CASES) local/api/all.sh $(API_ENV) $(OGEN)
