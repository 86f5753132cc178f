package main

import "github.com/go-json-experiment/json/jsontext"

// response is {"batchItemFailures": [...]}: never null, which would mean success. An id
// that is an object already stays one.
func response(failed []string) []byte {
	out := []byte(`{"batchItemFailures":[`)
	for i, id := range failed {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"itemIdentifier":`...)
		if id[0] == '{' {
			out = append(out, id...)
		} else {
			out, _ = jsontext.AppendQuote(out, id)
		}
		out = append(out, '}')
	}
	return append(out, "]}"...)
}
