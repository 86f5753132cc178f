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

func TestADeleteLacksNoColumn(t *testing.T) {
	m, _ := Open([]byte(`{"before":{"id":1,"t":"__debezium_unavailable_value"},"after":null,"op":"d","source":{"connector":"postgresql","lsn":1,"table":"t"}}`), "")
	if rows, err := m.Rows(nil); err != nil || len(rows) != 1 || rows[0].Missing != nil {
		t.Errorf("%+v %v", rows, err)
	}
}

func TestATimeThatOverflowsIsNoVersion(t *testing.T) {
	m, _ := Open([]byte(`{"after":{"id":1},"op":"c","source":{"connector":"sqlserver","ts_ms":18446744073709552,"table":"t"}}`), "")
	if rows, err := m.Rows(nil); err == nil {
		t.Errorf("%+v", rows)
	}
	m, _ = Open([]byte(`{"id":1,"__op":"c","__source_ts_ms":18446744073709552}`), "")
	if rows, err := m.Rows(nil); err != nil || rows[0].Version != -1 {
		t.Errorf("%+v %v", rows, err)
	}
}
