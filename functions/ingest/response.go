package main

import "github.com/go-json-experiment/json/jsontext"

// response is {"batchItemFailures": [...]}: never null, which would mean success.
func response(failed []string) []byte {
	out := []byte(`{"batchItemFailures":[`)
	for i, id := range failed {
		if i > 0 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(append(out, `{"itemIdentifier":`...), id)
		out = append(out, '}')
	}
	return append(out, "]}"...)
}
