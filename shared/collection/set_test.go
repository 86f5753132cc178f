package collection

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const threeCollections = `
-- orders.yaml --
name: orders
sources:
  - queue: orders
  - stream: arn:aws:kinesis:eu-west-1:123456789012:stream/changes
  - table: shop.orders
  - topic: shop.public.orders
  - {bucket: my-logs, prefix: shop/refunds/}
index: {policy: single}
fields:
  id: {type: keyword}
-- refunds.yaml --
name: refunds
sources:
  - topic: arn:aws:kafka:eu-west-1:123456789012:topic/c/0-1/refunds
  - topic: kafka://b1:9092/refunds
  - queue: arn:aws:mq:eu-west-1:123456789012:broker:b:b-1/refunds::/
  - queue: arn:aws:sqs:eu-west-1:123456789012:orders-eu
  - table: shop.refunds
  - {bucket: my-logs, prefix: shop/}
  - {bucket: my-logs, prefix: shop/refunds/old/}
index: {policy: single}
fields:
  id: {type: keyword}
-- other.yaml --
name: other
index: {policy: single}
fields:
  id: {type: keyword}
`

func TestRecordGoesToTheCollectionThatClaimsIt(t *testing.T) {
	set, err := Load(folder(threeCollections))
	if err != nil {
		t.Fatal(err)
	}
	withDefault, err := set.WithDefault("other")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why    string
		set    *Set
		record Record
		want   string
	}{
		{"the attribute comes first", set, Record{Attribute: "other", Table: "shop.orders", ARN: "arn:aws:sqs:eu-west-1:123456789012:orders"}, "other"},
		{"an attribute that names nothing is not guessed at", withDefault, Record{Attribute: "order", Table: "shop.orders"}, ""},
		{"then the table", set, Record{Table: "shop.refunds", ARN: "arn:aws:sqs:eu-west-1:123456789012:orders"}, "refunds"},
		{"then the whole ARN", set, Record{ARN: "arn:aws:sqs:eu-west-1:123456789012:orders-eu"}, "refunds"},
		{"an ARN is not claimed by its namesake elsewhere", set, Record{ARN: "arn:aws:sqs:us-east-1:123456789012:orders-eu"}, ""},
		{"then the queue's name", set, Record{Table: "shop.unknown", ARN: "arn:aws:sqs:us-east-1:210987654321:orders"}, "orders"},
		{"a stream is not a queue of the same name", set, Record{ARN: "arn:aws:kinesis:us-east-1:123456789012:stream/orders"}, ""},
		{"the stream's ARN", set, Record{ARN: "arn:aws:kinesis:eu-west-1:123456789012:stream/changes"}, "orders"},
		{"a topic's name", set, Record{ARN: "arn:aws:kafka:us-east-1:210987654321:topic/any/0-1/shop.public.orders"}, "orders"},
		{"a topic's name on a cluster of one's own", set, Record{ARN: "kafka://any:9092/shop.public.orders"}, "orders"},
		{"a topic's ARN", set, Record{ARN: "arn:aws:kafka:eu-west-1:123456789012:topic/c/0-1/refunds"}, "refunds"},
		{"the topic of another cluster", set, Record{ARN: "arn:aws:kafka:eu-west-1:123456789012:topic/d/0-1/refunds"}, ""},
		{"a topic's URL", set, Record{ARN: "kafka://b1:9092/refunds"}, "refunds"},
		{"a topic is not a queue of the same name", set, Record{ARN: "kafka://b1:9092/orders"}, ""},
		{"the name of a RabbitMQ queue", set, Record{ARN: "arn:aws:mq:eu-west-1:123456789012:broker:b:b-1/orders::/shop"}, "orders"},
		{"a RabbitMQ queue's ARN", set, Record{ARN: "arn:aws:mq:eu-west-1:123456789012:broker:b:b-1/refunds::/"}, "refunds"},
		{"the same queue of another virtual host", set, Record{ARN: "arn:aws:mq:eu-west-1:123456789012:broker:b:b-1/refunds::/shop"}, ""},
		{"then the default", withDefault, Record{ARN: "arn:aws:sqs:us-east-1:123456789012:unknown"}, "other"},
		{"else none", set, Record{ARN: "arn:aws:sqs:us-east-1:123456789012:unknown"}, ""},
		{"nothing known, nothing claimed", set, Record{}, ""},
	} {
		got := ""
		if found, ok := c.set.Resolve(c.record); ok {
			got = found.Name
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}

func TestSetIsAskedByManyAtOnce(t *testing.T) {
	set, err := Load(folder(threeCollections))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				set.Resolve(Record{ARN: "arn:aws:sqs:us-east-1:210987654321:orders"})
				set.All()[0] = nil // a copy: nobody else sees it
			}
		})
	}
	all.Wait()
	if set.All()[0] == nil {
		t.Error("the set changed")
	}
}

func TestDefaultThatDoesNotExistIsRefused(t *testing.T) {
	set, _ := Load(folder(threeCollections))
	if _, err := set.WithDefault("order"); err == nil || err.Error() != `default collection "order" does not exist: did you mean "orders"?` {
		t.Errorf("got %v", err)
	}
}

func TestGoodCollectionsAreUsableBesideWrongOnes(t *testing.T) {
	set, err := Load(folder(threeCollections + `
-- a-wrong.yaml --
name: a-wrong
index: {policy: periodic, period: day, retention: 0}
-- b-claims-orders.yaml --
name: b-claims-orders
sources: [{table: shop.orders}]
index: {policy: single}
fields:
  id: {type: keyword}
`))
	wrong, ok := errors.AsType[Mistakes](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff([]string{"a-wrong.yaml", "b-claims-orders.yaml", "orders.yaml"}, wrong.Files()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"other", "refunds"}, set.names()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsLeftOutHasItsDefault(t *testing.T) {
	set, err := Load(folder(`
-- logs.yaml --
name: logs
append_only: true
time: {field: at}
index: {policy: periodic, period: day}
search: {hidden: [secret]}
fields:
  at: {type: date}
  message: {type: text}
  error.message: {type: text}
  secret: {type: text}
`))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := set.ByName("logs")
	got := []any{c.Dynamic, c.ID.Separator, *c.Time, c.Search.Sort, c.Search.MaxSize, c.Search.Default}
	want := []any{"false", "|", Time{Field: "at", Formats: []string{"rfc3339"}, Missing: "dead_letter"},
		"at:desc", 1000, []string{"error.message", "message"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDottedFieldsBecomeObjectsInTheTemplate(t *testing.T) {
	set, err := Load(folder(`
-- orders.yaml --
name: orders
index: {policy: single}
fields:
  customer: {type: object}
  customer.id: {type: keyword, mapping: {ignore_above: 256}}
  total: {type: scaled_float, mapping: {scaling_factor: 100}}
  at: {type: date, format: epoch_millis}
  items.a.b: {type: long}
`))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := set.ByName("orders")
	m, err := c.mapping()
	want := `{"_sluice_deleted":{"type":"date"},"at":{"format":"epoch_millis","type":"date"},` +
		`"customer":{"properties":{"id":{"ignore_above":256,"type":"keyword"}},"type":"object"},` +
		`"items":{"properties":{"a":{"properties":{"b":{"type":"long"}}}}},` +
		`"total":{"scaling_factor":100,"type":"scaled_float"}}`
	if err != nil || string(m.Properties) != want {
		t.Errorf("got %s, %v", m.Properties, err)
	}
}

func TestObjectGoesToTheLongestPrefix(t *testing.T) {
	set, err := Load(folder(threeCollections))
	if err != nil {
		t.Fatal(err)
	}
	for r, want := range map[Record]string{
		{Bucket: "my-logs", Key: "shop/a"}: "refunds", {Bucket: "my-logs", Key: "shop/refunds/a", ARN: "arn:aws:sqs:eu-west-1:123456789012:orders-eu"}: "orders",
		{Bucket: "my-logs", Key: "shop/refunds/old/a"}: "refunds", {Bucket: "my-logs", Key: "other/a"}: "", {Bucket: "my-log", Key: "s/shop/"}: "",
		{Bucket: "my-logs", Key: "shop/a", Attribute: "other"}: "other", {Bucket: "my-logs", Key: "x", ARN: "arn:aws:sqs:us-east-1:210987654321:orders"}: "orders",
	} {
		got := ""
		if c, ok := set.Resolve(r); ok {
			got = c.Name
		}
		if got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
}

func TestANameIsAsLongAsAWSAllows(t *testing.T) {
	const queue, stream = "arn:aws:sqs:eu-west-1:123456789012:", "arn:aws:kinesis:eu-west-1:123456789012:stream/"
	for source, right := range map[Source]bool{
		{Queue: strings.Repeat("q", 255)}: true, {Queue: strings.Repeat("q", 256)}: false,
		{Queue: queue + strings.Repeat("q", 80) + ".fifo"}: true, {Queue: queue + strings.Repeat("q", 81)}: false,
		{Stream: strings.Repeat("s", 128)}: true, {Stream: strings.Repeat("s", 124) + ".fifo"}: false,
		{Stream: stream + strings.Repeat("s", 128)}: true, {Stream: stream + strings.Repeat("s", 129)}: false,
	} {
		f := newFile("x.yaml")
		if f.checkSources(&Collection{Sources: []Source{source}}); (len(f.mistakes) == 0) != right {
			t.Errorf("%v: %v", source, f.mistakes)
		}
	}
}
