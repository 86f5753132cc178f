package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/local/part"
)

func TestInvokeURLIsAlsoAnEndpointURL(t *testing.T) {
	var got string
	h := anyPrefix(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Path }))
	const path = "/2015-03-31/functions/ingest/invocations"
	for _, asked := range []string{path, path + path, "/x" + path} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, asked, nil))
		if got != path {
			t.Errorf("%s became %s", asked, got)
		}
	}
}

func TestRunRefusesASourceThatItDoesNotKnow(t *testing.T) {
	if err := (Config{Sources: []string{"sqs", "kafke"}}).Validate(); err == nil || !strings.Contains(err.Error(), "kafka, rabbitmq") {
		t.Errorf("%v does not say what there is", err)
	}
}

func TestRunStartsExactlyWhatItsSourcesNeed(t *testing.T) {
	for _, c := range []struct{ sources, want string }{
		{"sqs", ""}, {"sqs,kinesis", "streams "}, {"sqs,dynamodb", "streams "}, {"kafka,sqs,kafka", "kafka "}, {"rabbitmq,kafka,kinesis", "streams kafka rabbitmq "},
	} {
		cfg, o, got := Config{Sources: strings.Split(c.sources, ",")}, part.Options{}, ""
		if err := cfg.Validate(); err != nil {
			t.Error(err)
		}
		for _, s := range cfg.chosen() {
			s.needs(&o)
		}
		for name, needed := range map[string]bool{"streams ": o.Streams, "kafka ": o.Kafka != nil, "rabbitmq ": o.RabbitMQ != nil} {
			if needed != strings.Contains(c.want, name) {
				got += name
			}
		}
		if got != "" {
			t.Errorf("%s: wrong is %s", c.sources, got)
		}
	}
}

func TestClusterThatYouHaveIsAskedWithThePasswordOfItsURLWhichIsNotShown(t *testing.T) {
	const mine = "https://me:secret@search.example:9200"
	if auth(mine) != "basic" || auth("http://127.0.0.1:9200") != "none" || withoutPassword(mine) != "https://me:xxxxx@search.example:9200" {
		t.Error(auth(mine), auth("http://127.0.0.1:9200"), withoutPassword(mine))
	}
}

func TestRunWithAMistakeInACollectionStartsNothingAndNamesFileAndLine(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "collections/logs.yaml", "name: logs\nindex: {policy: single}\nfeilds: {}\n")
	err := runAll(t.Context())
	if err == nil || !strings.Contains(err.Error(), `logs.yaml:3: unknown key "feilds": did you mean "fields"?`) {
		t.Error(err)
	}
}

func TestRefusedFirstRotationIsToldInItsOwnWords(t *testing.T) {
	for payload, want := range map[string]string{
		`{"errorMessage":"logs: refused\norders: refused","errorType":"Error"}`: "logs: refused\norders: refused",
		`{"errorType":"Other"}`: `{"errorType":"Other"}`,
		`no JSON`:               `no JSON`,
	} {
		if got := told([]byte(payload)); got != want {
			t.Errorf("%s is told as %q", payload, got)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
