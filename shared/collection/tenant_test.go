package collection

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

func tenants(t *testing.T, rest string) *Documents {
	t.Helper()
	set, err := Load(fstest.MapFS{"notes.yaml": {Data: []byte("name: notes\nindex: {policy: single}\nsearch: {tenant: {field: tenant.id, claim: tenant_id}}\nfields: {tenant.id: {type: keyword}, note: {type: text}}\n" + rest)}})
	if err != nil {
		t.Fatal(err)
	}
	return NewDocuments(set.All()[0])
}

func TestATenantIsTheOneTextThatOpenSearchWouldFindTheDocumentBy(t *testing.T) {
	plain := tenants(t, "")
	for document, want := range map[string]string{
		`{"tenant":{"id":"a"}}`:                          "a",
		`{"tenant.id":"a"}`:                              "a",
		`{"ten\u0061nt":{"i\u0064":"\u0061"}}`:           "a",
		`{"tenant":{"id":"a","name":"x"}}`:               "a",
		`{"tenant":{"id":""}}`:                           "",
		`{"tenant":{"id":"a"},"tenant.id":"b"}`:          "duplicate",
		`{"tenant":{"id":"a"},"t\u0065nant":{"id":"b"}}`: "duplicate",
		`{"tenant":{"id":"a","id":"b"}}`:                 "duplicate",
		`{"tenant":{"id":"a"},"tenant.":{"id":"b"}}`:     "no name",
		`{"tenant":{"id":"a"},"tenant":{"id.":"b"}}`:     "duplicate",
		`{"tenant":{"id":"a","id.":"b"}}`:                "no name",
		`{"tenant":{"id":"a"},".tenant.id":"b"}`:         "no name",
		`{"tenant":{"id":"a"},"tenant..id":"b"}`:         "no name",
		`{"tenant":{"id":["a"]}}`:                        "not one text",
		`{"tenant":{"id":["a","b"]}}`:                    "not one text",
		`{"tenant":[{"id":"a"},{"id":"b"}]}`:             "not one text",
		`{"tenant":{"id":{"x":"a"}}}`:                    "not one text",
		`{"tenant":{"id":1}}`:                            "not one text",
		`{"tenant":{"id":null}}`:                         "not one text",
		`{"tenant":"a"}`:                                 "not one text",
		`{"note":"x"}`:                                   "not one text",
		`{"data":{"tenant":"a"},"database":"d","table":"t","type":"insert","ts":1,"tenant":{"id":"a"}}`:                              "a change message",
		`{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:x:1:t","Message":"{}","tenant":{"id":"a"}}`:                  "a notification",
		`{"op":"c","source":{"connector":"mysql","db":"d","table":"t"},"before":null,"after":{"tenant":{"id":"b"}},"tenant.id":"a"}`: "a change message",
	} {
		got, err := plain.Tenant(Record{}, []byte(document))
		flaw, refused := errors.AsType[*Flaw](err)
		if refused {
			got = flaw.Text
		}
		if refused && !strings.Contains(got, want) || !refused && (err != nil || got != want) {
			t.Errorf("%s: %q %v, want %q", document, got, err, want)
		}
	}
}

// What the rules make of a document is what is stored.
func TestATenantIsReadBehindTheMappingRules(t *testing.T) {
	renamed := tenants(t, "mapping: [{rename: {owner: tenant.id}, examples: [{input: {owner: x}, want: {tenant: {id: x}}}]}]\n")
	if got, err := renamed.Tenant(Record{}, []byte(`{"owner":"b"}`)); got != "b" || err != nil {
		t.Error(got, err)
	}
}
