#!/usr/bin/env bash
# A container engine for `make sam`: the one that answers, else our own dockerd.
#   engine.sh check DIR   installs one where that is allowed, else says what is missing
#   engine.sh start DIR   prints DOCKER_HOST; starts dockerd with its state in DIR if none answers
#   engine.sh stop DIR    stops the dockerd that start started, and nothing else
# Ours touches no firewall rule and no forwarding: containers reach this machine
# over the bridge and nothing beyond it.
set -euo pipefail
action=$1 dir=$2
PATH=$PATH:/usr/sbin:/sbin

missing() {
  echo "make sam needs a container engine: start one and set DOCKER_HOST, or run as root with INSTALL_ENGINE=1 (Debian: installs docker.io and busybox-static)." >&2
  exit 1
}

install_engine() {
  [ "$(id -u)" = 0 ] || missing
  command -v dockerd >/dev/null && command -v busybox >/dev/null && return
  [ "${CI:-}" = true ] || [ -n "${INSTALL_ENGINE:-}" ] || missing
  command -v apt-get >/dev/null || missing
  echo "installing docker.io and busybox-static" >&2
  local install=(apt-get install -y -qq --no-install-recommends docker.io iptables busybox-static ca-certificates)
  { "${install[@]}" || { apt-get update -qq && "${install[@]}"; }; } >"$dir/apt.log" 2>&1 ||
    { tail -n 5 "$dir/apt.log" >&2; missing; }
}

# The socket's path may have 107 bytes, so it lives in a short folder.
start_engine() {
  local run
  run=$(mktemp -d "${TMPDIR:-/tmp}/sluice-engine.XXXXXX")
  ln -sfn "$run" "$dir/run"
  [ -e /sys/class/net/docker0 ] || touch "$run/bridge"
  setsid dockerd --data-root "$dir/root" --exec-root "$run/exec" -p "$run/pid" -H "unix://$run/docker.sock" \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false >"$dir/dockerd.log" 2>&1 </dev/null &
  for _ in $(seq 120); do
    DOCKER_HOST="unix://$run/docker.sock" docker info >/dev/null 2>&1 && { echo "unix://$run/docker.sock"; return; }
    sleep 0.5
  done
  tail -n 5 "$dir/dockerd.log" >&2
  echo "dockerd did not answer within 60 s; its log is $dir/dockerd.log" >&2
  exit 1
}

stop_engine() {
  local run pid
  run=$(readlink "$dir/run") || return 0
  pid=$(cat "$run/pid" 2>/dev/null) || pid=
  if [ -n "$pid" ] && kill "$pid" 2>/dev/null; then
    for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
  fi
  [ ! -e "$run/bridge" ] || ip link delete docker0 2>/dev/null || true
  rm -rf "$run" "$dir/run"
}

mkdir -p "$dir"
answers() { docker info >/dev/null 2>&1; }

case $action in
check) answers || install_engine ;;
start) if answers; then echo "${DOCKER_HOST:-}"; else install_engine; stop_engine; start_engine; fi ;; # what a killed run left is stopped
stop) stop_engine ;;
esac
