package row

import "encoding/json"

// Found is a row of a collection's table.
type Found struct {
	ID       string // of its document; empty: its key makes none
	Document []byte // as it would be indexed; nil: it cannot be a document
	Version  int64  // by the collection's version field; change.NoVersion without
	Columns  []byte // a JSON object of the columns as they are
	Place    []json.RawMessage
}

// Page is part of what a table answers.
type Page struct {
	Rows  []Found
	Total int64
	More  bool // Total is a lower bound
}
