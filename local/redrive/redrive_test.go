package redrive

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/deadletter"
	"github.com/sluice-dev/sluice/shared/message"
)

func attributes(pairs ...string) map[string]types.MessageAttributeValue {
	all := map[string]types.MessageAttributeValue{}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(pairs[i+1])}
	}
	return all
}

func letter(system map[string]string, pairs ...string) Letter {
	return read(types.Message{MessageId: aws.String("id-1"), Body: aws.String("body"), Attributes: system, MessageAttributes: attributes(pairs...)})
}

func TestCausesAreGroupedWithoutWhatDiffersBetweenRecords(t *testing.T) {
	for cause, want := range map[string]string{
		`document 7: field "n" is too large (and 3 more)`: `field "n" is too large`,
		"line 12, byte 345": "line #, byte #",
		"the event time 2099-01-01T00:00:00Z is more than 1h0m0s ahead": "the event time #-#-#T#:#:#Z is more than #h#m#s ahead",
	} {
		if got := normalised(cause); got != want {
			t.Errorf("%s: %s", cause, got)
		}
	}
}

func TestGroupsStayBounded(t *testing.T) {
	g := groups{}
	for i := range 3 * maxGroups {
		g.add(letter(nil, "type", "t", "cause", strings.Repeat("x", i), "sluice", `{"attempts":1}`), false)
	}
	if len(g) > maxGroups+1 {
		t.Errorf("%d groups", len(g))
	}
	one := g.sorted()[0]
	for i := range 100 {
		one.because("t", strings.Repeat("y", i))
	}
	if len(one.Why) > maxReasons+1 || one.Example.Message.Body != nil || one.Example.Message.MessageAttributes != nil {
		t.Errorf("%d reasons, %+v", len(one.Why), one.Example.Message)
	}
}

func TestLettersOfAllKindsAreRead(t *testing.T) {
	const source = "arn:aws:sqs:us-east-1:000000000000:q"
	sent := map[string]string{"SentTimestamp": "1779008703310"}
	moved := map[string]string{"SentTimestamp": "1779008703310", "DeadLetterQueueSourceArn": source, "MessageGroupId": "g"}
	type seen struct {
		Type, Collection, ID, Source string
		Attempts                     int
		Ours                         bool
	}
	for name, c := range map[string]struct {
		letter Letter
		want   seen
	}{
		"of ingest":                  {letter(sent, "type", "t", "collection", "logs", "id", "a", "sluice", `{"source":"`+source+`","attempts":2}`), seen{"t", "logs", "a", source, 2, true}},
		"of before there were notes": {letter(sent, "type", "t", "collection", "logs", "id", "a", "arrived", "1", "source", source), seen{"t", "logs", "a", source, 1, true}},
		"moved by SQS":               {letter(moved, "collection", "logs", "type", "theirs"), seen{givenUp, "logs", "id-1", source, 1, false}},
	} {
		l := c.letter
		if diff := cmp.Diff(c.want, seen{l.Type, l.Collection, l.ID, l.Note.Source, l.Note.Attempts, l.ours}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatSQSMovedIsSentWithANoteOfItsId(t *testing.T) {
	l := letter(map[string]string{"SentTimestamp": "1779008703310", "DeadLetterQueueSourceArn": "arn:q"}, "own", "1", "encoding", "base64")
	e, err := Move{To: "http://localhost/q"}.entry(l)
	if err != nil {
		t.Fatal(err)
	}
	note, ok := deadletter.Parse(*e.MessageAttributes["sluice"].StringValue)
	want := deadletter.Note{Source: "arn:q", Position: "id-1", Arrived: 1779008703310, Attempts: 1, Encoding: message.Base64}
	if diff := cmp.Diff(want, note); diff != "" || !ok || len(e.MessageAttributes) != 3 {
		t.Error(diff, e.MessageAttributes)
	}
	var ten []string
	for i := range 10 {
		ten = append(ten, fmt.Sprint("own", i), "x")
	}
	if _, err := (Move{}).entry(letter(nil, ten...)); err == nil {
		t.Error("it would be another document, and is sent")
	}
}

func TestFilterTakesWhatItNames(t *testing.T) {
	at := time.UnixMilli(1779008703310)
	l := letter(nil, "type", "time_missing", "collection", "logs", "sluice", `{"attempts":1,"arrived":1779008703310}`)
	for want, filters := range map[bool][]Filter{
		true:  {{}, {Type: "Time_Missing"}, {Collection: "logs", Before: at.Add(time.Second)}},
		false: {{Type: "time"}, {Collection: "log"}, {Before: at}},
	} {
		for _, f := range filters {
			if f.takes(l) != want {
				t.Errorf("%+v takes it: %v", f, !want)
			}
		}
	}
}

func TestLettersThatDiedAgainAreNotMovedAgain(t *testing.T) {
	a := again{began: time.UnixMilli(1_000_000), moved: map[string]bool{}}
	at := func(offset time.Duration) Letter {
		return letter(map[string]string{"SentTimestamp": fmt.Sprint(a.began.Add(offset).UnixMilli())}, "type", "t", "id", "x", "sluice", `{"attempts":1}`)
	}
	if a.died(at(-time.Hour)) || a.died(at(time.Second)) || !a.died(at(time.Minute)) {
		t.Error("what was there before is moved, what came long after is not")
	}
	a.note([]Letter{at(-time.Hour)}, time.Now())
	if !a.died(at(time.Second)) || a.died(at(-time.Hour)) {
		t.Error("within the clock's doubt, what was moved is not moved again")
	}
}

func TestBatchesStayBelowTheQueuesLimit(t *testing.T) {
	entry := func(n int) types.SendMessageBatchRequestEntry {
		return types.SendMessageBatchRequestEntry{MessageBody: aws.String(strings.Repeat("x", n)), MessageAttributes: attributes("a", "b")}
	}
	if n := fits([]types.SendMessageBatchRequestEntry{entry(600_000), entry(400_000), entry(100_000)}); n != 2 {
		t.Error(n)
	}
	if n := fits([]types.SendMessageBatchRequestEntry{entry(maxBatch)}); n != 1 {
		t.Error(n)
	}
}
