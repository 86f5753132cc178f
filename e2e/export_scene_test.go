package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// exporter is a scene with an HTTP API, and a worker on the queue of exports before a real
// S3 server.
type exporter struct {
	*scene
	api    string
	client *s3.Client
	bucket string
	env    map[string]string
	worker *lambdatest.Function
}

func newExporter(t *testing.T, definition string, env map[string]string, but ...func(*lambdatest.Config)) *exporter {
	t.Helper()
	return exporterOn(t, newScene(t, definition), env, but...)
}

func exporterOn(t *testing.T, s *scene, env map[string]string, but ...func(*lambdatest.Config)) *exporter {
	t.Helper()
	server, err := world.buckets()
	if err != nil {
		t.Fatal(err)
	}
	x := &exporter{scene: s, bucket: s.collection + "-exports"}
	x.client = s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
	})
	if _, err := x.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &x.bucket}); err != nil {
		t.Fatal(err)
	}
	tasks, _ := queue(t, s.collection+"-export", map[string]string{"VisibilityTimeout": "5"})
	x.env = merged(map[string]string{
		"EXPORT_BUCKET": x.bucket, "EXPORT_QUEUE_URL": tasks, "AWS_ENDPOINT_URL_S3": server.URL,
		"EXPORT_RETRY_WAIT": "1s", "EXPORT_ATTEMPTS": "2", "OPENSEARCH_BREAKER_FAILURES": "1000",
	}, env)
	api := httptest.NewServer(lambda.Front{Function: s.function("search", x.env)})
	t.Cleanup(api.Close)
	x.api = api.URL
	x.worker = s.function("search", x.env, append([]func(*lambdatest.Config){func(c *lambdatest.Config) { c.Name += "-worker" }}, but...)...)
	x.runs(lambda.Queue{Client: world.sqs, URL: tasks, Function: x.worker, BatchSize: 1, MaximumConcurrency: 2, ReportBatchItemFailures: true}.Run)
	return x
}

func (x *exporter) ask(method, path, body string) httpAnswer {
	x.Helper()
	req, err := http.NewRequestWithContext(x.Context(), method, x.api+path, strings.NewReader(body))
	if err != nil {
		x.Fatal(err)
	}
	return fetch(x, req)
}

// export is one answer of GET .../export.
func (x *exporter) export(query string) httpAnswer {
	x.Helper()
	return x.ask(http.MethodGet, "/v1/"+x.collection+"/export?"+query, "")
}

// exportJob is a job as callers see it.
type exportJob struct {
	ID          string   `json:"id"`
	State       string   `json:"state"`
	Reasons     []string `json:"reasons"`
	Consistency string   `json:"consistency"`
	Rows        int      `json:"rows"`
	Bytes       int      `json:"bytes"`
	Expected    *int     `json:"expected"`
	Parts       []struct {
		Name   string  `json:"name"`
		Rows   int     `json:"rows"`
		SHA256 string  `json:"sha256"`
		URL    *string `json:"url"`
	} `json:"parts"`
	Manifest *string `json:"manifest"`
}

// start starts a job.
func (x *exporter) start(body string) exportJob {
	x.Helper()
	return x.job(http.MethodPost, "/exports", body, http.StatusAccepted)
}

func (x *exporter) job(method, path, body string, want int) (j exportJob) {
	x.Helper()
	a := x.ask(method, "/v1/"+x.collection+path, body)
	if err := json.Unmarshal(a.body, &j); err != nil || a.status != want {
		x.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	return j
}

// ended waits until a job is worked on no more.
func (x *exporter) ended(id string, limit time.Duration) (j exportJob) {
	x.Helper()
	eventually(x, limit, func() string {
		if j = x.job(http.MethodGet, "/exports/"+id, "", http.StatusOK); j.State == "running" {
			return fmt.Sprintf("%d rows and still running", j.Rows)
		}
		return ""
	})
	return j
}

// file is a job's parts, one behind the other, by their links.
func (x *exporter) file(j exportJob) []byte {
	x.Helper()
	var all []byte
	for _, p := range j.Parts {
		all = append(all, x.fetch(p.URL)...)
	}
	return all
}

func (x *exporter) fetch(link *string) []byte {
	x.Helper()
	if link == nil {
		x.Fatal("no link")
	}
	status, text := send(x, *link, http.MethodGet, "", "")
	if status != http.StatusOK {
		x.Fatalf("%d %s", status, text)
	}
	return text
}

// rowIDs are the ids of a file's documents, in its order; last is a last line that is none.
func rowIDs(t testing.TB, format string, file []byte) (ids []string, last string) {
	t.Helper()
	if format == "csv" {
		return csvIDs(t, file)
	}
	for line := range bytes.Lines(file) {
		var row struct {
			ID     *string         `json:"id"`
			Export json.RawMessage `json:"export"`
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if row.ID == nil {
			last = string(line)
			continue
		}
		ids = append(ids, *row.ID)
	}
	return ids, last
}

func csvIDs(t testing.TB, file []byte) (ids []string, last string) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(file))
	r.FieldsPerRecord = -1
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		switch {
		case record[0] == "_id":
		case strings.HasPrefix(record[0], "# not complete"):
			last = record[0]
		default:
			ids = append(ids, record[0])
		}
	}
	return ids, last
}
