package query

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestNoSearchFindsWhatIsLeftOfDeletedDocuments(t *testing.T) {
	schema := logs
	schema.Deleted = "gone"
	const not = `"must_not":[{"exists":{"field":"gone"}}`
	for _, params := range []string{"", "q=x", "filter=level:a", "since=1h"} {
		values, _ := url.ParseQuery(params)
		r, err := Read(schema, values, time.Unix(0, 0))
		if err != nil {
			t.Fatalf("%s: %v", params, err)
		}
		body, err := r.Body(time.Second)
		if err != nil || !strings.Contains(string(body), not) {
			t.Errorf("%s: %s %v", params, body, err)
		}
		r.seen, r.after = []string{"1"}, append(r.after, []byte(`"i"`), []byte(`"1"`))
		if body, err = r.Body(time.Second); err != nil || !strings.Contains(string(body), not+`,{"bool"`) {
			t.Errorf("%s, next page: %s %v", params, body, err)
		}
		if body, err = r.Document("7", time.Second); err != nil || !strings.Contains(string(body), not) || !strings.Contains(string(body), `"values":["7"]`) {
			t.Errorf("document: %s %v", body, err)
		}
	}
}
