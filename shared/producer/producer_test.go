package producer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/sluice-dev/sluice/shared/fault"
)

// script is SQS as a test wants it: code says what it has against a message's body.
type script struct {
	mu    sync.Mutex
	calls int
	taken []string
	code  func(call int, body string) (code string, senderFault bool)
	whole func(call int, in *sqs.SendMessageBatchInput) error
}

func (s *script) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.whole != nil {
		if err := s.whole(s.calls, in); err != nil {
			return nil, err
		}
	}
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		if s.code != nil {
			switch code, sender := s.code(s.calls, *e.MessageBody); code {
			case "":
			case "silence":
				continue
			default:
				out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: &code, SenderFault: sender})
				continue
			}
		}
		s.taken = append(s.taken, *e.MessageBody)
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

func numbered(n, size int) (all []Message) {
	for i := range n {
		all = append(all, Message{Body: []byte(fmt.Sprint(i, strings.Repeat(" ", size)))})
	}
	return all
}

func TestBatchesHoldTenMessagesAndOneMebibyte(t *testing.T) {
	for _, c := range []struct{ n, size, calls int }{{25, 10, 3}, {4, 400_000, 2}, {3, 1_048_500, 3}, {0, 0, 0}} {
		api := &script{whole: func(_ int, in *sqs.SendMessageBatchInput) error {
			size := 0
			for _, e := range in.Entries {
				size += len(*e.MessageBody)
			}
			if len(in.Entries) > 10 || size > 1<<20 {
				t.Errorf("%d messages, %d bytes", len(in.Entries), size)
			}
			return nil
		}}
		fates := NewQueue(api, "q", Config{}).Send(t.Context(), numbered(c.n, c.size))
		if err := errors.Join(fates...); err != nil || api.calls != c.calls || len(api.taken) != c.n {
			t.Errorf("%d of %d bytes: %v, %d calls, %d taken", c.n, c.size, err, api.calls, len(api.taken))
		}
	}
}

func TestOnlyWhatWasNotTakenIsSentAgain(t *testing.T) {
	tried := map[string]int{}
	api := &script{code: func(_ int, body string) (string, bool) {
		tried[body]++
		switch {
		case body == "busy" && tried[body] < 3:
			return "InternalError", false
		case body == "unsaid" && tried[body] == 1:
			return "silence", false
		case body == "never":
			return "InternalError", false
		case body == "wrong":
			return "InvalidMessageContents", true
		}
		return "", false
	}}
	var all []Message
	for _, body := range []string{"fine", "busy", "unsaid", "wrong", "never"} {
		all = append(all, Message{Body: []byte(body)})
	}
	fates := NewQueue(api, "q", Config{Tries: 4}).Send(t.Context(), all)
	if fates[0] != nil || fates[1] != nil || fates[2] != nil || fault.KindOf(fates[3]) != fault.Invalid || fault.KindOf(fates[4]) != fault.Unavailable {
		t.Error(fates)
	}
	for body, want := range map[string]int{"fine": 1, "busy": 3, "unsaid": 2, "wrong": 1, "never": 4} {
		if tried[body] != want {
			t.Errorf("%s was tried %d times, want %d", body, tried[body], want)
		}
	}
}

func TestMessagesOfOneKeyKeepTheirOrder(t *testing.T) {
	failed := map[string]bool{}
	api := &script{code: func(_ int, body string) (string, bool) {
		if !failed[body] { // each fails once
			failed[body] = true
			return "InternalError", false
		}
		return "", false
	}}
	var all []Message
	for i := range 12 {
		all = append(all, Message{Body: []byte{'a' + byte(i)}, Key: []string{"x", "y", "z"}[i%3]})
	}
	if err := errors.Join(NewQueue(api, "q.fifo", Config{}).Send(t.Context(), all)...); err != nil {
		t.Fatal(err)
	}
	for key := range 3 {
		var of []string
		for _, body := range api.taken {
			if int(body[0]-'a')%3 == key {
				of = append(of, body)
			}
		}
		if !slices.IsSorted(of) || len(of) != 4 {
			t.Errorf("key %d: %v", key, of)
		}
	}
}

func TestNothingOvertakesAMessageOfItsKeyThatWasGivenUp(t *testing.T) {
	api := &script{code: func(_ int, body string) (string, bool) {
		switch body {
		case "bad":
			return "InvalidMessageContents", true
		case "stuck":
			return "InternalError", false
		}
		return "", false
	}}
	fates := NewQueue(api, "q", Config{Tries: 2}).Send(t.Context(), []Message{
		{Body: []byte("bad"), ID: "1"}, {Body: []byte("stuck"), ID: "1"}, {Body: []byte("after"), ID: "1"}, {Body: []byte("other"), ID: "2"},
	})
	if fault.KindOf(fates[0]) != fault.Invalid || fault.KindOf(fates[1]) != fault.Unavailable || fates[2] == nil || fates[3] != nil {
		t.Error(fates)
	}
	if !slices.Equal(api.taken, []string{"other"}) {
		t.Error(api.taken)
	}
}

func TestWhatAQueueRefusesIsPackedAsIngestUnpacksIt(t *testing.T) {
	api := &script{}
	fates := NewQueue(api, "q", Config{}).Send(t.Context(), []Message{
		{Body: []byte("a\x01b")}, {Body: []byte("a\xffb")}, {Body: []byte(strings.Repeat("x", 3<<20))}, {Body: []byte("é\t\n\uFFFD")}, {},
	})
	if err := errors.Join(fates[:4]...); err != nil || fault.KindOf(fates[4]) != fault.Invalid {
		t.Fatal(fates)
	}
	slices.SortFunc(api.taken, func(a, b string) int { return len(b) - len(a) })
	if got := api.taken[1:]; !slices.Contains(got, "YQFi") || !slices.Contains(got, "Yf9i") || !slices.Contains(got, "é\t\n\uFFFD") {
		t.Errorf("%q", got)
	}
	if !strings.HasPrefix(api.taken[0], "H4sI") || len(api.taken[0]) > 10_000 { // gzip
		t.Errorf("%.20q of %d bytes", api.taken[0], len(api.taken[0]))
	}
}

func TestARequestRefusedWholeBlamesTheOneMessage(t *testing.T) {
	api := &script{whole: func(_ int, in *sqs.SendMessageBatchInput) error {
		for _, e := range in.Entries {
			if *e.MessageBody == "bad" {
				return &smithy.GenericAPIError{Code: "InvalidMessageContents", Fault: smithy.FaultClient}
			}
		}
		return nil
	}}
	fates := NewQueue(api, "q", Config{}).Send(t.Context(), []Message{{Body: []byte("a")}, {Body: []byte("bad")}, {Body: []byte("b")}})
	if fates[0] != nil || fault.KindOf(fates[1]) != fault.Invalid || fates[2] != nil || len(api.taken) != 2 {
		t.Error(fates, api.taken)
	}
}

func TestWhatNoTryMendsIsToldAtOnce(t *testing.T) {
	for code, kind := range map[string]fault.Kind{
		"AccessDenied": fault.Forbidden, "AWS.SimpleQueueService.NonExistentQueue": fault.NotFound, "QueueDoesNotExist": fault.NotFound,
	} {
		api := &script{whole: func(int, *sqs.SendMessageBatchInput) error {
			return &smithy.GenericAPIError{Code: code, Fault: smithy.FaultClient}
		}}
		if fates := NewQueue(api, "q", Config{}).Send(t.Context(), numbered(1, 0)); fault.KindOf(fates[0]) != kind || api.calls != 1 {
			t.Errorf("%s: %v after %d calls", code, fates, api.calls)
		}
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	api := &script{whole: func(int, *sqs.SendMessageBatchInput) error { return errors.New("refused") }}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for i, err := range NewQueue(api, "q", Config{Tries: 1000}).Send(ctx, []Message{{Body: []byte("a"), ID: "1"}, {Body: []byte("b"), ID: "1"}}) {
		if !fault.KindOf(err).Temporary() {
			t.Errorf("%d: %v", i, err)
		}
	}
}

type streamScript struct {
	full  int // records of the first call that the shard has no room for
	calls int
	keys  []string
}

func (s *streamScript) PutRecords(_ context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	s.calls++
	out := &kinesis.PutRecordsOutput{}
	for i, r := range in.Records {
		if s.calls == 1 && i < s.full {
			out.Records = append(out.Records, kinesistypes.PutRecordsResultEntry{ErrorCode: aws.String("ProvisionedThroughputExceededException")})
			continue
		}
		s.keys = append(s.keys, *r.PartitionKey)
		out.Records = append(out.Records, kinesistypes.PutRecordsResultEntry{})
	}
	return out, nil
}

func TestAStreamsRecordsAreSentAgainOneByOne(t *testing.T) {
	api := &streamScript{full: 2}
	fates := NewStream(api, "s", Config{}).Send(t.Context(), []Message{{Body: []byte("a"), Key: "k"}, {Body: []byte("b")}, {Body: []byte("c"), ID: "i"}})
	if err := errors.Join(fates...); err != nil || api.calls != 2 {
		t.Fatal(err, api.calls)
	}
	if len(api.keys) != 3 || !slices.Contains(api.keys, "k") || !slices.Contains(api.keys, "i") || len(api.keys[2]) != 32 {
		t.Error(api.keys)
	}
}
