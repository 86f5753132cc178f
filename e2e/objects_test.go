package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// Objects of a real S3 server, told of as S3 and EventBridge do.

// store is a scene with a bucket, named after its collection.
type store struct {
	*scene
	client *s3.Client
	server *part.Buckets
	name   string
	line   *faultproxy.Line // to the S3 server
	mu     sync.Mutex
	log    strings.Builder // of the functions
}

func newStore(t *testing.T, definition string) *store {
	t.Helper()
	server, err := world.buckets()
	if err != nil {
		t.Fatal(err)
	}
	s := &store{scene: newScene(t, definition), server: server}
	if s.line, err = faultproxy.StartLine(server.URL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.line.Close)
	s.name = s.collection + "-objects"
	s.client = s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
	})
	if _, err := s.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &s.name}); err != nil {
		t.Fatal(err)
	}
	return s
}

// ingest starts the function with the S3 server behind the line.
func (s *store) ingest(env map[string]string, but ...func(*lambdatest.Config)) *lambdatest.Function {
	s.Helper()
	noted := func(c *lambdatest.Config) {
		c.Log = func(line string) {
			s.mu.Lock()
			s.log.WriteString(line + "\n")
			s.mu.Unlock()
			s.Log("ingest", line)
		}
	}
	return s.function("ingest", merged(map[string]string{"AWS_ENDPOINT_URL_S3": s.line.URL}, env), append(but, noted)...)
}

// put stores an object and returns S3's notification of it.
func (s *store) put(key string, content io.Reader) string {
	s.Helper()
	out, err := s.client.PutObject(s.Context(), &s3.PutObjectInput{Bucket: &s.name, Key: &key, Body: content})
	if err != nil {
		s.Fatal(err)
	}
	head, err := s.client.HeadObject(s.Context(), &s3.HeadObjectInput{Bucket: &s.name, Key: &key})
	if err != nil {
		s.Fatal(err)
	}
	object := map[string]any{"key": url.QueryEscape(key), "size": aws.ToInt64(head.ContentLength), "eTag": strings.Trim(*out.ETag, `"`), "sequencer": "0065"}
	if out.VersionId != nil && *out.VersionId != "" {
		object["versionId"] = *out.VersionId
	}
	text, _ := json.Marshal(map[string]any{"Records": []any{map[string]any{
		"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventName": "ObjectCreated:Put",
		"s3": map[string]any{"bucket": map[string]any{"name": s.name}, "object": object},
	}}})
	return string(text)
}

// logged says whether the log has the word: it may come a moment after the answer.
func (s *store) logged(word string) bool {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		s.mu.Lock()
		found := strings.Contains(s.log.String(), word)
		s.mu.Unlock()
		if found || time.Now().After(end) {
			return found
		}
	}
}

// count is how many documents the collection has, counted by OpenSearch.
func (s *store) count() int {
	s.Helper()
	call(s, s.node, http.MethodPost, "/"+s.collection+"-*/_refresh", "")
	_, answer := call(s, s.node, http.MethodGet, "/"+s.collection+"-*/_count?ignore_unavailable=true&allow_no_indices=true", "")
	n, _ := answer["count"].(json.Number).Int64()
	return int(n)
}

// each wants the values 0 to n-1 of field n, in one document each.
func (s *store) each(n int) {
	s.Helper()
	if got := s.count(); got != n {
		s.Errorf("%d documents, want %d", got, n)
	}
	_, answer := call(s, s.node, http.MethodPost, "/"+s.collection+"-*/_search",
		`{"size":0,"aggs":{"different":{"cardinality":{"field":"n","precision_threshold":40000}},"least":{"min":{"field":"n"}},"most":{"max":{"field":"n"}}}}`)
	value := func(name string) float64 {
		all, _ := answer["aggregations"].(map[string]any)
		one, _ := all[name].(map[string]any)
		f, _ := one["value"].(json.Number).Float64()
		return f
	}
	// Below the threshold the cardinality is nearly exact; with the count, a number twice would leave one out.
	if d := value("different"); value("least") != 0 || value("most") != float64(n-1) || d < 0.99*float64(n) || d > 1.01*float64(n) {
		s.Errorf("%v different numbers from %v to %v, want %d", d, value("least"), value("most"), n)
	}
}

const objectLines = `append_only: true
lines: [text]
fields:
  n: {type: long}
  p: {type: keyword, mapping: {index: false, doc_values: false}}
index: {policy: single, replicas: 0, refresh_interval: 60s}
`

func numbered(n, bytes int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "{\"n\":%d,\"p\":%q}\n", i, strings.Repeat("x", bytes))
	}
	return out.String()
}

func gzipped(parts ...string) string {
	var out bytes.Buffer
	for _, p := range parts {
		w := gzip.NewWriter(&out)
		_, _ = io.WriteString(w, p)
		_ = w.Close()
	}
	return out.String()
}

func zstandard(text string) string {
	w, _ := zstd.NewWriter(nil)
	return string(w.EncodeAll([]byte(text), nil))
}

func TestCase06ControlNotificationsBeforeARealS3(t *testing.T) {
	s := newStore(t, objectLines)
	text, err := os.ReadFile("../functions/ingest/testdata/cases/06-s3-control-notifications.json")
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Input struct {
			Objects []struct {
				Key  string
				Body []byte `json:"body_base64"`
			} `json:"s3_objects"`
			Events []json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	for _, o := range c.Input.Objects {
		s.put(o.Key, bytes.NewReader(o.Body))
	}
	event := strings.NewReplacer(`\"b1\"`, `\"`+s.name+`\"`, `\\\"b1\\\"`, `\\\"`+s.name+`\\\"`, ":s3-notify", ":"+s.collection, `"messageAttributes": {}`,
		`"messageAttributes": {"collection":{"stringValue":"`+s.collection+`","dataType":"String"}}`).Replace(string(c.Input.Events[0]))
	fn := s.ingest(nil)
	for range 2 {
		s.same("batchItemFailures", s.invoke(fn, []byte(event)), none)
	}
	place := s.name + "/in/a.ndjson@707a7967b0f1d0a9549555eacf73b6e3#"
	s.same("documents", keys(s.documents()), []string{place + "0", place + "53"})
	s.same("dead letters", bodies(s.deadLetters()), none)
	if !s.logged("empty=1 skipped=4") {
		t.Error("control notifications are not counted")
	}
}

func TestEachFormatOfAnObjectBecomesItsDocuments(t *testing.T) {
	array := "[" + strings.ReplaceAll(strings.TrimSpace(numbered(50, 9)), "\n", ",\n") + "]"
	var rows strings.Builder
	rows.WriteString("\xef\xbb\xbfn,p\r\n")
	for i := range 50 {
		fmt.Fprintf(&rows, "%d,\"a, \"\"b\"\"\n%d\"\r\n", i, i)
	}
	for name, content := range map[string]string{
		"ndjson": numbered(50, 9), "array": array, "records": `{"Records":` + array + "}", "pretty": strings.ReplaceAll(numbered(50, 9), ",", ",\n "),
		"concatenated": strings.ReplaceAll(numbered(50, 9), "\n", ""), "rows.csv": rows.String(), "semicolons.tsv": strings.ReplaceAll(strings.ReplaceAll(numbered(50, 9), "{\"n\":", ""), ",\"p\":", "\t"),
	} {
		t.Run(name, func(t *testing.T) {
			if name == "semicolons.tsv" {
				content = "n\tp\n" + strings.ReplaceAll(content, "}", "")
			}
			s := newStore(t, objectLines)
			fn := s.ingest(nil)
			stem, ext, _ := strings.Cut(name, ".")
			half := strings.Index(content, "\n") + 1
			for packing, packed := range map[string]string{"": content, ".gz": gzipped(content[:half], content[half:]), ".zst": zstandard(content)} {
				if ext != "" {
					packing = "." + ext + packing
				}
				s.same(packing, s.invoke(fn, s.event(message{ID: "m", Body: s.put("in/"+stem+packing, strings.NewReader(packed))})), none)
			}
			s.same("dead letters", bodies(s.deadLetters()), none)
			if got := s.count(); got != 150 {
				t.Fatalf("%d documents, want 50 of each of three objects", got)
			}
			for id, doc := range s.documents() {
				if !strings.Contains(string(doc), `"n":`) {
					t.Fatalf("%s: %s", id, doc)
				}
			}
		})
	}
}

func TestObjectInABucketWithVersionsIsReadAsItWasToldOf(t *testing.T) {
	s := newStore(t, objectLines)
	if _, err := s.client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &s.name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	}); err != nil {
		t.Fatal(err)
	}
	first := s.put("a", strings.NewReader(`{"n":0}`))
	second := s.put("a", strings.NewReader(`{"n":1}`))
	if !strings.Contains(first, "versionId") {
		t.Fatal(first)
	}
	fn := s.ingest(nil)
	for range 2 {
		s.same("batchItemFailures", s.invoke(fn, s.event(message{ID: "m", Body: first}, message{ID: "o", Body: second})), none)
	}
	s.each(2)
}

func TestObjectIsReadOnThroughLostConnections(t *testing.T) {
	s := newStore(t, objectLines)
	content := numbered(20_000, 1000)
	fn := s.ingest(nil)
	for _, packed := range []string{content, gzipped(content)} {
		told := s.put(fmt.Sprint("in/", len(packed)), strings.NewReader(packed))
		s.line.Cut(int64(len(packed))/5, 4)
		before := s.line.Cuts()
		s.same("batchItemFailures", s.invoke(fn, s.event(message{ID: "m", Body: told})), none)
		if cuts := s.line.Cuts() - before; cuts != 4 {
			t.Errorf("%d connections were cut", cuts)
		}
	}
	if got := s.count(); got != 40_000 {
		t.Errorf("%d documents", got)
	}
}

func TestObjectOverwrittenWhileItIsReadIsPassedOver(t *testing.T) {
	s := newStore(t, objectLines)
	told := s.put("a", strings.NewReader(numbered(40_000, 1000)))
	s.line.Cut(20<<20, 1)
	var next string
	s.proxy.Inject(faultproxy.Bulk, 1, func(x *faultproxy.Exchange) { // after the first lines
		next = s.put("a", strings.NewReader(numbered(3, 1)))
		faultproxy.Pass(x)
	})
	fn := s.ingest(nil)
	s.same("batchItemFailures", s.invoke(fn, s.event(message{ID: "m", Body: told})), none)
	former := s.count()
	if former == 0 || former >= 40_000 || !s.logged("overwritten since") || !s.logged("objects_gone=1") {
		t.Errorf("%d documents of the former content", former)
	}
	s.same("the new content", s.invoke(fn, s.event(message{ID: "m", Body: next})), none)
	if got := s.count(); got != former+3 {
		t.Errorf("%d documents, want 3 more than %d", got, former)
	}
	s.same("dead letters", bodies(s.deadLetters()), none)
}

func TestObjectThatIsGoneIsPassedOverAndOneThatIsRefusedComesAgain(t *testing.T) {
	s := newStore(t, objectLines)
	told := s.put("a", strings.NewReader(numbered(3, 1)))
	refused := s.ingest(map[string]string{"AWS_ACCESS_KEY_ID": "stranger"})
	s.same("without permission", s.invoke(refused, s.event(message{ID: "m", Body: told})), []string{"m"})
	if !s.logged("may not be read") || !s.logged("hint") {
		t.Error("it does not say why")
	}
	if _, err := s.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &s.name, Key: aws.String("a")}); err != nil {
		t.Fatal(err)
	}
	s.same("gone", s.invoke(s.ingest(nil), s.event(message{ID: "m", Body: told})), none)
	if !s.logged("deleted since") {
		t.Error("it is not said aloud")
	}
	s.same("dead letters", bodies(s.deadLetters()), none)
}

// An environment is killed in the middle, again and again: the message comes again, or
// goes on from its last checkpoint, and nothing is there twice.
func TestObjectIsStoredOnceThroughDeadlinesAndKills(t *testing.T) {
	for name, pack := range map[string]func(string) string{"plain": func(s string) string { return s }, "gzip": func(s string) string { return gzipped(s) }} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, strings.Replace(objectLines, "lines: [text]\n", "", 1))
			s.proxy.Inject(faultproxy.Bulk, -1, slow(150*time.Millisecond))
			fn := s.ingest(map[string]string{"DEADLINE_RESERVE": "500ms", "BULK_MAX_DOCS": "250"}, func(c *lambdatest.Config) { c.Timeout = 4 * time.Second })
			p := s.pipe(6, 10, fn)
			const n = 12_000
			told := s.put("in/a", strings.NewReader(pack(strings.Repeat("{broken\n", 3)+numbered(n, 1000))))
			s.send(p, told)
			for range 2 {
				time.Sleep(2500 * time.Millisecond)
				fn.Kill()
			}
			p.drained(120 * time.Second)
			s.each(n)
			if !s.logged("continued=1") {
				t.Error("no invocation went on where another had stopped")
			}
			letters := s.deadLetters()
			at := map[string]bool{}
			for _, l := range letters {
				at[attribute(l, "id")] = true
			}
			if len(at) != 3 {
				t.Errorf("dead letters %v", at)
			}
		})
	}
}

// slow is a server that takes its time.
func slow(d time.Duration) faultproxy.Fault {
	return func(x *faultproxy.Exchange) {
		time.Sleep(d)
		faultproxy.Pass(x)
	}
}

func (s *store) send(p *pipeline, body string) {
	s.Helper()
	if _, err := world.sqs.SendMessage(s.Context(), &sqs.SendMessageInput{QueueUrl: &p.url, MessageBody: &body, MessageAttributes: p.named()}); err != nil {
		s.Fatal(err)
	}
}

// A gibibyte passes through a function of 512 MiB, in several invocations. OpenSearch
// gets a twentieth of it: the rest is dropped on the way.
func TestObjectOfAGibibyteFitsIntoTheFunction(t *testing.T) {
	s := newStore(t, objectLines+"mapping:\n  - drop: [dropped]\n    examples: [{input: {n: 1, dropped: x}, want: {n: 1}}]\n")
	s.proxy.Inject(faultproxy.Bulk, -1, slow(50*time.Millisecond))
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	copyFile(t, world.boot["ingest"], bootstrap)
	peak := watch(t, bootstrap)
	fn := s.ingest(map[string]string{"DEADLINE_RESERVE": "1s"}, func(c *lambdatest.Config) { c.Bootstrap, c.Timeout = bootstrap, 6*time.Second })
	p := s.pipe(10, 10, fn)
	const lines = 5_300
	big := &gibibyte{lines: lines}
	began := time.Now()
	told := s.put("in/big.ndjson", big)
	t.Logf("%d bytes in the bucket after %s", big.size(), time.Since(began))
	began = time.Now()
	s.send(p, told)
	p.drained(240 * time.Second)
	t.Logf("stored after %s, peak %d MiB", time.Since(began), peak()>>20)
	s.each(lines)
	if peak() > 512<<20 || peak() == 0 || big.size() < 1<<30 {
		t.Errorf("the function took %d MiB for %d bytes", peak()>>20, big.size())
	}
	if !s.logged("continued=1") {
		t.Error("it was done in one invocation")
	}
	s.same("dead letters", bodies(s.deadLetters()), none)
}

// gibibyte is lines of 203 KiB, made while they are read.
type gibibyte struct {
	lines int
	at    int64
	last  int // line that text holds
	text  []byte
}

const bigLine = 203 << 10

func (g *gibibyte) size() int64 { return int64(g.lines) * bigLine }

func (g *gibibyte) line(i int) []byte {
	if g.text != nil && i == g.last {
		return g.text
	}
	field := "dropped"
	if i%20 == 0 {
		field = "p"
	}
	head := fmt.Sprintf(`{"n":%d,"%s":"`, i, field)
	g.last, g.text = i, append(append(append(g.text[:0], head...), bytes.Repeat([]byte("x"), bigLine-len(head)-3)...), "\"}\n"...)
	return g.text
}

func (g *gibibyte) Read(p []byte) (n int, err error) {
	for n < len(p) && g.at < g.size() {
		k := copy(p[n:], g.line(int(g.at / bigLine))[g.at%bigLine:])
		n, g.at = n+k, g.at+int64(k)
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (g *gibibyte) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += g.at
	case io.SeekEnd:
		offset += g.size()
	}
	g.at = offset
	return offset, nil
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, raw, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// watch returns the largest resident size, in bytes, that a process of the program has had.
func watch(t *testing.T, program string) func() int64 {
	t.Helper()
	var most int64
	var mu sync.Mutex
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	look := func() {
		all, _ := filepath.Glob("/proc/[0-9]*/exe")
		for _, exe := range all {
			if target, err := os.Readlink(exe); err != nil || target != program {
				continue
			}
			status, _ := os.ReadFile(filepath.Join(filepath.Dir(exe), "status"))
			_, rest, _ := strings.Cut(string(status), "VmHWM:")
			kib, _ := strconv.ParseInt(strings.Fields(rest + " 0")[0], 10, 64)
			mu.Lock()
			most = max(most, kib<<10)
			mu.Unlock()
		}
	}
	go func() {
		for ctx.Err() == nil {
			look()
			time.Sleep(200 * time.Millisecond)
		}
	}()
	return func() int64 {
		look()
		mu.Lock()
		defer mu.Unlock()
		return most
	}
}
