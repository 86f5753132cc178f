package e2e

import (
	"encoding/json"
	"testing"
)

// The cases from the field of change messages, each before a real OpenSearch.

const change = `id: {fields: [id]}
index: {policy: single, replicas: 0}
`

func (s *scene) source(document json.RawMessage) map[string]json.RawMessage {
	s.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(document, &fields); err != nil {
		s.Fatalf("%s: %v", document, err)
	}
	return fields
}

func TestCase16ChangesOfOneKeyInOneBatchKeepTheirOrder(t *testing.T) {
	s := newScene(t, change+"sources: [{table: dynamodb.orders}]\nfields:\n  id: {type: keyword}\n  v: {type: long}\n")
	lines := s.collection + "lines"
	s.define(lines, "id: {fields: [pk, sk]}\nindex: {policy: single, replicas: 0}\nsources: [{table: dynamodb.lines}]\nfields:\n  pk: {type: keyword}\n  sk: {type: keyword}\n")
	c := s.fieldCase("16-dynamodb-same-key-in-one-batch.json")
	fn := s.function("ingest", nil)
	s.same("setup", s.invoke(fn, c.Input.Setup[0]), none)
	for _, round := range []string{"once", "again"} {
		for _, event := range c.Input.Events {
			s.same("batchItemFailures "+round, s.invoke(fn, event), none)
		}
		orders := s.documents()
		s.same("orders "+round, keys(orders), []string{"y"})
		s.says(string(orders["y"]), `"v":9`)
		s.same("lines "+round, keys(s.documentsOf(lines)), []string{`a|b\|c`})
	}
	s.buried(nil)
}

func TestCase17DynamoDBNumbersKeepEveryDigit(t *testing.T) {
	s := newScene(t, change+"sources: [{table: dynamodb.orders}]\nfields:\n  id: {type: keyword}\n  big: {type: unsigned_long}\n  acct: {type: keyword}\n  bal: {type: keyword}\n  raw: {type: binary}\n")
	s.same("batchItemFailures", s.invoke(s.function("ingest", nil), s.fieldCase("17-dynamodb-values-exact.json").Input.Events[0]), none)
	docs := s.documents()
	s.same("documents", keys(docs), []string{"d1", "d2"})
	for name, want := range map[string]string{
		"big": "18446744073709551615", "acct": "12345678901234567890123456789012345678", "bal": "-0.10", "raw": `"AP8Q"`,
		"ns": "[3,1.50]", "nul": "null", "flag": "false", "empty": `""`,
	} {
		if got := string(s.source(docs["d1"])[name]); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	s.buried(nil)
}

func TestCase20UnavailableValuesKeepTheStoredOnes(t *testing.T) {
	s := newScene(t, change+"fields:\n  id: {type: long}\n  n: {type: long}\n")
	events := s.fieldCase("20-debezium-toast-placeholders-of-every-type.json").Input.Events
	fn := s.function("ingest", nil)
	for i, event := range events {
		s.same("batchItemFailures", s.deliverCase(fn, event), none)
		five := s.source(s.documents()["5"])
		want := map[bool]string{true: "1", false: "2"}[i == 0]
		for name, value := range map[string]string{
			"n": want, "big": `"long text"`, "raw": `"Ynl0ZXMga2VwdA=="`, "tags": `["a","b"]`, "nums": "[1,2,3]",
			"attrs": `{"k":"v"}`, "uid": `"00000000-0000-4000-8000-000000000001"`,
		} {
			if got := string(five[name]); got != value {
				t.Errorf("after event %d: %s is %s, want %s", i, name, got, value)
			}
		}
	}
	s.same("fields of 6", keys(s.source(s.documents()["6"])), []string{"id", "n"})
	s.buried(nil)
}

func TestCase21DecimalsAndTimesAreTheirOwn(t *testing.T) {
	s := newScene(t, change+`fields:
  id: {type: long}
  tax: {type: keyword, column: decimal(4)}
  neg: {type: scaled_float, mapping: {scaling_factor: 100}, column: decimal(2)}
  huge: {type: keyword, column: decimal(10)}
  rate: {type: double}
  at: {type: date, column: micros}
  nat: {type: date, column: nanos}
  day: {type: date, column: days}
  ubig: {type: unsigned_long}
`)
	s.same("batchItemFailures", s.deliverCase(s.function("ingest", nil), s.fieldCase("21-debezium-decimals-and-micro-times.json").Input.Events[0]), none)
	docs := s.documents()
	for _, id := range []string{"1", "2"} {
		got := s.source(docs[id])
		for name, want := range map[string]string{
			"tax": `"0.1032"`, "neg": `"-0.01"`, "huge": `"12345678901234567890.1234567890"`, "rate": `"-12.34567"`,
			"at": `"2024-01-01T00:00:00.123456Z"`, "nat": `"2024-01-01T00:00:00.123456789Z"`, "day": `"2024-01-01"`, "ubig": "18446744073709551615",
		} {
			if string(got[name]) != want {
				t.Errorf("%s of %s is %s, want %s", name, id, got[name], want)
			}
		}
	}
	s.buried(nil)
}

func TestCase25ARowReplacesTheWholeDocument(t *testing.T) {
	s := newScene(t, change+"sources: [{table: shop.orders}]\nfields:\n  id: {type: long}\n  qty: {type: long}\n")
	event := s.fieldCase("25-dms-omitted-null-and-control-records.json").Input.Events[0]
	fn := s.function("ingest", nil)
	var e struct{ Records []json.RawMessage }
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatal(err)
	}
	load, _ := json.Marshal(map[string]any{"Records": e.Records[1:2]})
	for _, delivery := range []json.RawMessage{event, event, load} {
		s.same("batchItemFailures", s.invoke(fn, delivery), none)
		docs := s.documents()
		s.same("documents", keys(docs), []string{"1"})
		s.same("fields of 1", keys(s.source(docs["1"])), []string{"id", "qty"})
	}
	s.buried(nil)
}
