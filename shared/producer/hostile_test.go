package producer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/fault"
)

// fifo is a FIFO queue: what it has had within five minutes it takes and does not deliver.
type fifo struct {
	mu     sync.Mutex
	groups []string
	ids    map[string]bool
	bodies []string
}

func (f *fifo) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		f.groups = append(f.groups, *e.MessageGroupId)
		if !f.ids[*e.MessageDeduplicationId] {
			f.bodies = append(f.bodies, *e.MessageBody)
		}
		if f.ids == nil {
			f.ids = map[string]bool{}
		}
		f.ids[*e.MessageDeduplicationId] = true
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

func TestAFIFOQueueTakesEveryKey(t *testing.T) {
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
	valid := regexp.MustCompile(`^[a-zA-Z0-9!"#$%&'()*+,\-./:;<=>?@\[\\\]^_` + "`" + `{|}~]{1,128}$`)
	api := &fifo{}
	var all []Message
	for _, key := range []string{"", "plain-1", "two words", "é", strings.Repeat("x", 128), strings.Repeat("x", 129), "\xff", "tab\t", "two words"} {
		all = append(all, Message{Body: []byte(fmt.Sprint(len(all))), Key: key})
	}
	for i, err := range NewQueue(api, "q.fifo", Config{Concurrency: 1}).Send(t.Context(), all) {
		if err != nil {
			t.Errorf("%q: %v", all[i].Key, err)
		}
	}
	groups := map[string]bool{}
	for _, g := range api.groups {
		groups[g] = true
		if !valid.MatchString(g) {
			t.Errorf("SQS refuses the group %q", g)
		}
	}
	if !groups["plain-1"] || !groups[strings.Repeat("x", 128)] || len(groups) != 8 {
		t.Errorf("%d groups of 8 keys: %v", len(groups), groups)
	}
}

// A document that goes on, off and on again within five minutes is on.
func TestAFIFOQueueDeliversAStateThatComesBack(t *testing.T) {
	api := &fifo{}
	p := NewQueue(api, "q.fifo", Config{})
	on, off := Message{Body: []byte("on"), ID: "lamp"}, Message{Body: []byte("off"), ID: "lamp"}
	p.Send(t.Context(), []Message{on, off, on})
	p.Send(t.Context(), []Message{off})
	p.Send(t.Context(), []Message{on})
	if got := fmt.Sprint(api.bodies); got != "[on off on off on]" {
		t.Error(got)
	}
}

// nonsense answers as no service does; it says for certain only what it took.
type nonsense struct {
	mu    sync.Mutex
	rand  *rand.Rand
	taken map[string]int // the call in which each was said to be taken, and not to have failed
	calls int
}

func (n *nonsense) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	out := &sqs.SendMessageBatchOutput{}
	for range n.rand.IntN(4) {
		id := []*string{nil, aws.String(""), aws.String("-1"), aws.String("99"), aws.String("x"), aws.String("007")}[n.rand.IntN(6)]
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: id})
		out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: id})
	}
	for _, e := range in.Entries {
		took, failed := n.rand.IntN(3), n.rand.IntN(3)/2
		for range took {
			out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
		}
		for range failed {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, SenderFault: n.rand.IntN(8) == 0})
		}
		if took > 0 && failed == 0 {
			n.taken[*e.MessageBody] = n.calls
		}
	}
	return out, nil
}

func TestNoAnswerHoweverOddMakesAMessageForgotten(t *testing.T) {
	synctest.Test(t, noAnswerForgets) // no pause takes time
}

func noAnswerForgets(t *testing.T) {
	for seed := range uint64(50) {
		api := &nonsense{rand: rand.New(rand.NewPCG(seed, 0)), taken: map[string]int{}} //nolint:gosec // a test's
		var all []Message
		for i := range 60 {
			all = append(all, Message{Body: []byte(fmt.Sprint(i)), Key: []string{"", "a", "b", "c"}[i%4]})
		}
		fates := NewQueue(api, "q", Config{Tries: 3}).Send(t.Context(), all)
		last := map[string]int{}
		for i, err := range fates {
			call, taken := api.taken[string(all[i].Body)]
			if (err == nil) != taken {
				t.Errorf("seed %d, %d: taken %t, told %v", seed, i, taken, err)
			}
			if key := all[i].Key; key != "" && taken {
				if call <= last[key] {
					t.Errorf("seed %d: %d overtook another one of %s", seed, i, key)
				}
				last[key] = call
			}
			if err != nil && fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.Unavailable {
				t.Errorf("seed %d, %d: %v", seed, i, err)
			}
		}
	}
}

func TestEachMessageOfAWriterThatIsClosedAmidPutsIsTakenOrTold(t *testing.T) {
	for round := range 30 {
		api := &script{code: func(call int, _ string) (string, bool) {
			return []string{"", "silence", "InternalError"}[call%3], call%2 == 0
		}}
		var mu sync.Mutex
		fate := map[string]int{}
		w := NewWriter(NewQueue(api, "q", Config{Tries: 2}), WriterConfig{Buffer: 8, Linger: 1, Lost: func(m Message, _ error) {
			mu.Lock()
			defer mu.Unlock()
			fate[string(m.Body)]--
		}})
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				for j := range 10 {
					body := fmt.Sprint(i, "-", j)
					if w.Put(t.Context(), Message{Body: []byte(body), Key: fmt.Sprint(i % 3)}) == nil {
						mu.Lock()
						fate[body]++
						mu.Unlock()
					}
				}
			})
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(round)*time.Millisecond)
		_ = w.Close(ctx)
		cancel()
		all.Wait()
		for _, body := range api.taken {
			fate[body]--
		}
		for body, n := range fate {
			if n != 0 {
				t.Errorf("round %d: %s: put and not told %d times", round, body, n)
			}
		}
	}
}
