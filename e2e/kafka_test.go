package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

const kafkaCluster = "arn:aws:kafka:us-east-1:000000000000:cluster/e2e/0-1"

// topic makes the scene's topic.
func (s *scene) topic(partitions int32) *kgo.Client {
	s.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(world.brokers.Kafka(s).Bootstrap), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(client.Close)
	if _, err := kadm.NewClient(client).CreateTopic(s.Context(), partitions, 1, nil, s.collection); err != nil {
		s.Fatal(err)
	}
	return client
}

func (s *scene) produce(client *kgo.Client, records ...*kgo.Record) {
	s.Helper()
	for _, r := range records {
		r.Topic = s.collection
	}
	if err := client.ProduceSync(s.Context(), records...).FirstErr(); err != nil {
		s.Fatal(err)
	}
}

// consumed runs the scene's function over its topic, in standard or in provisioned mode.
func (s *scene) consumed(fn lambda.Function, provisioned bool) (stop func()) {
	s.Helper()
	return s.runs(lambda.Topic{
		Bootstrap: []string{world.brokers.Kafka(s).Bootstrap}, Name: s.collection, Group: s.collection, ARN: kafkaCluster, Function: fn,
		BatchSize: 200, Window: 200 * time.Millisecond, ReportBatchItemFailures: provisioned, MaxBackoff: 200 * time.Millisecond, Drain: 10 * time.Second,
	}.Run)
}

// claimed is the definition, of a collection that claims its namesake topic or queue.
func claimed(key, definition string) func(*scene) {
	return func(s *scene) {
		s.define(s.collection, fmt.Sprintf("sources: [{%s: %s}]\n", key, s.collection)+definition)
	}
}

var kafkaModes = map[string]bool{"standard mode": false, "provisioned mode": true}

func kafkaMode(provisioned bool) map[string]string {
	return merged(merged(quick, atOnce), map[string]string{"KAFKA_ITEM_FAILURES": fmt.Sprint(provisioned)})
}

func keyed(i int, value string) *kgo.Record {
	return &kgo.Record{Key: fmt.Append(nil, i%17), Value: []byte(value)}
}

// Records of three partitions, while items are throttled at random places and environments
// and the broker are killed: each is stored once.
func TestKafkaStoresEachRecordOnceThroughThrottlingAndKills(t *testing.T) {
	for name, provisioned := range kafkaModes {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, appendOnly)
			claimed("topic", appendOnly)(s)
			fn := s.function("ingest", kafkaMode(provisioned))
			const n = 1500
			client := s.topic(3)
			var records []*kgo.Record
			for i, line := range strings.Split(strings.TrimSpace(lines(n)), "\n") {
				records = append(records, keyed(i, line))
			}
			s.produce(client, records[:1000]...)
			for _, word := range []string{"line 100", "line 777", "line 1400"} {
				s.proxy.Inject(faultproxy.Bulk, 12, faultproxy.Items(refuse(`"`+word+`"`, 429, "rejected_execution_exception")))
			}
			s.consumed(fn, provisioned)
			for range 2 {
				time.Sleep(300 * time.Millisecond)
				fn.Kill()
			}
			world.brokers.Kafka(t).Kill()
			if err := world.brokers.Kafka(t).Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.produce(client, records[1000:]...)
			s.stored(n)
			s.whole(n)
		})
	}
}

// Its batch comes again and again for another record's sake; nothing is buried before.
func TestKafkaPoisonIsDeadLetteredOnceThoughItsBatchComesAgain(t *testing.T) {
	t.Parallel()
	for name, provisioned := range kafkaModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, appendOnly)
			claimed("topic", strings.Replace(appendOnly, "lines: [combined, text]\n", "", 1))(s)
			fn := s.function("ingest", kafkaMode(provisioned))
			client := s.topic(2)
			var records []*kgo.Record
			for i, line := range strings.Split(strings.TrimSpace(lines(100)), "\n") {
				records = append(records, keyed(i, line))
			}
			records = slices.Insert(records, 20, keyed(3, `{"broken`))
			records = append(records, keyed(5, `{"broken too`))
			s.proxy.Inject(faultproxy.Bulk, 20, faultproxy.Items(refuse(`"line 50"`, 429, "rejected_execution_exception")))
			s.produce(client, records...)
			s.consumed(fn, provisioned)
			s.stored(100)
			s.buriedOnce("not JSON: the text ends too early", `{"broken`, `{"broken too`)
		})
	}
}

// One key's changes are in one partition. While the first cannot be stored, none of the
// later ones may be the last to be.
func TestKafkaKeepsTheOrderOfChangesToOneDocument(t *testing.T) {
	t.Parallel()
	for name, provisioned := range kafkaModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, unversioned)
			claimed("topic", unversioned)(s)
			fn := s.function("ingest", kafkaMode(provisioned))
			client := s.topic(3)
			var records []*kgo.Record
			for step := range 10 {
				for id := range 20 {
					records = append(records, keyed(id, fmt.Sprintf(`{"id":"%d","s":"step %d"}`, id, step)))
				}
			}
			s.proxy.Inject(faultproxy.Bulk, 10, faultproxy.Items(refuse(`"step 3"`, 429, "rejected_execution_exception")))
			s.produce(client, records...)
			s.consumed(fn, provisioned)
			last := time.Now() // that one was not the last; while steps are sent again, it may seem so
			eventually(t, time.Minute, func() string {
				docs := s.documents()
				for id, doc := range docs {
					if !strings.Contains(string(doc), "step 9") {
						last = time.Now()
						return fmt.Sprintf("%s is %s", id, doc)
					}
				}
				if len(docs) < 20 || time.Since(last) < 5*time.Second {
					return fmt.Sprintf("%d documents, all at their last step for %s only", len(docs), time.Since(last))
				}
				return ""
			})
		})
	}
}

// Debezium's own records: a create, a delete, and the tombstone with which it tells a
// compacted topic to forget the key.
func TestKafkaTombstonesDeleteNothingAndAreNoDocuments(t *testing.T) {
	s := newScene(t, entity)
	s.define(s.collection, "sources: [{topic: "+s.collection+"}]\nid: {fields: [id]}\nindex: {policy: single, replicas: 0}\nfields:\n  id: {type: long}\n")
	fn := s.function("ingest", quick)
	client := s.topic(1)
	text, err := os.ReadFile("../functions/ingest/testdata/cases/15-kafka-tombstone-and-signed-headers.json")
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Input struct {
			Events []struct {
				Records map[string][]struct{ Key, Value []byte }
			}
		}
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	var records []*kgo.Record
	for _, r := range c.Input.Events[0].Records["shop.public.orders-0"] {
		records = append(records, &kgo.Record{Key: r.Key, Value: r.Value, Headers: []kgo.RecordHeader{{Key: "trace", Value: []byte("bücher")}}})
	}
	s.produce(client, records...)
	s.consumed(fn, false)
	s.stored(2)
	s.same("documents", keys(s.documents()), []string{"6", "8"})
	s.buriedOnce("")
}

// Whoever mends the collection moves the letter to the ingest queue.
func TestKafkaDeadLetterMovedToTheQueueIsTheSameDocument(t *testing.T) {
	s := newScene(t, appendOnly)
	claimed("topic", strings.Replace(appendOnly, "n: {type: long}", "n: {type: integer}", 1))(s)
	fn := s.function("ingest", quick)
	client := s.topic(1)
	s.produce(client, keyed(0, `{"@timestamp":"2026-03-01T10:00:00Z","message":"big","n":3000000000}`), keyed(0, `{"@timestamp":"2026-03-01T10:00:00Z","message":"small","n":3}`))
	stop := s.consumed(fn, false)
	s.stored(1)
	stop()
	letters := s.deadLetters()
	if len(letters) != 1 {
		t.Fatalf("%d dead letters", len(letters))
	}
	id := attribute(letters[0], "id")
	if !strings.HasPrefix(id, "e2e/0-1:"+s.collection+"-0-0@") || noteOf(t, letters[0]).Source != "arn:aws:kafka:us-east-1:000000000000:topic/e2e/0-1/"+s.collection {
		t.Errorf("id %s, source %s", id, noteOf(t, letters[0]).Source)
	}
	for _, index := range s.indices() { // its mapping is mended by writing anew
		call(t, s.node, "DELETE", "/"+index, "")
	}
	claimed("topic", appendOnly)(s)
	mendedFn := s.function("ingest", quick)
	p := s.pipe(30, 10, mendedFn)
	if _, err := world.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &p.url, MessageBody: letters[0].Body, MessageAttributes: letters[0].MessageAttributes}); err != nil {
		t.Fatal(err)
	}
	s.stored(1)
	s.same("documents", keys(s.documents()), []string{id})
}

func TestKafkaEventFilesAreTakenWholeAndOnce(t *testing.T) {
	s := newScene(t, appendOnly)
	fn := s.function("ingest", quick)
	for file, want := range map[string]int{"ingest-kafka.json": 3, "ingest-kafka-self-managed.json": 3, "ingest-rabbitmq.json": 3} {
		payload := collectionIn(lambdatest.Load(t, file), s.collection)
		before := len(s.documents())
		s.proxy.Inject(faultproxy.Bulk, -1, faultproxy.Items(refuse("label printer", 429, "rejected_execution_exception")))
		if res, err := fn.Invoke(t.Context(), payload); err != nil || res.FunctionError == "" || !strings.Contains(string(res.Payload), "has to come again") {
			t.Errorf("%s: %v %s", file, err, res.Payload)
		}
		s.proxy.Heal()
		s.same(file+" again", s.invoke(fn, payload), none)
		s.same(file+" and again", s.invoke(fn, payload), none)
		if got := len(s.documents()) - before; got != want {
			t.Errorf("%s: %d documents, want %d", file, got, want)
		}
	}
	s.buriedOnce("")
}

// collectionIn names the scene's collection where the event files name logs, in bytes.
func collectionIn(payload []byte, name string) []byte {
	var event any
	_ = json.Unmarshal(payload, &event)
	text, _ := json.Marshal(event)
	of := func(s string) string {
		b, _ := json.Marshal(slices.Collect(func(yield func(int) bool) {
			for _, c := range []byte(s) {
				if !yield(int(c)) {
					return
				}
			}
		}))
		return string(b)
	}
	return []byte(strings.ReplaceAll(string(text), of("logs"), of(name)))
}

func sorted(all []string) []string { return slices.Sorted(slices.Values(all)) }
