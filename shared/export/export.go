// Package export writes documents as lines: NDJSON, whose sources are the bytes that are
// stored, or CSV (RFC 4180), which a spreadsheet may open without running what a document
// holds. It writes into a buffer that its caller empties, so that no export is ever in
// memory as a whole.
//
// It refuses nothing: a value that no column holds goes into a column of its own. Numbers
// keep their digits. Called by functions/search, for answers and for parts in S3.
package export

// Row is a document.
type Row struct {
	ID, Index string
	Source    []byte // JSON object
}

// Format writes documents.
type Format interface {
	// Head is what stands before the first document; empty: nothing.
	Head() []byte
	// Append adds a document's line to out.
	Append(out []byte, r Row) ([]byte, error)
	// Name is the format's, as callers and file names write it.
	Name() string
	// Type is the media type.
	Type() string
}
