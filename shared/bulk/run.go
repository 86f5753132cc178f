package bulk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/sluice-dev/sluice/shared/fault"
)

// run is one Write under way.
type run struct {
	config    Config
	transport Transport
	items     []Item
	verdicts  []Verdict
	stats     Stats

	order order
	most  int   // documents in one request: less than configured once the server found it too much
	back  []int // items of a request that was too much, to be sent in smaller ones
	again []int // items of this pass worth sending again
	stop  bool  // nothing more can succeed: send nothing more
	body  []byte
	ready bool // body holds the chunk that fill has just cut
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
	chunk = make([]int, 0, min(r.most, len(pending)))
	for n, i := range pending {
		item := &r.items[i]
		if soon, held := r.order.held(item); held {
			r.hold(i, soon)
			continue
		}
		before, extra := len(r.body), guards.size
		r.body = AppendItem(r.body, item)
		guards.add(item)
		size := len(r.body) - before + guards.size - extra
		if size > r.config.MaxBytes {
			r.body = r.body[:before]
			r.verdicts[i] = rejected("document_too_large",
				fmt.Sprintf("document of %d bytes is over the limit of a bulk request, %d", len(item.Body), r.config.MaxBytes))
			continue
		}
		if len(chunk) == r.most || before+extra+size > r.config.MaxBytes {
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
	body := r.encode(chunk)
	r.stats = r.stats.Add(Stats{Requests: 1, Bytes: len(body), Items: len(chunk)})
	status, reply, err := r.transport.Bulk(ctx, body)
	if err != nil || status != http.StatusOK {
		r.body = nil // the connection may still be reading the old one
	}
	switch {
	case err != nil:
		r.fail(chunk, Verdict{Type: fault.KindOf(err).String(), Reason: fault.Message(err)})
	case status == http.StatusOK:
		r.judge(chunk, reply)
	case status == http.StatusRequestEntityTooLarge:
		r.halve(ctx, chunk, Verdict{Outcome: Rejected, Status: status, Type: "too_large", Reason: "the server refuses a request of this size (413)"})
	case status == http.StatusTooManyRequests && len(chunk) > 1:
		r.narrow(chunk)
	default:
		r.refused(ctx, chunk, status, reply)
	}
}

// narrow takes a request back to send it in halves: a server short of memory for one
// may have it for another (indexing pressure). One that refuses all sees as few
// requests as a number can be halved, each after the client's own waits.
func (r *run) narrow(chunk []int) {
	r.most = len(chunk) / 2
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
			r.body = AppendItem(r.body, &r.items[i])
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

func (r *run) judge(chunk []int, reply []byte) {
	ids := make([]string, len(chunk))
	for n, i := range chunk {
		ids[n] = r.items[i].ID
	}
	answers, err := Answers(reply, ids...)
	if err == nil {
		err = r.match(chunk, answers)
	}
	for n, i := range chunk {
		verdict := Verdict{Outcome: Retry, Type: "bad_reply"}
		if err == nil {
			verdict = Classify(&r.items[i], answers[n])
		} else {
			verdict.Reason = err.Error()
		}
		r.settle(i, verdict)
	}
}

var errShort = errors.New("bulk reply: it does not answer the items that were sent")

// match requires an answer for each item, and each to be that item's.
func (r *run) match(chunk []int, answers []Answer) error {
	var guards guards
	for n, i := range chunk {
		item := &r.items[i]
		guards.add(item)
		if n >= len(answers) || answers[n].Op != item.Op.String() || answers[n].ID != item.ID {
			return errShort
		}
	}
	if len(answers) != len(chunk)+guards.count() {
		return errShort
	}
	return nil
}

func (r *run) settle(i int, verdict Verdict) {
	item := &r.items[i]
	if soon, held := r.order.held(item); held {
		r.hold(i, soon)
		return
	}
	r.verdicts[i] = verdict
	if verdict.Outcome != Retry {
		return
	}
	r.order.failed(item, verdict.soon())
	if verdict.soon() {
		r.again = append(r.again, i)
	}
}

// hold keeps an item back behind an earlier change to the same document.
func (r *run) hold(i int, soon bool) {
	r.verdicts[i] = Verdict{Outcome: Retry, Type: heldBack, Reason: "an earlier change to the same document is not stored yet"}
	if soon {
		r.again = append(r.again, i)
	}
}
