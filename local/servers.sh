# Sourced: the servers of `make run`, started in the background unless they are up.

server=''

# start_servers DIR waits until ENDPOINTS tells where they are; what they print goes to DIR.
start_servers() {
  echo "== start OpenSearch and the queue"
  go build -o "$1/product" ./local
  QUIET=true "$1/product" run >"$1/product.log" 2>&1 </dev/null &
  server=$!
  for _ in $(seq 600); do
    [ -e "$endpoints" ] && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.5
  done
  tail -n 20 "$1/product.log" >&2
  echo "the servers did not start; their log is $1/product.log" >&2
  exit 1
}

# stop PID ends a child and waits for it.
stop() { [ -z "$1" ] || { kill "$1" 2>/dev/null && wait "$1"; } || true; }
