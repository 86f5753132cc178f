#!/usr/bin/env bash
# `make sam`: build and inspect, then run in containers against the servers of ENDPOINTS (a
# file as `make run` writes it), else of the `make run` that is up, else of one started here.
set -euo pipefail
cd "$(dirname "$0")/../.."
local/sam/engine.sh check .local/sam
local/sam/build.sh

endpoints=${ENDPOINTS:-.local/endpoints.json}
# In the background and waited for: bash hears a signal only between commands.
server='' containers=''
stop() { [ -z "$1" ] || { kill "$1" 2>/dev/null && wait "$1"; } || true; }
cleanup() {
  stop "$containers"
  stop "$server"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

start_servers() {
  echo "== start OpenSearch and the queue"
  go build -o .local/sam/product ./local
  QUIET=true .local/sam/product run >.local/sam/product.log 2>&1 </dev/null &
  server=$!
  for _ in $(seq 600); do
    [ -e "$endpoints" ] && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.5
  done
  tail -n 20 .local/sam/product.log >&2
  echo "the servers did not start; their log is .local/sam/product.log" >&2
  exit 1
}

[ -e "$endpoints" ] || start_servers
echo "== run in containers"
local/sam/run.sh "$endpoints" &
containers=$!
wait "$containers"
