package envelope

import "testing"

// A document that is taken for a message without rows would be acknowledged and lost.
func TestAPlainDocumentIsNotPassedOverAsAMessageWithoutRows(t *testing.T) {
	for _, document := range []string{
		`{"id":"a__b","payload":null}`,
		`{"id":1,"payload":null,"schema":"factor"}`,
		`{"id":1,"metadata":{"record-type":"invoice"},"data":{"n":1}}`,
		`{"id":1,"metadata":{"record-type":"data","operation":"archive"},"data":{"n":1}}`,
		`{"id":1,"database":"shop","type":"table-scan","ts":1704067200}`,
		`{"id":1,"status":"done","data_collections":[]}`,
		`{"id":1,"source":{"name":"vector"},"ddl":"x","ctor":1}`,
		`{"id":1,"isDdl":false,"type":"invoice","data":{}}`,
	} {
		if m, ok := Open([]byte(document), ""); ok {
			t.Errorf("%s is passed over as %s: %s", document, m.Dialect, m.Skip)
		}
	}
}
