package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/fault"
)

// archive has a document of size bytes under each id, and answers at most limit bytes.
type archive struct {
	size, limit int
	asked       []int
}

func (a *archive) Documents(_ context.Context, _ string, ids []string) ([]stored, error) {
	a.asked = append(a.asked, len(ids))
	if len(ids)*a.size > a.limit {
		return nil, fault.New(fault.TooLarge, "too large")
	}
	all := make([]stored, len(ids))
	for i := range all {
		all[i] = stored{version: 1, source: fmt.Appendf(nil, `{"big":"%s"}`, bytes.Repeat([]byte("x"), a.size-10))}
	}
	return all, nil
}

func withoutBig(id, lsn int) string {
	return fmt.Sprintf(`orders→{"before":null,"after":{"id":%d,"big":"__debezium_unavailable_value"},"source":{"connector":"postgresql","db":"s","schema":"public","table":"o","lsn":%d},"op":"u"}`, id, lsn)
}

func TestBasesAreAskedForInPortionsByNumberAndSize(t *testing.T) {
	for name, c := range map[string]struct {
		rows, size, limit int
		want              string
		failed            int
	}{
		"small documents":                   {3000, 100, 64 << 20, "[50 100 200 400 800 1000 450]", 0},
		"large ones":                        {300, 100 << 10, 64 << 20, "[50 81 81 81 7]", 0},
		"larger than an answer":             {80, 1 << 20, 16 << 20, "[50 25 12 7 7 7 7 7 7 7 7]", 12},
		"one is as large as an answer":      {3, 9 << 20, 9 << 20, "[3 1 1 1]", 0},
		"larger than any answer, one alone": {1, 65 << 20, 64 << 20, "[1]", 1},
	} {
		h, a := newHarness(t), &archive{size: c.size, limit: c.limit}
		h.use(t, ordersOf(idField))
		h.base = a
		var bodies []string
		for i := range c.rows {
			bodies = append(bodies, withoutBig(i, 9))
		}
		failed := h.failures(t, sqsEvent(queueARN, bodies...))
		if fmt.Sprint(a.asked) != c.want || len(failed) != c.failed {
			t.Errorf("%s: asked %v, want %s; %d failed", name, a.asked, c.want, len(failed))
		}
		for id, body := range h.cluster.Documents("orders") {
			if !strings.Contains(body, `"big":"xxx`) {
				t.Errorf("%s: %s is stored without its value", name, id)
			}
		}
	}
}

// What comes after a row that waits, waits too: it may have the same version.
func TestALaterChangeWaitsBehindARowThatCannotBeCompleted(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(idField))
	h.base = unreadable{}
	whole := strings.Replace(withoutBig(1, 9), "__debezium_unavailable_value", "new", 1)
	if failed := h.failures(t, sqsEvent(queueARN, withoutBig(1, 9), whole, strings.Replace(whole, `"id":1`, `"id":2`, 1))); !slices.Equal(failed, []string{"m0", "m1"}) {
		t.Errorf("failed %v", failed)
	}
	if got := h.cluster.Documents("orders"); len(got) != 1 || got["2"] == "" {
		t.Errorf("stored %v", got)
	}
}

const renaming = `mapping:
- rename: {big: texts.long}
  case: snake
  copy: {plain: big_text}
  type: {big_text: string}
  examples: [{input: {bigText: 1}, want: {big_text: "1", plain: 1}}]
- rename: {plain: plainer}
  examples: [{input: {plain: 1}, want: {plainer: 1}}]
`

func TestAValueThatWasNotSentKeepsItsPlaceUnderTheMappingRules(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(renaming+"fields:\n  id: {type: long}\n  n: {type: long}\n"))
	row := func(n, lsn int, big, bigText string) string {
		return fmt.Sprintf(`orders→{"before":null,"after":{"id":1,"n":%d,"big":%s,"bigText":%s},"source":{"connector":"postgresql","db":"s","schema":"public","table":"o","lsn":%d},"op":"u"}`, n, big, bigText, lsn)
	}
	const away = `"__debezium_unavailable_value"`
	h.settled(t, sqsEvent(queueARN, row(1, 100, `"long"`, "7")))
	h.settled(t, sqsEvent(queueARN, row(2, 200, away, away)))
	h.holds(t, "orders", map[string]string{"1": `{"id":1,"n":2,"big_text":"7","plainer":7,"texts":{"long":"long"}}`})
	h.settled(t, sqsEvent(queueARN, row(3, 300, away, "8"), row(4, 400, away, away), row(5, 500, `"new"`, away)))
	h.holds(t, "orders", map[string]string{"1": `{"id":1,"n":5,"texts":{"long":"new"},"big_text":"8","plainer":8}`})
	if strings.Contains(h.out.String(), `"incomplete"`) || !strings.Contains(h.out.String(), `"merged"`) {
		t.Errorf("%s", h.out.String())
	}
}

func TestAValueThatNoRuleLetsUsFindIsADeadLetterAndNotLost(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf("mapping:\n- flatten: {big: _}\n  examples: [{input: {big: {a: 1}}, want: {big_a: 1}}]\n"+idField))
	h.failures(t, sqsEvent(queueARN, `orders→{"before":null,"after":{"id":1,"big":{"a":1}},"source":{"connector":"postgresql","db":"s","schema":"public","table":"o","lsn":8},"op":"c"}`))
	h.failures(t, sqsEvent(queueARN, withoutBig(1, 9)))
	if got := h.queue.brief("type", "cause"); len(got) != 1 || !strings.Contains(got[0], `column_unavailable | column "big" was not sent`) || !strings.Contains(got[0], "REPLICA IDENTITY FULL") {
		t.Errorf("dead letters %q", got)
	}
	h.holds(t, "orders", map[string]string{"1": `{"id":1,"big_a":1}`})
}

func TestADeletedRowIsNoBase(t *testing.T) {
	all, err := readDocuments([]byte(`{"docs":[{"_id":"1","_version":7,"found":true,"_source":{"_sluice_deleted":"2026-05-17T12:00:00.000Z"}},`+
		`{"_id":"2","_version":8,"found":true,"_source":{"a":{"_sluice_deleted":1}}}]}`), 2)
	if err != nil || all[0].source != nil || all[0].version != 7 || all[1].source == nil || all[1].version == change.NoVersion {
		t.Errorf("%v %v", all, err)
	}
}
