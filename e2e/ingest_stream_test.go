package e2e

import (
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// A stream goes on from what is reported: only the lowest failed record may be, and what
// comes again with it is there already.
func TestStreamIsReportedByItsLowestFailedRecord(t *testing.T) {
	s := newScene(t, appendOnly)
	env := map[string]string{"DEFAULT_COLLECTION": s.collection}
	for name, value := range quick {
		env[name] = value
	}
	fn := s.function("ingest", env)
	for file, want := range map[string]struct {
		word, failed string
		documents    int
	}{
		"ingest-kinesis.json":      {"label printer", "49663110581205134926361120913469488106230880440192942082", 3},
		"ingest-kinesis-gzip.json": {"nightly export", "49663110581205134926361120913479159512787797473590591490", 2},
	} {
		payload, before := lambdatest.Load(t, file), len(s.documents())
		s.proxy.Inject(faultproxy.Bulk, -1, faultproxy.Items(refuse(want.word, 429, "rejected_execution_exception")))
		s.same(file, s.invoke(fn, payload), []string{want.failed})
		s.proxy.Heal()
		s.same(file+" again", s.invoke(fn, payload), none)
		s.same(file+" and again", s.invoke(fn, payload), none)
		docs := s.documents()
		if len(docs)-before != want.documents {
			t.Errorf("%s: %d documents, want %d", file, len(docs)-before, want.documents)
		}
		for id := range docs {
			if !strings.HasPrefix(id, "sluice-ingest:shardId-") {
				t.Errorf("id %s is no position in the stream", id)
			}
		}
	}
	s.buried(nil)
}
