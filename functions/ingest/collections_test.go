package main

import (
	"io/fs"
	"testing/fstest"
)

// collectionFiles are YAML files by name.
type collectionFiles map[string]string

func (files collectionFiles) fs() fs.FS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

var unversioned = collectionFiles{"orders.yaml": `
name: orders
id: {fields: [id]}
op: {field: op, delete: [delete]}
index: {policy: single}
fields:
  id: {type: keyword}
  op: {type: keyword}
`}

var rolled = collectionFiles{"logs.yaml": `
name: logs
append_only: true
time: {field: "@timestamp"}
index: {policy: rollover, rollover: {max_docs: 10}}
fields:
  "@timestamp": {type: date}
`}

var streamed = collectionFiles{"logs.yaml": `
name: logs
append_only: true
time: {field: "@timestamp"}
index: {policy: data_stream, rollover: {max_docs: 10}}
fields:
  "@timestamp": {type: date}
`}

// kept has a retention and a limit to the future.
var kept = collectionFiles{"logs.yaml": `
name: logs
append_only: true
time: {field: "@timestamp"}
index: {policy: periodic, period: day, retention: 7d, max_future: 1h}
fields:
  "@timestamp": {type: date}
`}
