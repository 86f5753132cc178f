package main

import (
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Whatever OpenSearch answers is read as a decoder of all of it reads it.
func FuzzFoundIsReadAsADecoderReadsIt(f *testing.F) {
	for _, reply := range []string{
		hits(`{"a":1}`, `{"b":{"c":[1,2.50,"x"]}}`),
		`{"took":3,"timed_out":true,"_shards":{"total":2,"successful":1,"failed":1,"failures":[{"index":"i","reason":{"type":"x"}}]},"hits":{"total":{"value":1,"relation":"gte"},"hits":[]}}`,
		`{"hits":{"hits":[{"_index":"i","_id":"\u0031\"","_version":7,"_score":null,"_source":{},"sort":[1,"a"],"highlight":{"m":["\ue000x"]},"_ignored":["m"]},{"_index":"i","_id":"2"}]}}`,
		`{"hits":{"max_score":null,"hits":[ { "_id" : "1" , "_source" : { "a" : "\\" } } ] , "total" : {"value":0}},"aggregations":{"a":{"buckets":[]}}}`,
		`{"hits":{"hits":[{"_version":1.5}]}}`, `{"hits":{"hits":[7]}}`, `{"hits":null}`, `{}`, `[]`, ``, `{"hits":{"hits":[`,
	} {
		f.Add(reply)
	}
	f.Fuzz(func(t *testing.T, reply string) {
		var got, want found
		gotErr := got.read([]byte(reply))
		wantErr := json.Unmarshal([]byte(reply), &want, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		if gotErr != nil { // stricter is allowed: it is said to be unreadable
			return
		}
		if wantErr != nil {
			t.Fatalf("%q is read, and is: %v", reply, wantErr)
		}
		if len(want.Hits.Hits) == 0 {
			want.Hits.Hits = nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q\n%+v\nwant\n%+v", reply, got, want)
		}
	})
}
