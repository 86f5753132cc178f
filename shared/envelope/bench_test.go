package envelope

import "testing"

func BenchmarkOpen(b *testing.B) {
	plain := []byte(`{"id":"A-1001","number":1001,"version":7,"status":"paid","updated_at":"2026-05-17T09:05:02Z","currency":"EUR","total":129.90,` +
		`"customer":{"id":"C-7","name":"Zoë Ångström","email":"zoe@example.com"},"items":[{"sku":"LAMP-7","name":"Lamp","quantity":2,"price":64.95}],"note":"leave at the door"}`)
	for _, c := range []struct {
		name string
		text []byte
	}{
		{"plain", plain},
		{"debezium", valueOf(b, "testdata/debezium/postgres-03-insert-all-types.json")},
		{"debezium with schema", valueOf(b, "testdata/debezium/postgres-23-schemas-enabled-insert-all-types.json")},
		{"canal", valueOf(b, "testdata/canal/10-orders-insert.json")},
		{"dynamodb", valueOf(b, "testdata/dynamodb/stream-insert.json")},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				if m, ok := Open(c.text, ""); ok {
					if _, err := m.Rows(nil); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
