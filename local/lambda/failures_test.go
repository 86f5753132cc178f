package lambda

import (
	"slices"
	"testing"
)

// answers is the contract of ReportBatchItemFailures, for a batch that holds <id>.
var answers = []struct {
	name, answer string
	failed       bool
	err          bool
}{
	{"no answer is full success", ``, false, false},
	{"null is full success", `null`, false, false},
	{"empty object is full success", `{}`, false, false},
	{"null list is full success", `{"batchItemFailures":null}`, false, false},
	{"empty list is full success", `{"batchItemFailures":[]}`, false, false},
	{"missing key is full success", `{"something":"else"}`, false, false},
	{"key in another case is a missing key", `{"BatchItemFailures":[{"itemIdentifier":"<id>"}]}`, false, false},
	{"known id is a partial failure", `{"batchItemFailures":[{"itemIdentifier":"<id>"}]}`, true, false},
	{"the same id twice is one", `{"batchItemFailures":[{"itemIdentifier":"<id>"},{"itemIdentifier":"<id>"}]}`, true, false},
	{"unknown id is complete failure", `{"batchItemFailures":[{"itemIdentifier":"<id>"},{"itemIdentifier":"nobody"}]}`, false, true},
	{"empty id is complete failure", `{"batchItemFailures":[{"itemIdentifier":""}]}`, false, true},
	{"null id is complete failure", `{"batchItemFailures":[{"itemIdentifier":null}]}`, false, true},
	{"number as id is complete failure", `{"batchItemFailures":[{"itemIdentifier":7}]}`, false, true},
	{"wrong key is complete failure", `{"batchItemFailures":[{"messageId":"<id>"}]}`, false, true},
	{"id's key in another case is a wrong key", `{"batchItemFailures":[{"ItemIdentifier":"<id>"}]}`, false, true},
	{"string as item is complete failure", `{"batchItemFailures":["<id>"]}`, false, true},
	{"null as item is complete failure", `{"batchItemFailures":[null]}`, false, true},
	{"object as list is complete failure", `{"batchItemFailures":{"itemIdentifier":"<id>"}}`, false, true},
	{"invalid JSON is complete failure", `{"batchItemFailures":[`, false, true},
	{"text is complete failure", `ok`, false, true},
	{"JSON string is complete failure", `"ok"`, false, true},
}

func TestBatchItemFailuresAreReadAsAWSReadsThem(t *testing.T) {
	for _, c := range answers {
		t.Run(c.name, func(t *testing.T) {
			ids, err := itemFailures([]byte(c.answer), []string{"other", "<id>"})
			if c.err != (err != nil) || c.failed != slices.Contains(ids, "<id>") {
				t.Errorf("ids %q, error %v", ids, err)
			}
		})
	}
}

func TestLowestReportedSequenceNumberCountsWhateverItsPlaceInTheAnswer(t *testing.T) {
	long := "4959033827149025660855969253836157109592157598913658"
	ids := []string{long + "8", long + "9", long + "10", long + "11"}
	for _, c := range []struct {
		reported []string
		want     int
	}{
		{nil, 4},
		{[]string{ids[0]}, 0},
		{[]string{ids[3], ids[1], ids[2]}, 1},
		{[]string{ids[2], ids[3]}, 2},
		{[]string{ids[3]}, 3},
	} {
		if got := lowest(ids, c.reported); got != c.want {
			t.Errorf("reported %q: again from %d on, want %d", c.reported, got, c.want)
		}
	}
}
