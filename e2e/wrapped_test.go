package e2e

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// streamed puts records into a real stream and reads it until ok has nothing to say.
func (s *scene) streamed(fn *lambdatest.Function, records [][]byte, ok func() string) {
	s.Helper()
	arn := s.stream(records)
	stop := s.runs(lambda.Stream{
		Client: world.kin, ARN: arn, Function: fn, BatchSize: 50, MaximumRetryAttempts: -1,
		BisectBatchOnFunctionError: true, ReportBatchItemFailures: true, MaxBackoff: 200 * time.Millisecond,
	}.Run)
	eventually(s, time.Minute, ok)
	time.Sleep(time.Second) // and nothing changes any more
	stop()
	if word := ok(); word != "" {
		s.Error(word)
	}
}

// Log events that come in several messages, as two subscription filters send them, while
// OpenSearch throttles: each is one document, with its own time and origin.
func TestCloudWatchLogsThroughKinesisAreStoredOnceEach(t *testing.T) {
	t.Parallel()
	s := newScene(t, appendOnly)
	fn := s.function("ingest", merged(merged(quick, atOnce), map[string]string{"DEFAULT_COLLECTION": s.collection}))
	records := [][]byte{zipped(`{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1510109208016,"message":"CWL CONTROL MESSAGE"}]}`)}
	const n = 300
	for from := 0; from < n; from += 10 {
		var events []string
		for i := from; i < min(from+15, n); i++ { // five of them come again in the next
			text, _ := json.Marshal(fmt.Sprintf("event %d\n  second line\n", i))
			events = append(events, fmt.Sprintf(`{"id":"%056d","timestamp":%d,"message":%s}`, i, 1779008820000+i, text))
		}
		records = append(records, zipped(`{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/aws/lambda/shop","logStream":"s","subscriptionFilters":["f"],"logEvents":[`+strings.Join(events, ",")+`]}`))
	}
	s.proxy.Inject(faultproxy.Bulk, 5, faultproxy.Items(refuse("event 77", 429, "rejected_execution_exception")))
	s.streamed(fn, records, func() string {
		if got := len(s.documents()); got != n {
			return fmt.Sprintf("%d documents of %d", got, n)
		}
		return ""
	})
	want := `{"@timestamp":"2026-05-17T09:07:00.077Z","aws.log.group.names":"/aws/lambda/shop","aws.log.stream.names":"s","cloud.account.id":"111122223333","message":"event 77\n  second line"}`
	if got := string(s.documents()[fmt.Sprintf("%056d", 77)]); got != want {
		t.Errorf("event 77 is %s, want %s", got, want)
	}
	if dead := s.deadLetters(); len(dead) > 0 {
		t.Errorf("dead letters %q", bodies(dead))
	}
}

// An aggregated record with a poison, one of whose good records is throttled: it comes
// again until all are stored, and the poison is dead-lettered once, alone.
func TestAggregatedRecordsOfAStreamAreStoredOnceEach(t *testing.T) {
	t.Parallel()
	s := newScene(t, strings.NewReplacer(`field: "@timestamp"`, `field: "@timestamp", missing: arrival`, "lines: [combined, text]\n", "").Replace(appendOnly))
	fn := s.function("ingest", merged(merged(quick, atOnce), map[string]string{"DEFAULT_COLLECTION": s.collection}))
	data, err := os.ReadFile("../shared/envelope/testdata/kpl/four.bin")
	if err != nil {
		t.Fatal(err)
	}
	s.proxy.Inject(faultproxy.Bulk, 6, faultproxy.Items(refuse("two", 429, "rejected_execution_exception")))
	s.streamed(fn, [][]byte{data, []byte(`{"message":"plain"}`)}, func() string {
		if got := s.documents(); len(got) != 3 {
			return fmt.Sprintf("documents %q", keys(got))
		}
		return ""
	})
	var ids []string
	for _, id := range keys(s.documents()) {
		_, place, _ := strings.Cut(id[strings.LastIndex(id, ":"):], ".")
		ids = append(ids, place)
	}
	slices.Sort(ids)
	s.same("places in the record", ids, []string{"", "0", "1"})
	dead := s.deadLetters()
	if len(dead) != 1 || aws.ToString(dead[0].Body) != "/wAgbm90IHRleHQ=" || !strings.HasSuffix(attribute(dead[0], "id"), ".3") {
		t.Errorf("dead letters %q", bodies(dead))
	}
}

// moto's SNS delivers to a queue of moto's; its very messages go on to ours, each twice,
// as SNS does when an answer is lost.
func TestSNSMessagesAreStoredOnceThoughSNSDeliversThemAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t, strings.Replace(appendOnly, `field: "@timestamp"`, `field: "@timestamp", missing: arrival`, 1))
	fn := s.function("ingest", nil)
	p := s.pipe(5, 10, fn)
	sent := map[string]bool{}
	for _, body := range s.snsBodies(5) {
		for range 2 {
			if _, err := world.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &p.url, MessageBody: &body}); err != nil {
				t.Fatal(err)
			}
		}
		var n struct{ MessageID string }
		if err := json.Unmarshal([]byte(strings.ReplaceAll(body, `"MessageId"`, `"MessageID"`)), &n); err != nil {
			t.Fatal(err)
		}
		sent[n.MessageID] = true
	}
	p.drained(time.Minute)
	docs := s.documents()
	for id, doc := range docs {
		if !sent[id] || !strings.Contains(string(doc), `"message":"hello`) {
			t.Errorf("document %s: %s", id, doc)
		}
	}
	if len(docs) != 5 || len(s.deadLetters()) > 0 {
		t.Errorf("%d documents of 5", len(docs))
	}
}

// snsBodies are the messages that SNS sends to a queue for n published ones.
func (s *scene) snsBodies(n int) (all []string) {
	s.Helper()
	moto := world.stack.Moto.URL
	client := sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: &moto, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	out, err := client.CreateQueue(s.Context(), &sqs.CreateQueueInput{QueueName: aws.String(s.collection + "-of-sns")})
	if err != nil {
		s.Fatal(err)
	}
	topic := s.sns(url.Values{"Action": {"CreateTopic"}, "Name": {s.collection}})
	s.sns(url.Values{"Action": {"Subscribe"}, "TopicArn": {topic}, "Protocol": {"sqs"}, "Endpoint": {"arn:aws:sqs:us-east-1:000000000000:" + s.collection + "-of-sns"}})
	for i := range n {
		s.sns(url.Values{
			"Action": {"Publish"}, "TopicArn": {topic}, "Message": {fmt.Sprintf(`{"message":"hello %d"}`, i)},
			"MessageAttributes.entry.1.Name": {"collection"}, "MessageAttributes.entry.1.Value.DataType": {"String"}, "MessageAttributes.entry.1.Value.StringValue": {s.collection},
		})
	}
	for len(all) < n {
		got, err := client.ReceiveMessage(s.Context(), &sqs.ReceiveMessageInput{QueueUrl: out.QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600, WaitTimeSeconds: 1})
		if err != nil {
			s.Fatal(err)
		}
		all = append(all, bodies(got.Messages)...)
	}
	return all
}

// sns calls moto's SNS by its query API, and returns the topic's ARN if there is one.
func (s *scene) sns(form url.Values) string {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, world.stack.Moto.URL, strings.NewReader(form.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260517/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0")
	a := fetch(s, req)
	if a.status != http.StatusOK {
		s.Fatalf("%d %s", a.status, a.body)
	}
	var answer struct {
		Topic string `xml:"CreateTopicResult>TopicArn"`
	}
	if err := xml.Unmarshal(a.body, &answer); err != nil {
		s.Fatal(err)
	}
	return answer.Topic
}
