package main

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"github.com/sluice-dev/sluice/shared/query"
)

// A tail's cursor has to name what was shown of each shard, within a URL: so it is written
// in as few bytes as there can be, as a version and then numbers of variable length.
const cursorVersion = 1

var errCursor = errors.New("not a place that this version writes")

// bytes is the place as a cursor holds it.
func (p *place) bytes() []byte {
	out := appendText([]byte{cursorVersion}, p.Floor)
	out = binary.AppendUvarint(out, uint64(len(p.Shards)))
	for _, key := range slices.Sorted(maps.Keys(p.Shards)) {
		out = appendText(out, key)
		out = binary.AppendUvarint(out, uint64(len(p.Shards[key])))
		for _, s := range p.Shards[key] {
			out = s.append(out)
		}
	}
	return out
}

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

func (p *spot) append(out []byte) []byte {
	out = appendNumbers(out, p.next)
	switch m := p.mark; {
	case m == nil:
		out = appendNumbers(out, 0)
	case m.proven:
		out = appendNumbers(out, 2, m.last-p.next, m.refreshes, int64(m.node), m.at)
	default:
		out = appendNumbers(out, 1, m.last-p.next, m.refreshes, int64(m.node), m.at)
	}
	out = appendNumbers(out, int64(len(p.seen)))
	at := p.next
	for _, r := range p.seen {
		out = appendNumbers(out, r.From-at, r.Length)
		at = r.From + r.Length
	}
	return out
}

// number appends numbers of which none is negative.
func appendNumbers(out []byte, list ...int64) []byte {
	for _, n := range list {
		out = binary.AppendUvarint(out, uint64(n)) //nolint:gosec // see above
	}
	return out
}

// scanner reads numbers and texts until one is not there.
type scanner struct {
	rest []byte
	bad  bool
}

func (s *scanner) number() int64 {
	n, size := binary.Uvarint(s.rest)
	if size <= 0 || n > 1<<62 {
		s.rest, s.bad = nil, true
		return 0
	}
	s.rest = s.rest[size:]
	return int64(n) //nolint:gosec // it is small enough
}

func (s *scanner) text() string {
	n := s.number()
	if n > int64(len(s.rest)) {
		s.bad = true
		return ""
	}
	out := string(s.rest[:n])
	s.rest = s.rest[n:]
	return out
}

// readPlace reads what bytes wrote.
func readPlace(raw []byte) (place, error) {
	if len(raw) == 0 || raw[0] != cursorVersion {
		return place{}, errCursor
	}
	s := scanner{rest: raw[1:]}
	p := place{Floor: s.text(), Shards: map[string][]*spot{}}
	for range s.number() {
		key := s.text()
		for range s.number() {
			if s.bad {
				return place{}, errCursor
			}
			p.Shards[key] = append(p.Shards[key], s.spot())
		}
	}
	if s.bad || len(s.rest) > 0 {
		return place{}, errCursor
	}
	return p, nil
}

func (s *scanner) spot() *spot {
	p := &spot{next: s.number()}
	if kind := s.number(); kind > 0 {
		p.mark = &mark{p.next + s.number(), s.number(), uint32(s.number()), s.number(), kind == 2} //nolint:gosec // as it was written
	}
	at := p.next
	for range s.number() {
		if s.bad {
			return p
		}
		r := query.Run{From: at + s.number(), Length: s.number()}
		p.seen, at = append(p.seen, r), r.From+r.Length
	}
	return p
}
