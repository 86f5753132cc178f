package lambda

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

const cluster = "arn:aws:kafka:us-east-1:000000000000:cluster/local/0-1"

// topic makes a topic of its own for the test.
func topic(t *testing.T, partitions int32) (client *kgo.Client, name string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers.Kafka(t).Bootstrap), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	name = fmt.Sprintf("lambda-%d-%d", os.Getpid(), queueNumber.Add(1))
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), partitions, 1, nil, name); err != nil {
		t.Fatal(err)
	}
	return client, name
}

func produce(t *testing.T, client *kgo.Client, records ...*kgo.Record) {
	t.Helper()
	if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func values(topic string, partition int32, all ...string) (records []*kgo.Record) {
	for _, v := range all {
		records = append(records, &kgo.Record{Topic: topic, Partition: partition, Value: []byte(v)})
	}
	return records
}

func topicMapping(t *testing.T, name string, f Function, rec *recorder) Topic {
	return Topic{
		Bootstrap: []string{brokers.Kafka(t).Bootstrap}, Name: name, Group: name + "-group", ARN: cluster, Function: f,
		Window: 200 * time.Millisecond, Backoff: 20 * time.Millisecond, MaxBackoff: 100 * time.Millisecond, Observe: rec.add,
	}
}

type kafkaEvent struct {
	EventSource      string                   `json:"eventSource"`
	EventSourceARN   string                   `json:"eventSourceArn"`
	BootstrapServers string                   `json:"bootstrapServers"`
	Records          map[string][]kafkaRecord `json:"records"`
}

func kafkaEventOf(t *testing.T, d Delivery) (e kafkaEvent) {
	t.Helper()
	if err := json.Unmarshal(d.Event, &e); err != nil {
		t.Fatalf("%s: %v", d.Event, err)
	}
	return e
}

// merged is all deliveries as one event, each record once.
func merged(t *testing.T, deliveries []Delivery) (all kafkaEvent) {
	t.Helper()
	records := map[string][]kafkaRecord{}
	for _, d := range deliveries {
		all = kafkaEventOf(t, d)
		for group, more := range all.Records {
			for _, r := range more {
				if !slices.ContainsFunc(records[group], func(known kafkaRecord) bool { return known.Offset == r.Offset }) {
					records[group] = append(records[group], r)
				}
			}
		}
	}
	all.Records = records
	return all
}

// told is each delivery's records by partition, as "0: a b, 1: c".
func told(t *testing.T, deliveries []Delivery) (all []string) {
	t.Helper()
	for _, d := range deliveries {
		var groups []string
		for group, records := range kafkaEventOf(t, d).Records {
			words := group[strings.LastIndexByte(group, '-')+1:] + ":"
			for _, r := range records {
				words += " " + string(r.Value)
			}
			groups = append(groups, words)
		}
		slices.Sort(groups)
		all = append(all, strings.Join(groups, ", "))
	}
	return all
}

func committed(t *testing.T, client *kgo.Client, group string) map[int32]int64 {
	t.Helper()
	offsets, err := kadm.NewClient(client).FetchOffsets(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	found := map[int32]int64{}
	offsets.Each(func(o kadm.OffsetResponse) { found[o.Partition] = o.At })
	return found
}

func TestKafkaEventIsAsLambdaMakesIt(t *testing.T) {
	t.Parallel()
	client, name := topic(t, 2)
	f, _ := function(t, lambdatest.Config{}, allGood)
	at := time.UnixMilli(1779008703310)
	produce(t, client,
		&kgo.Record{Topic: name, Timestamp: at, Key: []byte("k"), Value: []byte("v"), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("bü")}, {Key: "none"}}},
		&kgo.Record{Topic: name, Timestamp: at, Key: []byte("k")},
		&kgo.Record{Topic: name, Timestamp: at, Partition: 1, Value: []byte{}},
	)
	for arn, source := range map[string]string{cluster: "aws:kafka", "": "SelfManagedKafka"} {
		rec := &recorder{}
		m := topicMapping(t, name, f, rec)
		m.ARN, m.Group = arn, name+source
		running(t, m.Run)
		var e kafkaEvent
		eventually(t, "three records", func() bool {
			e = merged(t, rec.all())
			return len(e.Records[name+"-0"]) == 2 && len(e.Records[name+"-1"]) == 1
		})
		header := []map[string]json.RawMessage{{"h": []byte("[98,-61,-68]")}, {"none": []byte("[]")}}
		empty := []map[string]json.RawMessage{}
		want := kafkaEvent{source, arn, m.Bootstrap[0], map[string][]kafkaRecord{
			name + "-0": {
				{name, 0, 0, at.UnixMilli(), "CREATE_TIME", []byte("k"), []byte("v"), header},
				{name, 0, 1, at.UnixMilli(), "CREATE_TIME", []byte("k"), nil, empty},
			},
			name + "-1": {{name, 1, 0, at.UnixMilli(), "CREATE_TIME", nil, []byte{}, empty}},
		}}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestKafkaBatchComesAgainWholeAndIsCommittedOnlyThen(t *testing.T) {
	t.Parallel()
	client, name := topic(t, 1)
	rec := &recorder{}
	f, script := function(t, lambdatest.Config{}, "fail")
	produce(t, client, values(name, 0, "a", "b", "c")...)
	m := topicMapping(t, name, f, rec)
	m.BatchSize = 2
	stop := running(t, m.Run)
	for _, words := range told(t, rec.await(t, 3)) {
		if words != "0: a b" {
			t.Errorf("delivered %q behind the batch that fails", words)
		}
	}
	stop()
	if at := committed(t, client, m.Group); len(at) != 0 {
		t.Errorf("committed %v though nothing succeeded", at)
	}
	script(`answer {"batchItemFailures":[{"itemIdentifier":{"partition":"` + name + `-0","offset":0}}]}`) // which standard mode ignores
	again := &recorder{}
	m.Observe = again.add
	running(t, m.Run)
	if words := told(t, again.await(t, 2)); !slices.Equal(words, []string{"0: a b", "0: c"}) {
		t.Errorf("a mapping that starts anew delivers %q", words)
	}
	eventually(t, "commit", func() bool { return committed(t, client, m.Group)[0] == 3 })
}

func TestKafkaPartitionsGoOnFromTheOffsetReported(t *testing.T) {
	t.Parallel()
	client, name := topic(t, 3)
	rec := &recorder{}
	id := func(partition, offset int) string {
		return fmt.Sprintf(`{"itemIdentifier":{"partition":"%s-%d","offset":%d}}`, name, partition, offset)
	}
	f, script := function(t, lambdatest.Config{}, `answer {"batchItemFailures":[`+id(0, 2)+","+id(0, 1)+","+id(2, 0)+"]}")
	produce(t, client, slices.Concat(values(name, 0, "a", "b", "c"), values(name, 1, "d", "e"), values(name, 2, "f"))...)
	m := topicMapping(t, name, f, rec)
	m.ReportBatchItemFailures, m.Window = true, 2*time.Second
	running(t, m.Run)
	eventually(t, "a partial failure", func() bool {
		all := told(t, rec.all())
		return len(all) > 1 && all[len(all)-1] == "0: b c, 2: f"
	})
	if at := committed(t, client, m.Group); at[0] != 1 || at[1] != 2 {
		t.Errorf("committed %v", at)
	}
	script(allGood)
	eventually(t, "commit", func() bool { at := committed(t, client, m.Group); return at[0] == 3 && at[1] == 2 && at[2] == 1 })
}

func TestKafkaAnswerIsReadAsAWSDoes(t *testing.T) {
	batch := values("t", 0, "a", "b")
	batch[1].Offset = 1
	for answer, want := range map[string]string{
		"": "map[]", "null": "map[]", "{}": "map[]", `{"batchItemFailures":null}`: "map[]", `{"BatchItemFailures":[1]}`: "map[]",
		`{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":1}},{"itemIdentifier":{"partition":"t-0","offset":0}}]}`: "map[t-0:0]",
		`"ok"`: "error", `{"batchItemFailures":["1"]}`: "error", `{"batchItemFailures":[{"itemIdentifier":"t-0-1"}]}`: "error", `{"batchItemFailures":[{}]}`: "error",
		`{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":2}}]}`: "error", `{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0"}}]}`: "error",
		`{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":1}},{"itemIdentifier":{"partition":"t-1","offset":1}}]}`: "error",
	} {
		first, err := offsetFailures([]byte(answer), batch)
		got := fmt.Sprint(first)
		if err != nil {
			got = "error"
		}
		if got == "map[]" && len(first) == 0 || got == want {
			got = want
		}
		if got != want {
			t.Errorf("%s: %s %v, want %s", answer, got, err, want)
		}
	}
}

func TestKafkaMistakesAreRefused(t *testing.T) {
	err := Topic{ARN: "x", BatchSize: 10_001, StartingPosition: "x", Window: time.Hour}.Run(t.Context())
	for _, want := range []string{"no bootstrap", "no topic", "no consumer group", "ARN", "starting position", "batch size", "window"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
