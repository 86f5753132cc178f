#!/usr/bin/env bash
# Runs the functions that build.sh built for this machine in containers, against the
# OpenSearch and the queue of an endpoints file. Stops all that it started, also on failure.
#   run.sh ENDPOINTS_JSON
set -euo pipefail
endpoints=$1
dir=$PWD/.local/sam
[ "$(uname -m)" = x86_64 ] && arch=x86_64 || arch=arm64

# In the background and waited for: bash hears a signal only between commands.
forwarder='' invoke=''
cleanup() {
  [ -z "$invoke" ] || { kill "$invoke" 2>/dev/null && wait "$invoke"; } || true
  [ -z "$forwarder" ] || kill "$forwarder" 2>/dev/null || true
  [ -L "$dir/run" ] || local/sam/image.sh remove "$arch"
  local/sam/engine.sh stop "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

DOCKER_HOST=$(local/sam/engine.sh start "$dir")
if [ -n "$DOCKER_HOST" ]; then export DOCKER_HOST; else unset DOCKER_HOST; fi
local/sam/image.sh make "$arch" "$dir"

# What listens on loopback only is passed on at the address by which containers know this machine.
gateway=$(docker run --rm --add-host host.docker.internal:host-gateway "public.ecr.aws/lambda/provided:al2023-$arch" cat /etc/hosts 2>"$dir/gateway.log" |
  awk '/host\.docker\.internal/ { print $1 }') || { cat "$dir/gateway.log" >&2; exit 1; }
ports=$(grep -oE '(127\.0\.0\.1|localhost):[0-9]+' "$endpoints" | cut -d: -f2 | sort -u)
go build -o "$dir/" ./local/sam/forward ./local/sam/invoke
# shellcheck disable=SC2086
"$dir/forward" "$gateway" $ports >"$dir/forward.log" 2>&1 &
forwarder=$!

"$dir/invoke" "$endpoints" .local/sam/build "$arch" &
invoke=$!
wait "$invoke"
