#!/usr/bin/env bash
# `make sam`: build and inspect, then run in containers against the servers of ENDPOINTS (a
# file as `make run` writes it), else of the `make run` that is up, else of one started here.
set -euo pipefail
cd "$(dirname "$0")/../.."
. local/servers.sh
local/sam/engine.sh check .local/sam
local/sam/build.sh

endpoints=${ENDPOINTS:-.local/endpoints.json}
# In the background and waited for: bash hears a signal only between commands.
containers=''
cleanup() {
  stop "$containers"
  stop "$server"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

[ -e "$endpoints" ] || start_servers .local/sam
echo "== run in containers"
local/sam/run.sh "$endpoints" &
containers=$!
wait "$containers"
