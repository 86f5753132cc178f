// Command forward passes connections on from an address that containers reach to the
// same port of loopback, where the servers of `make run` listen. It refuses to do
// anything but copy bytes, and is for calls that check function: load goes to loopback
// alone. Started and stopped by run.sh:
//
//	forward ADDRESS PORT...
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "forward:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, address string, ports []string) error {
	for _, port := range ports {
		l, err := net.Listen("tcp", net.JoinHostPort(address, port))
		if err != nil {
			return err
		}
		defer l.Close()
		go accept(l, net.JoinHostPort("127.0.0.1", port))
	}
	fmt.Println("forwarding")
	<-ctx.Done()
	return nil
}

func accept(l net.Listener, to string) {
	for {
		from, err := l.Accept()
		if err != nil {
			return
		}
		go pass(from.(*net.TCPConn), to)
	}
}

// pass copies both ways and hands on each side's end of sending.
func pass(from *net.TCPConn, to string) {
	defer from.Close()
	c, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	target := c.(*net.TCPConn)
	defer target.Close()
	done := make(chan struct{})
	go func() { copyAndClose(target, from); close(done) }()
	copyAndClose(from, target)
	<-done
}

func copyAndClose(to, from *net.TCPConn) {
	_, _ = io.Copy(to, from)
	_ = to.CloseWrite()
}
