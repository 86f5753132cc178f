package main

import (
	"github.com/sluice-dev/sluice/shared/query"
)

// discover adds what a search may ask for beside its documents: where each matched, and
// the most frequent values of fields.
func (r *result) discover(request query.Request, aggregations []byte) error {
	for i := range r.documents {
		if err := r.documents[i].mark(request); err != nil {
			return err
		}
	}
	var err error
	if r.facets, err = request.Facets(aggregations); err != nil {
		return err
	}
	for _, one := range r.facets {
		r.completeness.ValuesClipped += one.Clipped()
	}
	return nil
}

// mark tells where the document matched, if that was asked for.
func (d *hit) mark(request query.Request) error {
	marked, err := request.Marked(d.Highlight)
	if err == nil && marked != nil {
		d.Highlight = jsonOf(marked)
	}
	return err
}
