package collection

import (
	"errors"
	"testing"
	"testing/fstest"
)

// OpenSearch would take these names for the fields that a search's safety rests on.
func TestANameThatOpenSearchMistakesForAGuardedFieldIsADeadLetter(t *testing.T) {
	set, err := Load(fstest.MapFS{"notes.yaml": {Data: []byte(`name: notes
id: {fields: [id]}
index: {policy: single}
search: {hidden: [user.email], tenant: {field: tenant.id, claim: tenant_id}}
fields: {id: {type: keyword}, tenant.id: {type: keyword}, user.email: {type: keyword}, user.name: {type: keyword}}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	documents := NewDocuments(set.All()[0])
	for document, want := range map[string]string{
		`{"id":"1","user":{"email":"x"},"tenant":{"id":"a."}}`:       "",
		`{"id":"1","user.":{"name":"x"},"k8s.":1,"t":"email.."}`:     "",
		`{"id":"1","user.":{"email":"x"}}`:                           `field "user..email" has a dot too many: OpenSearch could take it for user.email, which is hidden or decides who sees the document`,
		`{"id":"1","tenant":{"id":"a"},"tenant.":{"id":"b"}}`:        `field "tenant..id" has a dot too many: OpenSearch could take it for tenant.id, which is hidden or decides who sees the document`,
		`{"id":"1","_sluice_deleted.":"2026-01-01"}`:                 `field "_sluice_deleted." has a dot too many: OpenSearch could take it for _sluice_deleted, which is hidden or decides who sees the document`,
		`{"id":"1","list":[{"x":1}],"user":[{"email\u002e":["x"]}]}`: `field "user.email." has a dot too many: OpenSearch could take it for user.email, which is hidden or decides who sees the document`,
	} {
		_, err := documents.Change(Record{}, Sole, []byte(document))
		flaw, _ := errors.AsType[*Flaw](err)
		if want == "" && err != nil || want != "" && (flaw == nil || flaw.Type != "field_ambiguous" || flaw.Text != want) {
			t.Errorf("%s: %v, want %s", document, err, want)
		}
	}
}
