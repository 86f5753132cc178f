package query

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// shop has the fields that testdata/documented asks for; e2e has them in a real index.
var shop = Schema{
	Collection: "shop", Time: "@timestamp", Default: []string{"title", "body"}, Hidden: []string{"secret", "owner.email"},
	Wildcards: true, MaxSize: 500,
	Fields: map[string]Field{
		"@timestamp": {Type: "date"}, "title": {Type: "text"}, "title.keyword": {Type: "keyword"}, "body": {Type: "text"},
		"level": {Type: "keyword"}, "host.name": {Type: "keyword"}, "tags": {Type: "keyword"}, "status": {Type: "short"},
		"bytes": {Type: "long"}, "serial": {Type: "unsigned_long"}, "price": {Type: "double"}, "in_stock": {Type: "boolean"},
		"client.ip": {Type: "ip"}, "sold_at": {Type: "date"}, "attributes": {Type: "flat_object"}, "place": {Type: "geo_point"},
		"owner": {Type: "object"}, "owner.name": {Type: "keyword"}, "stored_only": {Type: "keyword", Unsearchable: true, Unsortable: true},
		"reviews": {Type: "nested"}, "reviews.author": {Type: "keyword", Nested: "reviews"},
		"reviews.text": {Type: "text", Nested: "reviews"}, "reviews.stars": {Type: "byte", Nested: "reviews"},
	},
}

// documented is the shape of a request in OpenSearch's documentation, and what is to come of it.
type documented struct {
	Shape string          `json:"shape"`
	Page  string          `json:"page"` // of OpenSearch's documentation
	Body  json.RawMessage `json:"body"`
	Says  string          `json:"says"` // of a refusal
}

func documentedShapes(t testing.TB, file string) (list []documented) {
	t.Helper()
	f, err := os.Open("testdata/documented/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var d documented
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil || d.Shape == "" || d.Page == "" {
			t.Fatal(err, lines.Text())
		}
		list = append(list, d)
	}
	return list
}

func TestWhatOpenSearchDocumentsIsReadOrRefusedWithAReason(t *testing.T) {
	works, refused := documentedShapes(t, "works.jsonl"), documentedShapes(t, "refused.jsonl")
	if len(works) < 100 || len(refused) < 70 {
		t.Errorf("%d and %d shapes", len(works), len(refused))
	}
	for _, d := range works {
		r, err := ReadBody(shop, nil, d.Body, noon)
		if err != nil {
			t.Errorf("%s: %v", d.Shape, err)
			continue
		}
		if out, err := r.Body(time.Second); err != nil || !json.Valid(out) {
			t.Errorf("%s: %v %s", d.Shape, err, out)
		}
	}
	for _, d := range refused {
		_, err := ReadBody(shop, nil, d.Body, noon)
		all, ok := errors.AsType[Mistakes](err)
		if !ok || d.Says == "" || !strings.Contains(all.Error(), d.Says) {
			t.Errorf("%s: %v, want %q", d.Shape, err, d.Says)
		}
	}
}
