package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/shared/deadletter"
)

// Collections whose field n is a number where producers send words, and as it should be.
var (
	wrongEntity = strings.Replace(entity, "s: {type: keyword}", "s: {type: long}", 1)
	rightEntity = entity
	wrongLogs   = strings.NewReplacer("n: {type: long}", "n: {type: ip}").Replace(appendOnly)
	rightLogs   = appendOnly
)

// patient functions have the whole of their time: an index may take seconds to make.
var patient = map[string]string{}

// mend puts the collection's file right and makes its index anew.
func (s *scene) mend(definition string) {
	s.Helper()
	for _, index := range s.indices() {
		s.ok(http.MethodDelete, "/"+index, "")
	}
	call(s, s.node, http.MethodDelete, "/_index_template/sluice-"+s.collection, "")
	s.define(s.collection, definition)
}

// states are the stored documents with their versions.
func (s *scene) states() map[string]string {
	s.Helper()
	call(s, s.node, http.MethodPost, "/"+s.collection+"-*/_refresh", "")
	_, text := send(s, s.node, http.MethodPost, "/"+s.collection+"-*/_search", `{"size":1000,"version":true}`)
	var page struct {
		Hits struct {
			Hits []struct {
				Index   string          `json:"_index"`
				ID      string          `json:"_id"`
				Version int64           `json:"_version"`
				Source  json.RawMessage `json:"_source"`
			}
		}
	}
	if err := json.Unmarshal(text, &page); err != nil {
		s.Fatalf("%s: %v", text, err)
	}
	all := map[string]string{}
	for _, h := range page.Hits.Hits {
		all[h.Index+"/"+h.ID] = fmt.Sprintf("%d %.300s", h.Version, h.Source)
	}
	return all
}

// moveBack is AWS's own redrive: what the console's button and the CLI start.
func (s *scene) moveBack(p *pipeline) {
	s.Helper()
	source, to := s.deadARN(), strings.TrimSuffix(s.deadARN(), "-dead")
	if _, err := world.sqs.StartMessageMoveTask(s.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: &source, DestinationArn: &to}); err != nil {
		s.Fatal(err)
	}
	eventually(s, 30*time.Second, func() string {
		out, err := world.sqs.ListMessageMoveTasks(s.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: &source})
		if err != nil || len(out.Results) == 0 || *out.Results[0].Status != "COMPLETED" {
			return fmt.Sprintf("the move is not over: %v %v", out, err)
		}
		return ""
	})
	p.drained(time.Minute)
}

// depth of a queue, visible and not.
func depth(t testing.TB, url string) string {
	t.Helper()
	names := []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible}
	out, err := world.sqs.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes[string(names[0])] + " visible, " + out.Attributes[string(names[1])] + " hidden"
}

// records makes an event of a stream.
func (s *scene) records(data ...[]byte) []byte {
	var all []map[string]any
	for i, d := range data {
		sequence := fmt.Sprintf("4957108000000000000000000000000000000000000000000000000%d", i)
		all = append(all, map[string]any{
			"kinesis": map[string]any{"kinesisSchemaVersion": "1.0", "partitionKey": "k", "sequenceNumber": sequence,
				"data": base64.StdEncoding.EncodeToString(d), "approximateArrivalTimestamp": 1772359200.123},
			"eventSource": "aws:kinesis", "eventVersion": "1.0", "eventName": "aws:kinesis:record", "awsRegion": "us-east-1",
			"eventID": "shardId-000000000000:" + sequence, "invokeIdentityArn": "arn:aws:iam::000000000000:role/x",
			"eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/" + s.collection,
		})
	}
	payload, err := json.Marshal(map[string]any{"Records": all})
	if err != nil {
		s.Fatal(err)
	}
	return payload
}

// tableRecord is a change of a DynamoDB table, as its stream sends it.
func (s *scene) tableRecord() []byte {
	return []byte(strings.ReplaceAll(`{"Records":[{"eventID":"e1","eventName":"INSERT","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"us-east-1",
		"dynamodb":{"ApproximateCreationDateTime":1772359200,"Keys":{"id":{"S":"row-1"}},"NewImage":{"id":{"S":"row-1"},"s":{"S":"word"},"version":{"N":"1"}},
		"SequenceNumber":"4421584500000000017450439091","SizeBytes":59,"StreamViewType":"NEW_AND_OLD_IMAGES"},
		"eventSourceARN":"arn:aws:dynamodb:us-east-1:000000000000:table/TABLE/stream/2026-03-01T00:00:00.000"}]}`, "TABLE", s.collection))
}

// What died comes back by AWS's own move task, after its cause is mended, as what it
// would have been had it not died. Moved twice, it changes nothing.
func TestMoveTaskBringsDeadLettersBackAsTheSameDocuments(t *testing.T) {
	t.Parallel()
	log := func(n int) string { return fmt.Sprintf(`{"@timestamp":"2026-03-01T10:00:00Z","n":%d}`, n) }
	row := func(id string, version int) string {
		return fmt.Sprintf(`{"id":%q,"version":%d,"s":"word"}`, id, version)
	}
	for name, c := range map[string]struct {
		wrong, right string
		payload      func(*scene) []byte
		letters      int
	}{
		"SQS": {wrongLogs, rightLogs, func(s *scene) []byte {
			return s.event(message{ID: "m1", Body: log(1)}, message{ID: "m2", Body: log(2) + "\n" + log(3)}, message{ID: "m3", Body: log(4), Attributes: map[string]string{"id": "own", "type": "theirs", "trace": "t"}})
		}, 3},
		"FIFO": {wrongEntity, rightEntity, func(s *scene) []byte {
			return s.event(message{ID: "f1", Body: row("A", 7), Group: "g1"}, message{ID: "f2", Body: row("A", 8), Group: "g1"}, message{ID: "f3", Body: row("B", 1), Group: "g2"})
		}, 3},
		"Kinesis": {wrongLogs, rightLogs, func(s *scene) []byte {
			return s.records([]byte(log(1)), zipped(log(2)+"\n"+log(3)), []byte("[ "+log(4)+","+log(5)+" ]"))
		}, 3},
		"DynamoDB": {"sources: [{table: dynamodb.NAME}]\n" + strings.Replace(wrongEntity, "op: {field: op, delete: [delete]}\n", "", 1),
			"sources: [{table: dynamodb.NAME}]\n" + strings.Replace(rightEntity, "op: {field: op, delete: [delete]}\n", "", 1), (*scene).tableRecord, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, "index: {policy: single}\nfields: {a: {type: keyword}}\n")
			named := func(definition string) string { return strings.ReplaceAll(definition, "NAME", s.collection) }
			s.define(s.collection, named(c.wrong))
			first := s.function("ingest", merged(patient, map[string]string{"DEFAULT_COLLECTION": s.collection}))
			if name == "DynamoDB" {
				first = s.function("ingest", patient)
			}
			payload := c.payload(s)
			s.same("reported", s.invoke(first, payload), none)
			if got := depth(t, s.dead); got != fmt.Sprintf("%d visible, 0 hidden", c.letters) {
				t.Fatalf("dead letters: %s", got)
			}

			s.mend(named(c.right))
			second := s.function("ingest", patient) // as the queue's: without a default collection
			p := s.pipe(30, 10, second)
			s.moveBack(p)
			got := s.states()
			s.same("dead letters", bodies(s.deadLetters()), none)

			s.same("delivered again by its source", s.invoke(s.function("ingest", merged(patient, map[string]string{"DEFAULT_COLLECTION": s.collection})), payload), none)
			if again := s.states(); !maps.Equal(again, got) || len(got) == 0 {
				t.Errorf("redriven %v\nafter a second delivery %v", got, again)
			}
			s.mend(named(c.right))
			s.same("had it not died", s.invoke(s.function("ingest", merged(patient, map[string]string{"DEFAULT_COLLECTION": s.collection})), payload), none)
			if want := s.states(); !maps.Equal(want, got) {
				t.Errorf("redriven %v\nhad it not died %v", got, want)
			}
		})
	}
}

// One poison among the documents of a record: the others are stored at once, and what
// the redrive brings of them again is known.
func TestRedriveOfARecordOfSeveralDocumentsStoresTheMissingOneOnly(t *testing.T) {
	t.Parallel()
	s := newScene(t, appendOnly)
	fn := s.function("ingest", patient)
	s.same("reported", s.invoke(fn, s.event(message{ID: "m", Body: `{"@timestamp":"2026-03-01T10:00:00Z","n":1}
{"@timestamp":"2026-03-01T10:00:00Z","n":"word"}
{"@timestamp":"2026-03-01T10:00:00Z","n":3}`})), none)
	s.same("stored at once", keys(s.documents()), []string{"m#0", "m#2"})
	before := s.states()
	p := s.pipe(30, 10, fn)
	s.moveBack(p) // not mended: it dies again, and nothing else changes
	if again := s.states(); !maps.Equal(before, again) {
		t.Errorf("before %v, after %v", before, again)
	}
	letters := s.deadLetters()
	if len(letters) != 1 || noteOf(t, letters[0]).Attempts != 2 {
		t.Fatalf("%d letters", len(letters))
	}
	body := strings.Replace(*letters[0].Body, `"word"`, "2", 1) // a person mends it, and keeps its attributes
	if _, err := world.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &p.url, MessageBody: &body, MessageAttributes: letters[0].MessageAttributes}); err != nil {
		t.Fatal(err)
	}
	p.drained(time.Minute)
	after := s.states()
	for id, state := range before {
		if after[id] != state {
			t.Errorf("%s was %s and is %s", id, state, after[id])
		}
	}
	s.same("mended", keys(s.documents()), []string{"m#0", "m#1", "m#2"})
}

func noteOf(t testing.TB, m types.Message) deadletter.Note {
	t.Helper()
	n, ok := deadletter.Parse(attribute(m, deadletter.Attribute))
	if !ok {
		t.Fatalf("no note: %v", m.MessageAttributes)
	}
	return n
}

// The dead-letter queue is by mistake a source of ingest: its letters die, come back and
// die, until they are parked. None is lost.
func TestADeadLetterQueueThatIsReadByMistakeEndsInTheParkingQueue(t *testing.T) {
	t.Parallel()
	s := newScene(t, appendOnly)
	parking, _ := queue(t, s.collection+"-parking", nil)
	fn := s.function("ingest", merged(patient, map[string]string{"PARKING_QUEUE_URL": parking, "DEAD_LETTER_ATTEMPTS": "3"}))
	read := s.runs(lambda.Queue{Client: world.sqs, URL: s.dead, Function: fn, BatchSize: 10, ReportBatchItemFailures: true}.Run)
	s.same("reported", s.invoke(fn, s.event(message{ID: "bad", Body: `{"@timestamp":"2026-03-01T10:00:00Z","n":"word"}`}, message{ID: "worse", Body: `no time`})), none)
	eventually(t, time.Minute, func() string {
		if got := depth(t, parking); got != "2 visible, 0 hidden" || depth(t, s.dead) != "0 visible, 0 hidden" {
			return "parked: " + got + "; dead letters: " + depth(t, s.dead)
		}
		return ""
	})
	read()
	s.dead = parking
	letters := s.deadLetters()
	if len(letters) != 2 || noteOf(t, letters[0]).Attempts != 4 || noteOf(t, letters[1]).Attempts != 4 {
		t.Errorf("%d parked: %v", len(letters), bodies(letters))
	}
}

// A record larger than a queue takes, gzipped or not, leaves its body in the bucket, is
// led back to it by AWS's move task, and stays a letter if the object has gone.
func TestRecordLargerThanAQueueTakesComesBackFromTheBucket(t *testing.T) {
	t.Parallel()
	s := newScene(t, wrongLogs)
	bucket := s.collection + "-letters"
	if _, err := world.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 2<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	body := []byte(fmt.Sprintf(`{"@timestamp":"2026-03-01T10:00:00Z","n":7,"message":"%x"}`, noise))
	vars := merged(patient, map[string]string{"DEFAULT_COLLECTION": s.collection, "DEAD_LETTER_BUCKET": bucket})

	missing := s.function("ingest", merged(vars, map[string]string{"DEAD_LETTER_BUCKET": bucket + "-none"}))
	if failed := s.invoke(missing, s.records(body)); len(failed) != 1 {
		t.Errorf("without its bucket: %v, want the record to come again", failed)
	}
	fn := s.function("ingest", vars)
	for range 2 { // delivered again, it is one object still
		s.same("reported", s.invoke(fn, s.records(body)), none)
	}
	objects, err := world.s3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil || len(objects.Contents) != 1 || !strings.HasPrefix(*objects.Contents[0].Key, s.collection+"/2026-03-01/") {
		t.Fatalf("%v: %+v", err, objects)
	}
	got, err := world.s3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: objects.Contents[0].Key})
	if err != nil {
		t.Fatal(err)
	}
	var kept bytes.Buffer
	if _, err := kept.ReadFrom(got.Body); err != nil || !bytes.Equal(kept.Bytes(), body) {
		t.Error("the body is not what it was")
	}

	s.mend(rightLogs)
	p := s.pipe(30, 10, s.function("ingest", merged(patient, map[string]string{"DEAD_LETTER_BUCKET": bucket})))
	s.moveBack(p)
	if docs := s.documents(); len(docs) != 1 || !bytes.Equal(docs[s.collection+":shardId-000000000000:49571080000000000000000000000000000000000000000000000000"], body) {
		t.Errorf("%d documents: %v", len(docs), keys(docs))
	}
	s.same("dead letters", bodies(s.deadLetters()), none)

	s.mend(wrongLogs)
	s.same("reported", s.invoke(s.function("ingest", vars), s.records(body)), none)
	if _, err := world.s3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: objects.Contents[0].Key}); err != nil {
		t.Fatal(err)
	}
	s.moveBack(p)
	letters := s.deadLetters()
	if len(letters) != 1 || attribute(letters[0], "type") != "object_missing" || noteOf(t, letters[0]).Object != *objects.Contents[0].Key {
		t.Errorf("%d letters: %v", len(letters), bodies(letters))
	}
}
