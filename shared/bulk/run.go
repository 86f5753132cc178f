package bulk

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/sluice-dev/sluice/shared/fault"
)

// run is one Write under way.
type run struct {
	config    Config
	transport Transport
	pressure  *pressure
	items     []Item
	verdicts  []Verdict
	stats     Stats

	order    order
	most     int   // documents in one request: fewer than the window's once it is at its floor
	refusals int   // requests refused in a row
	back     []int // items of a request that was too much, to be sent in smaller ones
	again    []int // items of this pass worth sending again
	stop     bool  // nothing more can succeed: send nothing more
	body     []byte
	ready    bool // body holds the chunk that fill has just cut
}

// pass sends pending once and returns the items worth sending again, in order.
func (r *run) pass(ctx context.Context, pending []int) []int {
	r.again, r.order = r.again[:0], order{}
	for len(pending) > 0 && !r.stop && ctx.Err() == nil {
		var chunk []int
		chunk, pending = r.fill(pending)
		r.send(ctx, chunk)
		pending, r.back = append(r.back, pending...), nil
	}
	if r.stop || ctx.Err() != nil {
		return nil
	}
	slices.Sort(r.again)
	return r.again
}

// fill encodes as many items as one request may hold, and returns them and the rest.
func (r *run) fill(pending []int) (chunk, rest []int) {
	var guards guards
	r.body, r.ready = r.body[:0], true
	bytes, docs := r.pressure.now().within(r.config)
	docs = min(docs, r.most)
	chunk = make([]int, 0, min(docs, len(pending)))
	for n, i := range pending {
		item := &r.items[i]
		if soon, held := r.order.held(item); held {
			r.hold(i, soon)
			continue
		}
		before, extra := len(r.body), guards.size
		r.body = appendItem(r.body, item)
		guards.add(item)
		size := len(r.body) - before + guards.size - extra
		if size > r.config.MaxBytes {
			r.body = r.body[:before]
			r.verdicts[i] = rejected("document_too_large",
				fmt.Sprintf("document of %d bytes is over the limit of a bulk request, %d", len(item.Body), r.config.MaxBytes))
			continue
		}
		if len(chunk) == docs || len(chunk) > 0 && before+extra+size > bytes {
			r.body = r.body[:before]
			return chunk, pending[n:]
		}
		chunk = append(chunk, i)
	}
	return chunk, nil
}

// send sends chunk in one request and judges the reply; what is too large, or holds
// an item that fails the whole, is halved until it is one item.
func (r *run) send(ctx context.Context, chunk []int) {
	if len(chunk) == 0 || r.stop {
		return
	}
	if ctx.Err() != nil {
		r.stop = true
		return
	}
	if len(r.back) > 0 { // nothing overtakes what has to go again
		r.back = append(r.back, chunk...)
		return
	}
	done, ok := r.pressure.begin(ctx)
	if !ok {
		r.stop = true
		return
	}
	body := r.encode(chunk)
	r.stats = r.stats.Add(Stats{Requests: 1, Bytes: len(body), Items: len(chunk)})
	patient := r.config.patient(ctx)
	status, reply, err := r.transport.Bulk(ctx, body)
	if err != nil || status != http.StatusOK {
		r.body = nil // the connection may still be reading the old one
	}
	load := loadOf(status, err, patient)
	if status == http.StatusOK && err == nil {
		load = r.judge(chunk, reply)
	}
	r.learn(load, r.config.share(len(body), len(chunk)))
	done()
	switch {
	case err == nil && status == http.StatusOK:
	case load == refused && r.refusals < tries && r.rest(ctx, fault.RetryAfter(err)):
		r.narrow(chunk)
	case err != nil:
		r.fail(chunk, Verdict{Type: fault.KindOf(err).String(), Reason: fault.Message(err)})
	case status == http.StatusRequestEntityTooLarge:
		r.halve(ctx, chunk, Verdict{Outcome: Rejected, Status: status, Type: "too_large", Reason: "the server refuses a request of this size (413)"})
	default:
		r.refused(ctx, chunk, status, reply)
	}
}

// narrow takes a request back to send it in the smaller ones that the window allows: a
// server short of memory for one may have it for another (indexing pressure).
func (r *run) narrow(chunk []int) {
	if r.pressure.now().size == least {
		r.most = max(1, len(chunk)/2)
	}
	r.back = append(r.back, chunk...)
}

func (r *run) encode(chunk []int) []byte {
	var guards guards
	ready := r.ready
	if r.ready = false; !ready {
		r.body = r.body[:0]
	}
	for _, i := range chunk {
		if !ready {
			r.body = appendItem(r.body, &r.items[i])
		}
		guards.add(&r.items[i])
	}
	r.body = guards.append(r.body)
	return r.body
}

// refused judges a request that failed whole: a 400 of OpenSearch's own has one item
// to blame; anything else, none.
func (r *run) refused(ctx context.Context, chunk []int, status int, reply []byte) {
	answer, ours := requestError(status, reply)
	if answer.Type == "" {
		answer.Type, answer.Reason = fmt.Sprintf("http_%d", status), "the request failed as a whole"
	}
	verdict := Verdict{Outcome: Retry, Status: status, Type: answer.Type, Reason: answer.Reason}
	if status == http.StatusBadRequest && ours && !environmental(answer) {
		verdict.Outcome = Rejected
		r.halve(ctx, chunk, verdict)
		return
	}
	r.fail(chunk, verdict)
}

func (r *run) halve(ctx context.Context, chunk []int, last Verdict) {
	if len(chunk) == 1 {
		r.verdicts[chunk[0]] = last
		return
	}
	half := len(chunk) / 2
	r.send(ctx, chunk[:half])
	r.send(ctx, r.free(chunk[half:]))
}

// free leaves out, and holds, what waits behind an earlier change.
func (r *run) free(chunk []int) []int {
	free := make([]int, 0, len(chunk))
	for _, i := range chunk {
		if soon, held := r.order.held(&r.items[i]); held {
			r.hold(i, soon)
			continue
		}
		free = append(free, i)
	}
	return free
}

// fail gives up on the pass: the client has tried what a retry can mend.
func (r *run) fail(chunk []int, verdict Verdict) {
	verdict.Outcome = Retry
	for _, i := range chunk {
		r.verdicts[i] = verdict
	}
	r.stop = true
}
