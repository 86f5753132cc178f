package faultproxy

import (
	"io"
	"net"
	"strings"
	"sync/atomic"
)

// Line passes connections on as they are and cuts them when told to: for servers whose
// requests are signed for the address that they were sent to.
type Line struct {
	URL string

	target   string
	listener net.Listener
	after    atomic.Int64 // bytes of answers; then the connection is cut
	times    atomic.Int64 // cuts left
	cuts     atomic.Int64
}

// StartLine listens on a free loopback port in front of target, a base URL.
func StartLine(target string) (*Line, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Line{URL: "http://" + l.Addr().String(), target: strings.TrimPrefix(target, "http://"), listener: l}
	go p.serve()
	return p, nil
}

// Close stops listening.
func (l *Line) Close() { _ = l.listener.Close() }

// Cut resets each of the next connections, so many times, once it has carried so many
// bytes of answers.
func (l *Line) Cut(after int64, times int) {
	l.after.Store(after)
	l.times.Store(int64(times))
}

// Cuts is how many connections have been cut.
func (l *Line) Cuts() int { return int(l.cuts.Load()) }

func (l *Line) serve() {
	for {
		c, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.carry(c.(*net.TCPConn))
	}
}

func (l *Line) carry(client *net.TCPConn) {
	defer client.Close() //nolint:errcheck // both ends are gone
	server, err := net.Dial("tcp", l.target)
	if err != nil {
		return
	}
	defer server.Close() //nolint:errcheck // both ends are gone
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	if after := l.after.Load(); after > 0 && l.times.Load() > 0 {
		if n, err := io.CopyN(client, server, after); n == after && err == nil && l.times.Add(-1) >= 0 {
			l.cuts.Add(1)
			_ = client.SetLinger(0)
			return
		}
	}
	_, _ = io.Copy(client, server)
}
