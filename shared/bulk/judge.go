package bulk

import "errors"

// judge settles what a reply answers, and says what it tells of OpenSearch's load.
func (r *run) judge(chunk []int, reply []byte) load {
	ids := make([]string, len(chunk))
	for n, i := range chunk {
		ids[n] = r.items[i].ID
	}
	answers, err := readReply(reply, ids...)
	if err == nil {
		err = r.match(chunk, answers)
	}
	told, throttled := silent, 0
	if err == nil {
		told = r.config.loadOf(reply)
	}
	for n, i := range chunk {
		verdict := Verdict{Outcome: Retry, Type: "bad_reply"}
		if err == nil {
			verdict = classify(&r.items[i], answers[n])
		} else {
			verdict.Reason = err.Error()
		}
		if verdict.throttled() {
			throttled++
		}
		r.settle(i, verdict)
	}
	switch {
	case throttled >= few && throttled == len(chunk):
		told = refused
	case throttled >= few && throttled*8 >= len(chunk):
		told = refusedMany
	case throttled > 0:
		told = refusedSome
	}
	return told
}

var errShort = errors.New("bulk reply: it does not answer the items that were sent")

// match requires an answer for each item, and each to be that item's.
func (r *run) match(chunk []int, answers []answer) error {
	var guards guards
	for n, i := range chunk {
		item := &r.items[i]
		guards.add(item)
		if n >= len(answers) || answers[n].Op != item.action() || answers[n].ID != item.ID {
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
	soon := verdict.soon() && (!verdict.Unknown() || !item.Target.Rolls())
	r.order.failed(item, soon)
	if soon {
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
