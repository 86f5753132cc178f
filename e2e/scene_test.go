package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/shared/lambdatest"
	policy "github.com/sluice-dev/sluice/shared/rotation"
)

// scene is one test's own collection, queues and functions before the shared servers,
// or before a node of its own. Everything in it is named after its collection.
type scene struct {
	*testing.T
	collection string
	node       string // OpenSearch itself, past the proxy
	proxy      *faultproxy.Proxy
	task       string // the functions' task root
	dead       string // dead-letter queue's URL
}

var scenes atomic.Int64

// appendOnly and entity are the two kinds of collection, as YAML without a name.
const (
	appendOnly = `append_only: true
time: {field: "@timestamp"}
lines: [combined, text]
fields:
  "@timestamp": {type: date}
  message: {type: text}
  n: {type: long}
index: {policy: periodic, period: day, replicas: 0}
`
	entity = `id: {fields: [id]}
version: {field: version}
op: {field: op, delete: [delete]}
fields:
  id: {type: keyword}
  version: {type: long}
  op: {type: keyword}
  s: {type: keyword}
index: {policy: single, replicas: 0}
`
)

// newScene makes a scene whose one collection has the definition given.
func newScene(t *testing.T, definition string) *scene {
	t.Helper()
	return sceneOn(t, world.stack.OpenSearch.URL, definition)
}

func sceneOn(t *testing.T, node, definition string) *scene {
	t.Helper()
	name := fmt.Sprintf("t%d%s", scenes.Add(1), "x")
	s := &scene{T: t, collection: name, node: node, task: t.TempDir()}
	var err error
	if s.proxy, err = faultproxy.Start(node); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.proxy.Close)
	s.define(name, definition)
	s.dead, _ = queue(t, name+"-dead", nil)
	return s
}

// define adds a collection to the scene.
func (s *scene) define(name, definition string) {
	s.Helper()
	dir := filepath.Join(s.task, "collections")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte("name: "+name+"\n"+definition), 0o600); err != nil {
		s.Fatal(err)
	}
}

// function starts functions/<folder> with what a stack would set, and env over it.
func (s *scene) function(folder string, env map[string]string, but ...func(*lambdatest.Config)) *lambdatest.Function {
	s.Helper()
	vars := map[string]string{
		"OPENSEARCH_URL": s.proxy.URL, "DEAD_LETTER_QUEUE_URL": s.dead, "INGEST_QUEUE_URL": s.dead, "SEARCH_CURSOR_KEY": "a key of this test only",
		"RETRY_DELAY": "1s", "RETRY_DELAY_MAX": "4s", "AWS_ENDPOINT_URL": world.aws, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	}
	maps.Copy(vars, env)
	cfg := lambdatest.Config{
		Name: s.collection + "-" + folder, Bootstrap: world.boot[folder], Dir: s.task, Env: vars,
		Timeout: 30 * time.Second, Concurrency: 10, MemorySize: 512, Log: func(line string) { s.Log(folder, line) },
	}
	for _, change := range but {
		change(&cfg)
	}
	fn, err := lambdatest.Start(s.Context(), cfg)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(fn.Close)
	return fn
}

// message is one SQS message of an event.
type message struct {
	ID         string
	Body       string
	Collection string // "": the scene's; "-": none
	Group      string // FIFO
	Attributes map[string]string
}

// event is the payload that Lambda makes of messages.
func (s *scene) event(messages ...message) []byte {
	records := make([]map[string]any, 0, len(messages))
	source := "arn:aws:sqs:us-east-1:000000000000:" + s.collection
	for _, m := range messages {
		sent := fmt.Sprint(time.Now().UnixMilli())
		attributes := map[string]any{"ApproximateReceiveCount": "1", "SentTimestamp": sent, "SenderId": "AIDA", "ApproximateFirstReceiveTimestamp": sent}
		arn := source
		if m.Group != "" {
			attributes["MessageGroupId"], arn = m.Group, source+".fifo"
		}
		user := map[string]any{}
		if m.Collection != "-" {
			user["collection"] = stringAttribute(cmp.Or(m.Collection, s.collection))
		}
		for k, v := range m.Attributes {
			user[k] = stringAttribute(v)
		}
		records = append(records, map[string]any{
			"messageId": m.ID, "receiptHandle": "h-" + m.ID, "body": m.Body, "attributes": attributes,
			"messageAttributes": user, "md5OfBody": "", "eventSource": "aws:sqs", "eventSourceARN": arn, "awsRegion": "us-east-1",
		})
	}
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		s.Fatal(err)
	}
	return payload
}

func stringAttribute(v string) map[string]any {
	return map[string]any{"stringValue": v, "dataType": "String", "stringListValues": []string{}, "binaryListValues": []string{}}
}

// invoke delivers a payload and returns the ids reported as failed, sorted.
func (s *scene) invoke(fn *lambdatest.Function, payload []byte) []string {
	s.Helper()
	ids := s.deliver(fn, payload)
	if ids == nil {
		s.FailNow()
	}
	return ids
}

// deliver is invoke for any goroutine: what goes wrong is an error and nil.
func (s *scene) deliver(fn *lambdatest.Function, payload []byte) []string {
	s.Helper()
	res, err := fn.Invoke(s.Context(), payload)
	if err != nil || res.FunctionError != "" {
		s.Errorf("invoke: %v %s", err, res.Payload)
		return nil
	}
	var answer struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(res.Payload, &answer); err != nil || answer.Failures == nil {
		s.Errorf("answer %s: %v: null or no list would mean that all succeeded", res.Payload, err)
		return nil
	}
	ids := []string{}
	for _, f := range answer.Failures {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	return ids
}

// documents are the scene's stored documents by id, as the server has them now, without
// tombstones.
func (s *scene) documents() map[string]json.RawMessage {
	s.Helper()
	return s.documentsOf(s.collection)
}

func (s *scene) documentsOf(collection string) map[string]json.RawMessage {
	s.Helper()
	return s.found(collection, policy.Living)
}

// found are a collection's documents that a query finds.
func (s *scene) found(collection, query string) map[string]json.RawMessage {
	s.Helper()
	call(s, s.node, http.MethodPost, "/"+collection+"-*/_refresh", "")
	docs := map[string]json.RawMessage{}
	after := ""
	for {
		body := `{"size":5000,"sort":[{"_id":"asc"}],"query":` + query + after + `}`
		_, text := send(s, s.node, http.MethodPost, "/"+collection+"-*/_search?ignore_unavailable=true&allow_no_indices=true", body)
		var page struct {
			Hits struct {
				Hits []struct {
					Index  string          `json:"_index"`
					ID     string          `json:"_id"`
					Source json.RawMessage `json:"_source"`
				}
			}
		}
		if err := json.Unmarshal(text, &page); err != nil {
			s.Fatalf("%s: %v", text, err)
		}
		for _, h := range page.Hits.Hits {
			if _, twice := docs[h.ID]; twice {
				s.Errorf("document %s is stored twice, once in %s", h.ID, h.Index)
			}
			docs[h.ID] = h.Source
		}
		if len(page.Hits.Hits) < 5000 {
			return docs
		}
		last, _ := json.Marshal(page.Hits.Hits[4999].ID)
		after = `,"search_after":[` + string(last) + `]`
	}
}

// indices are the names of the scene's indices, sorted.
func (s *scene) indices() []string {
	s.Helper()
	_, text := send(s, s.node, http.MethodGet, "/_cat/indices/"+s.collection+"*?h=index&s=index&expand_wildcards=all", "")
	return strings.Fields(string(text))
}

// deadLetters takes all messages from the dead-letter queue.
func (s *scene) deadLetters() []types.Message {
	s.Helper()
	var all []types.Message
	for {
		out, err := world.sqs.ReceiveMessage(s.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: &s.dead, MaxNumberOfMessages: 10, VisibilityTimeout: 600,
			MessageAttributeNames: []string{"All"},
		})
		if err != nil {
			s.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return all
		}
		all = append(all, out.Messages...)
	}
}

// attribute of a dead letter, "" if it has none.
func attribute(m types.Message, name string) string {
	return aws.ToString(m.MessageAttributes[name].StringValue)
}

// same compares two lists of strings.
func (s *scene) same(what string, got, want []string) {
	s.Helper()
	if !slices.Equal(got, want) {
		s.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func keys(docs map[string]json.RawMessage) []string { return slices.Sorted(maps.Keys(docs)) }

func bodies(messages []types.Message) []string {
	out := []string{}
	for _, m := range messages {
		out = append(out, aws.ToString(m.Body))
	}
	return out
}

func merged(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
