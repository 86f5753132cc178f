package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/producer"
)

// repair is a document that drifted from its row; without a row its row is gone.
type repair struct {
	hit hit
	row []byte
}

const (
	mostRepairs = 100         // of one answer; the rest is found again
	repairTime  = time.Second // of an answer, to send them in
	repaired    = time.Minute // how long one is not sent again
)

// repairedLately remembers what was sent, so that a search that is repeated sends nothing
// twice while ingest is at it.
type repairedLately struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (l *repairedLately) first(name string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at == nil || len(l.at) > 10_000 {
		l.at = map[string]time.Time{}
	}
	if at, ok := l.at[name]; ok && now.Sub(at) < repaired {
		return false
	}
	l.at[name] = now
	return true
}

func (l *repairedLately) forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.at, name)
}

// repair sends change messages and says how many the queue took. A document goes with the
// very version that was found, so that a later change, and a row made anew, stay; sent
// again, it changes nothing. Nothing is sent before any document has met its row: the
// database may be another one.
func (s *server) repair(ctx context.Context, v view, repairs []repair) (sent int) {
	if _, sure := s.matched.Load(v.Name); !sure || s.queue == nil || v.Rows.Repair == "none" {
		return 0
	}
	var messages []producer.Message
	var names []string
	for _, one := range repairs {
		name := fmt.Sprint(v.Name, " ", one.hit.ID, " ", one.hit.Version, one.row == nil)
		if len(messages) == mostRepairs {
			break
		}
		body, ok := one.message(v, s.tables[v.Name])
		if !ok || !s.lately.first(name, s.now()) {
			continue
		}
		messages = append(messages, producer.Message{Body: body, Collection: v.Name})
		names = append(names, name)
	}
	if len(messages) == 0 {
		return 0
	}
	ctx, stop := answerable(ctx)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, repairTime)
	defer cancel()
	for i, err := range s.queue.Send(ctx, messages) {
		if err == nil {
			sent++
			continue
		}
		s.lately.forget(names[i])
		s.log.WarnContext(ctx, "repair not sent", "collection", v.Name, "error", err)
	}
	s.log.InfoContext(ctx, "documents drifted from their rows", "collection", v.Name, "found", len(repairs), "repairs", sent)
	return sent
}

// message is the change: away with this version, or the row with its own.
func (r repair) message(v view, t table) ([]byte, bool) {
	c := envelope.Change{Table: v.Rows.Table, Op: "index", Row: r.row}
	if r.row == nil {
		key, ok := t.Key(r.hit.ID)
		if !ok {
			return nil, false
		}
		c = envelope.Change{Table: v.Rows.Table, Op: "delete", Version: &r.hit.Version, Ties: true, Row: key}
	}
	body, err := c.Body()
	return body, err == nil
}
