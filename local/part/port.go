package part

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports below those that the system hands to outgoing connections: one of these
// cannot be lost to a stranger between the choice and the bind.
const firstPort, lastPort = 20000, 32000

// Port returns the wanted loopback port if it is free, else another that is. Zero wants any.
func Port(wanted int) (int, error) {
	if wanted != 0 && free(wanted) {
		return wanted, nil
	}
	for range 200 {
		if port := firstPort + rand.IntN(lastPort-firstPort); free(port) {
			return port, nil
		}
	}
	return 0, errors.New("no free port on 127.0.0.1")
}

func free(port int) bool {
	l, err := net.Listen("tcp", address(port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func baseURL(port int) string { return "http://" + address(port) }

// dial connects to a port; ctx's deadline is the connection's too.
func dial(ctx context.Context, port int) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address(port))
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	return conn, nil
}
