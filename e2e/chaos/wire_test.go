package chaos

import (
	"bytes"
	"hash/fnv"
	"net/http"
	"strings"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

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

// refuseSeveral: a 400 on a request of one document would say that this one can never be stored.
func refuseSeveral(b blow) error {
	several := func(r faultproxy.Request) bool { return faultproxy.Bulk(r) && bytes.Count(r.Body, []byte("\n")) > 4 }
	b.wire.Inject(several, 1, b.counted(faultproxy.Status(400, "illegal_argument_exception", "made by the run")))
	return nil
}

func cutIdle(b blow) error {
	b.wire.CutIdle()
	b.met()
	return nil
}

// answered notes in OpenSearch's own answers what it refuses.
func (s *stage) answered(r faultproxy.Request, status int, reply []byte) {
	switch {
	case status == http.StatusRequestEntityTooLarge:
		s.meet(tooLarge)
	case !faultproxy.Bulk(r):
	case bytes.Contains(reply, []byte("read-only-allow-delete")):
		s.meet(flood)
	case bytes.Contains(reply, []byte("rejected_execution_exception")):
		s.meet(crowded)
	}
}

func rollovers(r faultproxy.Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.Path, "/_rollover")
}

func buries(r faultproxy.Request) bool {
	return strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.SendMessage")
}

// stopLetters keeps the functions from the dead-letter queue, and sends it something to take.
func stopLetters(b blow) error {
	b.lettersDown.Store(true)
	b.poison(b.Context(), 0)
	return nil
}

func takeLetters(s *stage) error {
	s.lettersDown.Store(false)
	return nil
}

func loseLetter(b blow) error {
	b.cloud.Inject(buries, 1, b.counted(faultproxy.ResetAfter))
	b.poison(b.Context(), 0)
	return nil
}
