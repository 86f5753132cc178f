#!/usr/bin/env bash
# The base image that `sam local` runs functions in, made here because AWS's own may not be
# pullable: busybox and certificates, no libc, so a binary that is not static fails.
#   image.sh make ARCH DIR     ARCH as in template.yaml (x86_64, arm64); an image that is there stays
#   image.sh remove ARCH       removes it if we made it
set -euo pipefail
action=$1 arch=$2
image=public.ecr.aws/lambda/provided:al2023-$arch

make_image() {
  local root=$1/rootfs tool
  docker image inspect "$image" >/dev/null 2>&1 && return
  if ! command -v busybox >/dev/null || ldd "$(command -v busybox)" >/dev/null 2>&1; then
    echo "make sam needs an image to run functions in: docker pull $image, or apt-get install busybox-static" >&2
    exit 1
  fi
  rm -rf "$root"
  mkdir -p "$root"/{bin,etc/ssl/certs,opt,var/task,var/runtime,var/rapid}
  install -d -m 1777 "$root/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for tool in sh mv chmod cp rm ls cat env mkdir; do ln -s busybox "$root/bin/$tool"; done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  tar -C "$root" -c . | docker import -c 'LABEL sluice=made' -c 'WORKDIR /var/task' \
    -c 'ENV PATH=/bin LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime' - "$image" >/dev/null
}

remove_image() {
  [ "$(docker image inspect -f '{{ index .Config.Labels "sluice" }}' "$image" 2>/dev/null)" = made ] || return 0
  docker image rm "$image" >/dev/null
}

case $action in
make) make_image "$3" ;;
remove) remove_image ;;
esac
