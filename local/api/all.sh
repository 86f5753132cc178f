#!/usr/bin/env bash
# `make api`: the API's document held to the API. schemathesis runs CASES cases an operation
# with every check, which are counted, and clients generated for Go and TypeScript compile and are used. Against
# the servers of ENDPOINTS (a file as `make run` writes it), else of the `make run` that is
# up, else of one started here.
set -euo pipefail
cd "$(dirname "$0")/../.."
. local/servers.sh
export SOURCES=${SOURCES-sqs,s3} # of the servers started here: exports need a bucket
dir=$PWD/.local/api
mkdir -p "$dir"
command -v npm >/dev/null || { echo "npm is missing (part of Node.js 20 or later): https://nodejs.org" >&2; exit 1; }

endpoints=${ENDPOINTS:-.local/endpoints.json}
trap 'stop "$server"' EXIT
trap 'exit 130' INT TERM
[ -e "$endpoints" ] || start_servers "$dir"
search=$(sed -n '/"search": "/{s/.*"\(http[^"]*\)".*/\1/p;q}' "$endpoints")

echo "== the document against the API"
# Documents and a job that are there, by their ids: without a bucket there are no jobs.
hello='[{"message":"hello","severity_text":"INFO"},{"message":"connection reset","severity_text":"ERROR","host":{"name":"a"}}]'
ids() { grep -o '"id":"[^"]*"' | cut -d: -f2; }
post() { curl -sS -X POST -H 'Content-Type: application/json' -d "$2" "$search/v1/logs/$1" | ids; }
post documents "$hello" >"$dir/documents" || { echo "no document could be posted to $search/v1/logs" >&2; exit 1; }
{ printf '"%032d"\n' 0; post exports '{"format":"csv"}' || true; } >"$dir/jobs"

cases=${CASES:-100} config=$PWD/local/api/schemathesis.toml
export SCHEMATHESIS_HOOKS=$PWD/local/api/count.py COUNTED=$dir/counted
rm -f "$COUNTED"
curl -fsS "$search/openapi.json" >"$dir/openapi.json"
python3 local/api/shallow.py <"$dir/openapi.json" >"$dir/shallow.json"
attack() { (cd "$dir" && "$1/bin/schemathesis" --config-file "$config" run "${@:2}" --url "$search" --checks all --max-examples "$cases"); }
attack "$1" openapi.json
attack "$1" shallow.json --include-operation-id searchByShallowBody --phases coverage --warnings off
python3 local/api/counted.py "$dir/openapi.json" "$COUNTED" "$cases"

echo "== a client in Go"
rm -rf local/api/go/api
go run "github.com/ogen-go/ogen/cmd/ogen@$2" --loglevel error --target local/api/go/api --package api functions/search/openapi.json
go -C local/api/go vet ./...
go -C local/api/go run . "$search"

echo "== a client in TypeScript"
rm -rf "$dir/ts" && cp -R local/api/ts "$dir/ts"
npm ci --prefix "$dir/ts" --no-audit --no-fund --silent
"$dir/ts/node_modules/.bin/openapi-typescript" functions/search/openapi.json -o "$dir/ts/api.ts" >/dev/null
"$dir/ts/node_modules/.bin/tsc" --project "$dir/ts"
node "$dir/ts/smoke.js" "$search"
