package collection

// Flaw says why a record can never become a document of its collection.
type Flaw struct {
	Type string // snake_case class, e.g. "duplicate_field"
	Text string // one sentence for the dead letter; names fields, quotes no values
}

func (f *Flaw) Error() string { return f.Text }
