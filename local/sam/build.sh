#!/usr/bin/env bash
# Validates template.yaml, builds it as it is deployed and for this machine, and inspects
# both. The second lands in .local/sam/build.
set -euo pipefail
bin=.local/venv-sam/bin
export SAM_CLI_TELEMETRY=0 AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
unset MAKEFLAGS MAKELEVEL MFLAGS

echo "== validate"
"$bin/cfn-lint" template.yaml
"$bin/sam" validate --lint
AWS_DEFAULT_REGION=us-east-1 "$bin/sam" validate --config-env plain

build() { # ARCH GOARCH DIR
  echo "== build for $1"
  GOARCH=$2 "$bin/sam" build --build-dir "$3" --parameter-overrides "Arch=$1" >.local/sam/build.log 2>&1 || { cat .local/sam/build.log >&2; exit 1; }
  .local/sam/inspect "$3" "$2"
}

mkdir -p .local/sam
go build -o .local/sam/inspect ./local/sam/inspect
case $(uname -m) in
x86_64 | amd64) arch=x86_64 goarch=amd64 ;;
*) arch=arm64 goarch=arm64 ;;
esac
build arm64 arm64 .aws-sam/build
build "$arch" "$goarch" .local/sam/build
