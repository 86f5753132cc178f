// Command local runs the whole product on one machine (`make run`), feeds it files
// (`make feed`) and redrives dead letters, of this machine or on AWS (`make
// dead-letters`): real servers, the compiled functions, and what AWS puts between them.
// It refuses to listen on anything but loopback, to install anything outside .local/,
// and to leave running what it started.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage:
  local run                             the whole product, until Ctrl-C
  local feed [-collection logs] FILE    send a file of lines or NDJSON ("-": standard input)
  local dead-letters list|preview|redrive [-h]    look at dead letters, try them, send them back`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends us at once, and with us our parts
	err := command(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	switch {
	case len(args) > 0 && args[0] == "run":
		return runAll(ctx)
	case len(args) > 0 && args[0] == "feed":
		return feedFile(ctx, args[1:])
	case len(args) > 0 && args[0] == "dead-letters":
		return deadLetters(ctx, args[1:])
	}
	return errors.New(usage)
}
