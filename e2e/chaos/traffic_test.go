package chaos

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/local/lambda"
)

// progress is how far the run is.
type progress struct {
	sent    atomic.Int64 // documents
	horizon atomic.Int64 // documents after which the producers dawdle, for a fault that is due
	depth   atomic.Int64 // messages in the queue

	mu      sync.Mutex
	drafts  int          // messages of the deleted collection sent so far
	records map[int]bool // stream records taken in
	buried  [64]int      // poisons sent of each kind
	endings []entityChange
}

// produce sends everything and returns when it is sent.
func (s *stage) produce(ctx context.Context) {
	var all sync.WaitGroup
	for _, name := range []string{"access", "metrics", "trail", "draft"} {
		all.Go(func() { s.produceEvents(ctx, name) })
	}
	all.Go(func() { s.produceChanges(ctx) })
	all.Go(func() { s.produceStream(ctx) })
	all.Go(func() { s.producePoison(ctx) })
	all.Wait()
}

// pace keeps the backlog bounded, and traffic up while a fault is under way: what is
// beyond the next fault is sent slowly, but it is sent.
func (s *stage) pace(ctx context.Context, docs int) {
	for s.depth.Load() > 2000 && ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond)
	}
	if s.sent.Add(int64(docs)) > s.horizon.Load() {
		time.Sleep(time.Duration(docs) * 60 * time.Millisecond)
	}
}

// events is message m of a collection: its documents, one a line.
func (s *stage) events(collection string, m int) (text string, docs int) {
	var b strings.Builder
	last := min((m+1)*perMessage, s.count[collection])
	for n := m * perMessage; n < last; n++ {
		b.WriteString(s.event(collection, n))
		b.WriteByte('\n')
	}
	return b.String(), last - m*perMessage
}

// produceEvents sends messages of several documents: in order, but for some that change
// places, and some twice.
func (s *stage) produceEvents(ctx context.Context, collection string) {
	out := outbox{stage: s}
	messages := (s.count[collection] + perMessage - 1) / perMessage
	for first := 0; first < messages && ctx.Err() == nil; first += 10 {
		for _, i := range s.shuffled(collection, first, min(10, messages-first)) {
			m := first + i
			text, docs := s.events(collection, m)
			if collection == "access" && fat(m) {
				s.inject("request over the node's limit (413)")
			}
			if s.clockWrong(collection, m*perMessage) {
				s.strike("event times hours wrong")
			}
			s.pace(ctx, docs)
			for range s.copies(collection, m) {
				out.add(ctx, collection, collection+"-m"+strconv.Itoa(m), text)
			}
			if collection == "draft" {
				out.flush(ctx)
				s.mu.Lock()
				s.drafts = max(s.drafts, m+1)
				s.mu.Unlock()
			}
		}
		if s.random(collection, "reorder", first)%2 == 0 {
			s.strike("reordered by the producer")
		}
	}
	out.flush(ctx)
}

// shuffled are 0 to n-1, in another order for every second block.
func (s *stage) shuffled(collection string, block, n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if s.random(collection, "reorder", block)%2 == 0 {
		for i := n - 1; i > 0; i-- {
			j := int(s.random(collection, "place", block+i) % uint64(i+1))
			order[i], order[j] = order[j], order[i]
		}
	}
	return order
}

func (s *stage) copies(collection string, message int) int {
	if s.random(collection, "copies", message)%20 == 0 {
		s.strike("sent twice by the producer")
		return 2
	}
	return 1
}

// entityChange names one version of an entity.
type entityChange struct{ n, version int }

// remembered says that a deletion is remembered whatever happens to the cluster. It is
// not: an index whose shard is opened again takes an older change for a new document. So
// deletions are the last to be sent, when all before them are taken in, and none of the
// batches delivered again has changes.
const remembered = false

// produceChanges sends the changes of entities, mixed over forty of them, some twice.
// One in eight first versions comes late, when those of a quarter of all entities were
// sent since.
func (s *stage) produceChanges(ctx context.Context) {
	const block = 40
	out, entities := outbox{stage: s}, s.count["account"]
	var late, last []entityChange
	for first := 0; first < entities && ctx.Err() == nil; first += block {
		var now []entityChange
		for n := first; n < min(first+block, entities); n++ {
			for v := 1; v <= s.versions(n); v++ {
				switch c := (entityChange{n, v}); {
				case !remembered && v == s.versions(n) && s.ends(n):
					last = append(last, c)
				case v == 1 && v < s.versions(n) && s.random("account", "late", n)%8 == 0:
					late = append(late, c)
				default:
					now = append(now, c)
				}
			}
		}
		s.sendChanges(ctx, &out, first, now)
		for len(late) > 0 && late[0].n < first-entities/4 {
			s.strike("an old change comes late")
			s.sendChanges(ctx, &out, 0, late[:1])
			late = late[1:]
		}
	}
	s.sendChanges(ctx, &out, 0, late)
	out.flush(ctx)
	s.endings = last
}

// produceEndings sends the deletions that had to wait.
func (s *stage) produceEndings(ctx context.Context) {
	if len(s.endings) == 0 {
		return
	}
	s.idle(ctx)
	out := outbox{stage: s}
	s.sendChanges(ctx, &out, 0, s.endings)
	out.flush(ctx)
}

func (s *stage) sendChanges(ctx context.Context, out *outbox, block int, changes []entityChange) {
	for _, i := range s.shuffled("account", block, len(changes)) {
		c := changes[i]
		s.pace(ctx, 1)
		for range s.copies("account", c.n*8+c.version) {
			out.add(ctx, "account", "", s.change(c.n, c.version))
		}
	}
}

// produceStream puts records of several documents, every second one gzipped.
func (s *stage) produceStream(ctx context.Context) {
	records := (s.count["events"] + perMessage - 1) / perMessage
	for m := 0; m < records && ctx.Err() == nil; m++ {
		text, docs := s.events("events", m)
		s.pace(ctx, docs)
		s.put(ctx, strconv.Itoa(m), text, m%2 == 1)
	}
}

// put puts one record; its partition key is its number.
func (s *stage) put(ctx context.Context, key, text string, packed bool) {
	data := []byte(text)
	if packed {
		data = zipped(data)
	}
	s.insist(ctx, "put", func() error {
		_, err := s.kinesis.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: aws.String("events"),
			Records: []kinesistypes.PutRecordsRequestEntry{{Data: data, PartitionKey: &key}}})
		return err
	})
}

// producePoison sends each kind in turn, about one in a thousand documents.
func (s *stage) producePoison(ctx context.Context) {
	total := max(s.docs/1000, 3*len(poisons))
	for i := 0; i < total && ctx.Err() == nil; i++ {
		for s.sent.Load() < int64(i*s.docs/total*9/10) && ctx.Err() == nil {
			time.Sleep(50 * time.Millisecond)
		}
		s.poison(ctx, i%len(poisons))
	}
}

// poison sends the next of a kind.
func (s *stage) poison(ctx context.Context, kind int) {
	s.mu.Lock()
	n := s.buried[kind]
	s.buried[kind]++
	s.mu.Unlock()
	p, m := poisons[kind], mark(kind, n)
	s.strike(p.name)
	if p.collection == "events" {
		s.put(ctx, m, p.body(m, s.day()), false)
		return
	}
	out := outbox{stage: s}
	out.entry(ctx, map[string]string{"collection": p.collection, "id": m, "encoding": p.encoding}, p.body(m, s.day()))
	out.flush(ctx)
}

func (s *stage) day() string { return s.began.Add(time.Hour).Format(time.RFC3339) }

// taken notes what the stream's mapping has got done.
func (s *stage) taken(d lambda.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	failed := map[string]bool{}
	for _, id := range d.Failed {
		failed[id] = true
	}
	for _, m := range partitionKey.FindAllSubmatch(d.Event, -1) {
		if n, err := strconv.Atoi(string(m[1])); err == nil {
			s.records[n] = s.records[n] || !failed[string(m[2])]
		}
	}
}

var partitionKey = regexp.MustCompile(`"partitionKey":"(\d+)","sequenceNumber":"(\d+)"`)

// watchQueue keeps the depth known and tells of the progress.
func (s *stage) watchQueue(ctx context.Context) error {
	began := time.Now()
	for last := time.Now(); ctx.Err() == nil; time.Sleep(250 * time.Millisecond) {
		if waiting, hidden, err := s.left(ctx, s.queue); err == nil {
			s.depth.Store(int64(waiting + hidden))
		}
		if time.Since(last) > 10*time.Second {
			last = time.Now()
			fmt.Fprintf(os.Stderr, "%4.0f s  %d of %d documents sent, %d messages wait, %d faults injected\n",
				time.Since(began).Seconds(), s.sent.Load(), s.docs, s.depth.Load(), s.injections())
		}
	}
	return nil
}

func (s *stage) left(ctx context.Context, url string) (waiting, hidden int, err error) {
	names := []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible}
	out, err := s.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		return 0, 0, err
	}
	waiting, err = strconv.Atoi(out.Attributes[string(names[0])])
	if err == nil {
		hidden, err = strconv.Atoi(out.Attributes[string(names[1])])
	}
	return waiting, hidden, err
}

// outbox gathers messages into batches that SQS takes.
type outbox struct {
	*stage
	entries []types.SendMessageBatchRequestEntry
	bytes   int
}

func (o *outbox) add(ctx context.Context, collection, id, body string) {
	o.entry(ctx, map[string]string{"collection": collection, "id": id}, body)
}

func (o *outbox) entry(ctx context.Context, attributes map[string]string, body string) {
	if len(o.entries) == 10 || o.bytes+len(body) > 900_000 {
		o.flush(ctx)
	}
	e := types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(len(o.entries))), MessageBody: aws.String(body)}
	e.MessageAttributes = map[string]types.MessageAttributeValue{}
	for name, value := range attributes {
		if value != "" {
			e.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		}
	}
	o.entries, o.bytes = append(o.entries, e), o.bytes+len(body)
}

func (o *outbox) flush(ctx context.Context) {
	if len(o.entries) == 0 {
		return
	}
	o.insist(ctx, "send", func() error {
		out, err := o.sqs.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &o.queue, Entries: o.entries})
		if err == nil && len(out.Failed) > 0 {
			err = fmt.Errorf("%s", aws.ToString(out.Failed[0].Message))
		}
		return err
	})
	o.entries, o.bytes = o.entries[:0:0], 0
}

// insist is a producer that does not give up: what it could not send was never sent.
func (s *stage) insist(ctx context.Context, what string, try func() error) {
	for attempt := 1; ctx.Err() == nil; attempt++ {
		err := try()
		if err == nil {
			return
		}
		if attempt == 20 {
			s.Errorf("%s: %v", what, err)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func zipped(data []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(data)
	_ = z.Close()
	return out.Bytes()
}
