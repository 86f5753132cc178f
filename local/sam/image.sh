#!/usr/bin/env bash
# The base image that `sam local` runs functions in, made here where AWS's own cannot
# be pulled: busybox and certificates, no libc, so a binary that is not static fails.
#   image.sh ARCH DIR     ARCH as in template.yaml (x86_64, arm64)
set -euo pipefail
arch=$1 root=$2/rootfs
image=public.ecr.aws/lambda/provided:al2023-$arch

docker image inspect "$image" >/dev/null 2>&1 && exit
rm -rf "$root"
mkdir -p "$root"/{bin,etc/ssl/certs,opt,var/task,var/runtime,var/rapid}
install -d -m 1777 "$root/tmp"
cp "$(command -v busybox)" "$root/bin/busybox"
for tool in sh mv chmod cp rm ls cat env mkdir; do ln -s busybox "$root/bin/$tool"; done
echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
tar -C "$root" -c . | docker import -c 'WORKDIR /var/task' \
  -c 'ENV PATH=/bin LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime' - "$image" >/dev/null
