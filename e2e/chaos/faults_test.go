package chaos

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

// fault is one kind. It is injected, lasts, and is healed; what ends by itself (so many
// requests, one signal) has no heal. The proxy imitates only where its column says so;
// everything else is done to the real thing.
type fault struct {
	name   string
	every  int // documents from one to the next; each run has one at least
	lasts  time.Duration
	alone  bool // no two of these at once: they stop a process, or need the cluster as it was
	inject func(*stage, *rand.Rand) error
	heal   func(*stage) error
}

// How often, in documents.
const (
	often  = 20_000
	rarely = 200_000
)

// faults are all there are, beside those that the producers make and the poisons.
var faults = []fault{
	// Between ingest and OpenSearch: bulk requests, broken by the proxy.
	onBulk("reset, nothing written", faultproxy.ResetBefore),
	onBulk("reset, all written", faultproxy.ResetAfter),
	onBulk("no answer, nothing written", faultproxy.HangBefore(time.Minute)),
	onBulk("no answer, all written", faultproxy.Hang(time.Minute)),
	onBulk("reply cut in half", faultproxy.Truncate),
	onBulk("reply of one item too few", faultproxy.Short),
	onBulk("HTML instead of JSON", faultproxy.HTML),
	onBulk("502 with an empty body", faultproxy.Empty(http.StatusBadGateway)),
	onBulk("503, nothing written", faultproxy.Status(503, "service_unavailable", "made by the run")),
	onBulk("504, all written", faultproxy.StatusAfter(http.StatusGatewayTimeout)),
	onBulk("500 on the request", faultproxy.Status(500, "internal_error", "made by the run")),
	onBulk("429 on the request", faultproxy.Status(429, "rejected_execution_exception", "made by the run")),
	onBulk("403 on the request", faultproxy.Status(403, "security_exception", "made by the run")),
	onBulk("429 on a third of the items", faultproxy.Items(third(429, "rejected_execution_exception"))),
	onBulk("503 on a third of the items", faultproxy.Items(third(503, "unavailable_shards_exception"))),
	onBulk("500 on a third of the items", faultproxy.Items(third(500, "internal_error"))),
	{"400 on a request of several documents", often, 0, false, func(s *stage, _ *rand.Rand) error {
		s.wire.Inject(several, 1, s.meets("400 on a request of several documents", faultproxy.Status(400, "illegal_argument_exception", "made by the run")))
		return nil
	}, nil},
	{"connections cut while all are frozen", often, 0, false, func(s *stage, _ *rand.Rand) error {
		s.wire.CutIdle()
		s.meet("connections cut while all are frozen")
		return nil
	}, nil},
	{"password rotated", rarely / 5, 0, false, rotatePassword, nil},

	// The cluster itself.
	{"flood stage: indices read-only", rarely / 2, 2 * time.Second, false, func(s *stage, _ *rand.Rand) error { return s.block("true") },
		func(s *stage) error { return s.block("null") }},
	{"write queue full, by a neighbour's load", rarely / 2, 3 * time.Second, false, crowd, uncrowd},
	{"node stands still (SIGSTOP)", rarely, 4 * time.Second, true, func(s *stage, _ *rand.Rand) error { return s.stopNode() },
		func(s *stage) error { return s.contNode() }},
	{"node killed -9 and started again", rarely, 2 * time.Second, true, killNode, restartNode},
	{"cluster manager killed -9 and started again", rarely, 3 * time.Second, true, killManager, restartManager},
	{"templates deleted", rarely / 5, 0, false, deleteTemplates, nil},
	{"index deleted, its documents sent again", rarely / 5, 0, false, deleteIndex, nil},

	// Lambda.
	{"environments killed -9", rarely / 5, 0, false, func(s *stage, _ *rand.Rand) error {
		return s.toEnvironments("environments killed -9", func() { s.ingest.Kill(); s.stream.Kill() })
	}, nil},
	{"environments ended by SIGTERM", rarely / 5, 0, false, func(s *stage, _ *rand.Rand) error {
		return s.toEnvironments("environments ended by SIGTERM", func() { s.ingest.Shutdown(); s.stream.Shutdown() })
	}, nil},
	{"environments frozen at work (SIGSTOP), thawed", rarely / 2, 5 * time.Second, false, freeze, thaw},

	// The queue.
	{"delivered again, long after", often, 0, false, deliverAgain, nil},
	{"the queue's clock is minutes wrong", rarely / 5, 2 * time.Second, false, func(s *stage, r *rand.Rand) error {
		s.mapping.skew.Store(r.Int64N(480_001) - 240_000)
		return nil
	}, func(s *stage) error { s.mapping.skew.Store(0); return nil }},
	{"dead-letter queue down", rarely / 5, 3 * time.Second, false, func(s *stage, _ *rand.Rand) error {
		s.lettersDown.Store(true)
		s.poison(s.Context(), 0)
		return nil
	}, func(s *stage) error { s.lettersDown.Store(false); return nil }},
	{"dead letter stored, answer lost", rarely / 5, 0, false, func(s *stage, _ *rand.Rand) error {
		s.cloud.Inject(buries, 1, s.meets("dead letter stored, answer lost", faultproxy.ResetAfter))
		s.poison(s.Context(), 0)
		return nil
	}, nil},

	// Rotation.
	{"rollover under traffic", rarely / 5, 0, false, func(s *stage, _ *rand.Rand) error { return s.roll("rollover under traffic") }, nil},
	{"answer to a rollover lost", rarely / 2, 0, false, func(s *stage, _ *rand.Rand) error {
		s.wire.Inject(rollovers, 1, s.meets("answer to a rollover lost", faultproxy.ResetAfter))
		return s.roll("answer to a rollover lost")
	}, nil},
	{"midnight under traffic", rarely / 5, 0, false, midnight, nil},
}

// byProducers are the faults that the producers make as they go. The last is met by the
// poison that is larger than the node takes, too.
var byProducers = []string{"sent twice by the producer", "reordered by the producer", "an old change comes late", "event times hours wrong", "request over the node's limit (413)"}

func onBulk(name string, broken faultproxy.Fault) fault {
	return fault{name, often, 0, false, func(s *stage, r *rand.Rand) error {
		s.wire.Inject(faultproxy.Bulk, 1+r.IntN(3), s.meets(name, broken))
		return nil
	}, nil}
}

// third refuses one item in three, by its action line.
func third(status int, kind string) func(faultproxy.Item) *faultproxy.ItemError {
	return func(it faultproxy.Item) *faultproxy.ItemError {
		h := fnv.New32()
		_, _ = h.Write(it.Meta)
		if h.Sum32()%3 != 0 {
			return nil
		}
		return &faultproxy.ItemError{Status: status, Type: kind, Reason: "made by the run"}
	}
}

// several: a 400 on a request of one document says that this one can never be stored.
func several(r faultproxy.Request) bool {
	return faultproxy.Bulk(r) && bytes.Count(r.Body, []byte("\n")) > 4
}

func rollovers(r faultproxy.Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.Path, "/_rollover/")
}

func buries(r faultproxy.Request) bool {
	return strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.SendMessage")
}

// answered notes in OpenSearch's own answers what it refuses.
func (s *stage) answered(r faultproxy.Request, status int, reply []byte) {
	switch {
	case status == http.StatusRequestEntityTooLarge:
		s.meet("request over the node's limit (413)")
	case !faultproxy.Bulk(r):
	case bytes.Contains(reply, []byte("read-only-allow-delete")):
		s.meet("flood stage: indices read-only")
	case bytes.Contains(reply, []byte("rejected_execution_exception")):
		s.meet("write queue full, by a neighbour's load")
	}
}

// rotatePassword has a moment in which nobody's is right.
func rotatePassword(s *stage, r *rand.Rand) error {
	fresh := fmt.Sprintf("number %d", r.Int())
	s.password.Store(fresh)
	time.Sleep(300 * time.Millisecond)
	s.insist(s.Context(), "rotate the secret", func() error { return s.putSecret(fresh) })
	return nil
}

func (s *stage) block(on string) error {
	_, err := s.admin(http.MethodPut, "/access-*,events-*,metrics-*,account-*,draft-*/_settings?expand_wildcards=open", `{"index.blocks.read_only_allow_delete":`+on+`}`)
	return err
}

func deleteTemplates(s *stage, _ *rand.Rand) error {
	for _, name := range []string{"access", "events", "metrics", "account", "draft"} { // a data stream keeps its template
		if _, err := s.admin(http.MethodDelete, "/_index_template/sluice-"+name, "", http.StatusNotFound); err != nil {
			return err
		}
	}
	s.meet("templates deleted")
	return nil
}

// deleteIndex deletes a collection's indices. What was sent before may have been in
// them, and is sent again.
func deleteIndex(s *stage, _ *rand.Rand) error {
	if _, err := s.admin(http.MethodDelete, "/draft-*?expand_wildcards=open", "", http.StatusNotFound); err != nil {
		return err
	}
	s.mu.Lock()
	sent := s.drafts
	s.mu.Unlock()
	out := outbox{stage: s}
	for m := range sent {
		text, _ := s.events("draft", m)
		out.add(s.Context(), "draft", "", text)
	}
	out.flush(s.Context())
	if sent > 0 {
		s.meet("index deleted, its documents sent again")
	}
	return nil
}

func deliverAgain(s *stage, r *rand.Rand) error {
	for end := time.Now().Add(patience); time.Now().Before(end) && s.Context().Err() == nil; time.Sleep(50 * time.Millisecond) {
		done, err := s.mapping.again(s.Context(), r.IntN(kept))
		if done {
			s.meet("delivered again, long after")
		}
		if done || err != nil {
			return err
		}
	}
	return nil
}

// midnight is the run of rotate after one of the midnights that the event times cross.
func midnight(s *stage, r *rand.Rand) error {
	first := s.began.Truncate(24 * time.Hour).Add(24 * time.Hour)
	err := s.rotateAt(first.AddDate(0, 0, r.IntN(days)).Add(10 * time.Second))
	if err == nil {
		s.meet("midnight under traffic")
	}
	return err
}
