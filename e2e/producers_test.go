package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/shared/lambdatest"
	"github.com/sluice-dev/sluice/shared/producer"
)

const awsSDK = "@aws-sdk/client-sqs@3.1175.0"

func (p *pipeline) run(stdin, name string, args ...string) {
	p.Helper()
	c := exec.CommandContext(p.Context(), name, append(args, p.url, p.collection)...)
	c.Stdin = strings.NewReader(stdin)
	c.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+world.aws, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
	if out, err := c.CombinedOutput(); err != nil {
		p.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// javaScript installs the SDK that the example needs, once, and returns the example beside it.
func javaScript(t *testing.T) string {
	t.Helper()
	node := filepath.Join(world.cache, "producers-js")
	if err := os.MkdirAll(node, 0o750); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(node, "node_modules", "@aws-sdk", "client-sqs")); err != nil {
		install := exec.CommandContext(t.Context(), "npm", "install", "--prefix", node, "--no-audit", "--no-fund", "--no-package-lock", "--save-exact", awsSDK)
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm (part of Node.js 20 or later: https://nodejs.org) cannot install %s: %v\n%s", awsSDK, err, out)
		}
	}
	text, err := os.ReadFile("../docs/producers/send.mjs")
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(node, "send.mjs")
	if err := os.WriteFile(script, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return script
}

func TestProducersInPythonAndJavaScriptSendEachLineOnce(t *testing.T) {
	s := newScene(t, appendOnly)
	p := s.pipe(30, 100, s.function("ingest", nil))
	text := lines(55)
	for _, letter := range []string{"x", "y"} { // too large for one request
		text += `{"@timestamp":"2024-01-01T10:00:00Z","message":"` + strings.Repeat(letter, 600_000) + "\"}\n"
	}
	for range 2 {
		p.run(text, world.stack.Moto.Python, "../docs/producers/send.py")
		p.run(text, "node", javaScript(t))
	}
	p.drained(time.Minute)
	if got := len(s.documents()); got != 57 {
		t.Errorf("%d documents of 57 lines, sent twice by each of two producers", got)
	}
}

func TestProducersInGoReachQueueFIFOQueueAndStream(t *testing.T) {
	s := newScene(t, entity)
	fn := s.function("ingest", map[string]string{"DEFAULT_COLLECTION": s.collection})
	p := s.pipe(30, 100, fn)
	fifo := s.pipeFIFO(30, fn).url
	want := map[string]int{}
	message := func(id string, version int) producer.Message {
		want[id] = max(want[id], version)
		return producer.Message{Body: []byte(fmt.Sprintf(`{"id":%q,"version":%d}`, id, version)), Collection: s.collection, Key: id}
	}
	var queue, ordered, stream []producer.Message
	for i := range 60 {
		queue = append(queue, message(fmt.Sprint("q", i%20), i))
		ordered = append(ordered, message(fmt.Sprint("f", i%7), i))
		stream = append(stream, message(fmt.Sprint("k", i%20), i))
	}
	arn := s.stream(nil)
	s.runs(lambda.Stream{
		Client: world.kin, ARN: arn, Function: fn, BatchSize: 100, Window: 200 * time.Millisecond, MaximumRetryAttempts: -1, ReportBatchItemFailures: true,
	}.Run)
	for name, err := range map[string]error{
		"queue":  errors.Join(producer.NewQueue(world.sqs, p.url, producer.Config{}).Send(t.Context(), queue)...),
		"fifo":   errors.Join(producer.NewQueue(world.sqs, fifo, producer.Config{}).Send(t.Context(), ordered)...),
		"stream": errors.Join(producer.NewStream(world.kin, arn, producer.Config{}).Send(t.Context(), stream)...),
	} {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	eventually(t, time.Minute, func() string {
		got := map[string]int{}
		for id, document := range s.documents() {
			var version int
			_, _ = fmt.Sscanf(string(document[strings.Index(string(document), `"version":`):]), `"version":%d`, &version)
			got[id] = version
		}
		if !maps.Equal(got, want) {
			return fmt.Sprintf("got %v, want %v", got, want)
		}
		return ""
	})
}

// Each example of docs/asyncapi.yaml, with the collection that its kind is for.
func TestEachMessageFormOfTheAsyncAPIDocumentIsTakenIn(t *testing.T) {
	text, err := os.ReadFile("../docs/asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Messages map[string]struct {
				Examples []struct {
					Headers map[string]string
					Payload any
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	entities, events := newScene(t, entity), newScene(t, appendOnly)
	rows := newScene(t, "id: {fields: [id]}\nfields: {id: {type: keyword}, status: {type: keyword}}\nindex: {policy: single, replicas: 0}\n")
	want := map[string]struct {
		*scene
		ids []string
	}{
		"document": {entities, []string{"A-1"}}, "documents": {entities, []string{"B-1", "B-2"}}, "array": {entities, []string{"C-1", "C-2"}},
		"packed": {entities, []string{"D-1"}}, "line": {events, []string{"line-1"}},
		"debezium": {rows, []string{"1"}}, "canal": {rows, []string{"2"}}, "maxwell": {rows, []string{"3"}}, "dms": {rows, []string{"4"}}, "dynamodb": {rows, []string{"5"}}, "change": {rows, []string{"6"}},
		"sns": {entities, []string{"E-1"}}, "eventBridge": {entities, []string{"F-1"}}, "objectNotification": {entities, nil},
		"cloudWatchLogs": {events, []string{"38002771255200670193485070422718545317098046042931200001", "38002771255200670193485070422718545317098046042931200002"}},
	}
	functions := map[*scene]*lambdatest.Function{}
	for _, s := range []*scene{entities, events, rows} {
		functions[s] = s.function("ingest", nil)
	}
	expected := map[*scene][]string{}
	for name, form := range document.Components.Messages {
		to, ok := want[name]
		if !ok {
			t.Errorf("nobody knows what becomes of %s", name)
			continue
		}
		expected[to.scene] = append(expected[to.scene], to.ids...)
		for i, example := range form.Examples {
			body, isText := example.Payload.(string)
			if !isText {
				asJSON, err := json.Marshal(example.Payload)
				if err != nil {
					t.Fatal(err)
				}
				body = string(asJSON)
			}
			delete(example.Headers, "collection")
			failed := to.invoke(functions[to.scene], to.event(message{ID: fmt.Sprint(name, i), Body: body, Attributes: example.Headers}))
			to.same(name, failed, []string{})
		}
	}
	for s, ids := range expected {
		slices.Sort(ids)
		s.same("ids", keys(s.documents()), ids)
		s.same("dead letters", bodies(s.deadLetters()), []string{})
	}
}
