package chaos

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// oracle compares all that is stored, and every dead letter, with what was sent.
type oracle struct {
	*stage
	documents map[string]*result
	poisons   []result
	others    result   // dead letters that are no poisons
	strays    []string // what nobody sent, and where nobody should have put it
}

func (s *stage) judge() *oracle {
	o := &oracle{stage: s, documents: map[string]*result{}, poisons: make([]result, len(poisons))}
	_, err := s.admin(http.MethodPost, "/_refresh", "")
	s.must(err)
	o.indices()
	for _, c := range collections {
		o.read(c.name)
	}
	o.letters()
	return o
}

func (o *oracle) stray(format string, args ...any) {
	if len(o.strays) < 50 {
		o.strays = append(o.strays, fmt.Sprintf(format, args...))
	}
}

var ours = regexp.MustCompile(`^((access|events|draft)-\d{4}-\d\d-\d\d|(metrics|account)-\d{6}|\.ds-trail-\d{6})$`)

// indices checks that there are no others, and that ours were made from their templates.
func (o *oracle) indices() {
	text, err := o.admin(http.MethodGet, "/_all/_mapping?expand_wildcards=all", "")
	o.must(err)
	var all map[string]json.RawMessage
	o.must(json.Unmarshal(text, &all))
	generations := 0
	for name, mapping := range all {
		switch {
		case !ours.MatchString(name):
			o.stray("a stray index: %s", name)
		case !strings.Contains(string(mapping), `"_meta":{"sluice"`):
			o.stray("%s was not made from its template", name)
		case strings.HasPrefix(name, "metrics-"):
			generations++
		}
	}
	o.Logf("%d indices, %d generations of metrics", len(all), generations)
}

type hit struct {
	Index   string          `json:"_index"`
	ID      string          `json:"_id"`
	Version int             `json:"_version"`
	Source  json.RawMessage `json:"_source"`
}

// read walks all documents of a collection, page by page, and marks each number.
func (o *oracle) read(collection string) {
	r, seen := &result{sent: o.count[collection]}, make([]bool, o.count[collection])
	o.documents[collection] = r
	o.scroll(collection, func(h hit) {
		if collection == "account" && strings.HasPrefix(string(h.Source), `{"_sluice_deleted":`) {
			o.tombstone(r, h)
			return
		}
		var doc struct{ N *int }
		if json.Unmarshal(h.Source, &doc) != nil || doc.N == nil || *doc.N < 0 || *doc.N >= len(seen) {
			o.stray("nobody sent %s in %s: %.200s", h.ID, h.Index, h.Source)
			return
		}
		n := *doc.N
		if seen[n] {
			r.twice++
			o.stray("%s is stored twice, the second time as %s in %s", id(collection, n), h.ID, h.Index)
		}
		seen[n] = true
		o.compare(r, collection, n, h)
	})
	for n, there := range seen {
		if !there && o.want(collection, n) != "" {
			r.lost++
			o.stray("%s is lost", id(collection, n))
		}
	}
}

// tombstone stands where a document was deleted.
func (o *oracle) tombstone(r *result, h hit) {
	n, err := strconv.Atoi(strings.TrimPrefix(h.ID, "account-"))
	if err != nil || n >= o.count["account"] || !o.ends(n) || h.Version != o.versions(n) {
		r.wrong++
		o.stray("%s was deleted by nobody, with version %d", h.ID, h.Version)
	}
}

func (o *oracle) compare(r *result, collection string, n int, h hit) {
	want := o.want(collection, n)
	switch {
	case want == "":
		r.wrong++
		o.stray("%s was deleted, and is back: %s", h.ID, h.Source)
	case string(h.Source) != want:
		r.wrong++
		o.stray("%s in %s is %.200s, want %.200s", h.ID, h.Index, h.Source, want)
	case collection == "account" && h.Version != o.versions(n):
		r.wrong++
		o.stray("%s has version %d, want %d", h.ID, h.Version, o.versions(n))
	case o.idWrong(collection, n, h.ID):
		r.wrong++
		o.stray("%s has the id %s", id(collection, n), h.ID)
	}
	if collection == "access" || collection == "draft" || collection == "events" {
		if day := collection + "-" + o.time(collection, n).Format("2006-01-02"); h.Index != day {
			r.wrong++
			o.stray("%s is in %s, want %s", h.ID, h.Index, day)
		}
	}
}

func (o *oracle) idWrong(collection string, n int, got string) bool {
	switch collection {
	case "access":
		want := "access-m" + strconv.Itoa(n/perMessage)
		if last := o.count[collection] % perMessage; last != 1 || n != o.count[collection]-1 {
			want += "#" + strconv.Itoa(n%perMessage)
		}
		return got != want
	case "events":
		return !strings.HasPrefix(got, "events:shardId-")
	}
	return got != id(collection, n)
}

func (o *oracle) scroll(collection string, visit func(hit)) {
	const page = 2000
	next, body := "/"+collection+"-*,.ds-"+collection+"-*/_search?scroll=2m&expand_wildcards=all",
		fmt.Sprintf(`{"size":%d,"sort":["_doc"],"version":true}`, page)
	for {
		text, err := o.admin(http.MethodPost, next, body)
		o.must(err)
		var answer struct {
			Scroll string               `json:"_scroll_id"`
			Shards struct{ Failed int } `json:"_shards"`
			Hits   struct{ Hits []hit }
		}
		o.must(json.Unmarshal(text, &answer))
		if answer.Shards.Failed > 0 {
			o.Fatalf("%s: shards failed: %.500s", collection, text)
		}
		if len(answer.Hits.Hits) == 0 {
			return
		}
		for _, h := range answer.Hits.Hits {
			visit(h)
		}
		next, body = "/_search/scroll", fmt.Sprintf(`{"scroll":"2m","scroll_id":%q}`, answer.Scroll)
	}
}
