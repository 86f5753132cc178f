package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
	dbrow "github.com/sluice-dev/sluice/shared/row"
)

// table is the table of a collection with rows. Errors are faults; Invalid: it cannot
// answer this question.
type table interface {
	// Find are the rows of these ids.
	Find(ctx context.Context, ids []string) (map[string]dbrow.Found, error)
	Page(ctx context.Context, q query.Relation) (dbrow.Page, error)
	// Key is an id as the columns of its key; not ok: no row can have it.
	Key(id string) ([]byte, bool)
}

// rowsContext leaves at least half of the invocation for OpenSearch.
func (s *server) rowsContext(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := s.cfg.RowsTimeout
	if limit == 0 {
		limit = 2 * time.Second
	}
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, (deadline.Sub(s.now())-reserve)/2)
	}
	return context.WithTimeout(ctx, limit)
}

// fromTable answers a search from the table alone, if the table can. Not done: OpenSearch
// is to be asked.
func (s *server) fromTable(ctx context.Context, v view, request query.Request, weigh func(hit) int) (r result, done bool, err error) {
	relation, ok := request.Relation(v.Rows.Columns)
	if !ok && request.Direct() {
		return r, true, request.Foreign()
	}
	if !ok {
		return r, false, nil
	}
	if _, err := s.within(v, targets{}, request, request.Body)(s.cfg.timeout()); err != nil {
		return r, true, err
	}
	start := s.now()
	limited, cancel := s.rowsContext(ctx)
	defer cancel()
	page, err := s.tables[v.Name].Page(limited, relation)
	if err != nil {
		switch {
		case request.Direct(), v.Rows.Fallback == "none" && fault.KindOf(err) != fault.Invalid:
			return r, true, err
		}
		s.log.WarnContext(ctx, "search not answered by the database", "collection", v.Name, "error", err)
		return r, false, nil
	}
	r = result{total: total{page.Total, "eq"}, took: s.now().Sub(start).Milliseconds(), completeness: judge(found{}, targets{})}
	if page.More {
		r.total.Relation, r.completeness.TotalIsExact = "gte", false
	}
	return r, true, s.tablePage(v, request, page, &r, weigh)
}

// tablePage makes documents of a page's rows, and the cursor of the next.
func (s *server) tablePage(v view, request query.Request, page dbrow.Page, r *result, weigh func(hit) int) error {
	index := v.Policy.ReadTargets(time.Time{}, time.Time{}).Names[0]
	unfit := 0
	for _, one := range page.Rows {
		d := hit{ID: one.ID, Index: index}
		switch {
		case one.Document == nil:
			d.gone = true
			unfit++
		case !request.Shows(one.Document): // a mapping rule makes another value of the column
			d.gone = true
		default:
			if err := d.take(one.Document, request); err != nil {
				return err
			}
		}
		r.documents = append(r.documents, d)
	}
	r.completeness.unfit(unfit)
	full := len(page.Rows) == request.Size && request.Size > 0
	if err := r.fit(s.limit, weigh); err != nil {
		return err
	}
	var err error
	if full || r.completeness.PageCut != nil {
		r.next, err = request.NextRow(page.Rows[len(r.documents)-1].Place)
	}
	r.dropGone()
	return err
}

// take makes a row's document the hit's, as far as the request may see it.
func (d *hit) take(document []byte, request query.Request) (err error) {
	includes, excludes := request.Projection()
	d.Source, err = project(document, includes, excludes)
	d.Source = request.Hidden().Cut(d.Source)
	return err
}

// dropGone leaves out what is not to be shown; cursors have counted it.
func (r *result) dropGone() {
	r.documents = slices.DeleteFunc(r.documents, func(d hit) bool { return d.gone })
}

// refresh puts rows in the place of what was indexed. A document without a row is left out,
// told and repaired; while the database cannot be read, all stay as they were indexed.
func (s *server) refresh(ctx context.Context, v view, request query.Request, r *result) error {
	if len(r.documents) == 0 {
		return nil
	}
	ids := make([]string, len(r.documents))
	for i, d := range r.documents {
		ids[i] = d.ID
	}
	limited, cancel := s.rowsContext(ctx)
	defer cancel()
	rows, err := s.tables[v.Name].Find(limited, ids)
	if err != nil && v.Rows.Fallback == "none" {
		return err
	}
	if err != nil {
		s.log.WarnContext(ctx, "rows not read", "collection", v.Name, "error", err)
		for i := range r.documents {
			r.documents[i].stale = true
		}
		r.completeness.because("the database could not be read: documents are as they were indexed")
		return nil
	}
	if len(rows) > 0 {
		s.matched.Store(v.Name, true)
	}
	seen, repairs, err := r.take(v, request, rows)
	if err == nil && len(repairs) > 0 {
		seen.Repairs = s.repair(ctx, v, repairs)
		r.completeness.drifted(seen)
	}
	return err
}

// take makes documents of their rows, and tells which of them have drifted.
func (r *result) take(v view, request query.Request, rows map[string]dbrow.Found) (seen drift, repairs []repair, err error) {
	seen = drift{Missing: []string{}, Outdated: []string{}}
	unfit, foreign := 0, 0
	for i := range r.documents {
		d := &r.documents[i]
		one, ok := rows[d.ID]
		switch {
		case !ok:
			d.gone = true
			seen.Missing = append(seen.Missing, d.ID)
			repairs = append(repairs, repair{hit: *d})
			continue
		case one.Document == nil:
			d.stale = true
			unfit++
			continue
		case !request.Shows(one.Document):
			d.gone = true
			foreign++
			continue
		case v.Version != nil && one.Version > d.Version:
			seen.Outdated = append(seen.Outdated, d.ID)
			repairs = append(repairs, repair{hit: *d, row: one.Columns})
			d.Highlight = nil // of what it was
		}
		if err := d.take(one.Document, request); err != nil {
			return seen, nil, err
		}
	}
	r.completeness.unfit(unfit)
	if foreign > 0 {
		r.completeness.because(fmt.Sprintf("%d documents are left out: their rows have changed since they were indexed", foreign))
	}
	return seen, repairs, nil
}

// fresh is the one document as its row is now.
func (s *server) fresh(ctx context.Context, v view, request query.Request, d hit) (hit, error) {
	r := result{documents: []hit{d}}
	if err := s.refresh(ctx, v, request, &r); err != nil {
		return hit{}, err
	}
	if d = r.documents[0]; d.gone {
		return hit{}, noDocument(v, d.ID)
	}
	return d, nil
}

// drift is how an answer's documents differ from their rows.
type drift struct {
	Missing  []string `json:"missing"`  // ids found in the index, without a row
	Outdated []string `json:"outdated"` // ids whose indexed version is older than the row's
	Repairs  int      `json:"repairs"`  // change messages that were sent to put that right
}

func (c *completeness) because(reason string) {
	c.Reasons = append(c.Reasons, reason)
	c.Complete, c.TotalIsExact = false, false
}

func (c *completeness) unfit(n int) {
	if n > 0 {
		c.because(fmt.Sprintf("%d rows cannot be documents of this collection: ingest dead-letters them, with the cause", n))
	}
}

// drifted tells of documents that are not shown. One that is merely newer than what was
// searched is shown as it is.
func (c *completeness) drifted(d drift) {
	c.Drift = &d
	if n := len(d.Missing); n > 0 {
		c.because(fmt.Sprintf("%d documents were found in the index and have no row: they are left out", n))
	}
}
