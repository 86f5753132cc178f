package part_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
)

func TestOpenSearchKeepsItsDocumentsOverKill(t *testing.T) {
	stack := parttest.Start(t, part.Options{OpenSearch: &part.OpenSearchOptions{}})
	node := stack.OpenSearch
	if got := versionOf(t, node.URL); got != part.OpenSearch2 {
		t.Fatalf("version %s, want %s", got, part.OpenSearch2)
	}
	if status, reply := call(t, "PUT", node.URL+"/kept/_doc/1", `{"n":1}`); status != http.StatusCreated {
		t.Fatalf("%d %s", status, reply)
	}
	before := node.Pid()
	node.Kill()
	if _, err := http.Get(node.URL); err == nil {
		t.Fatal("a killed node answers")
	}
	if err := node.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if node.Pid() == before {
		t.Fatal("the same process")
	}
	if status, reply := call(t, "GET", node.URL+"/kept/_doc/1", ""); status != http.StatusOK || !strings.Contains(reply, `"_source":{"n":1}`) {
		t.Fatalf("%d %s", status, reply)
	}
}

func TestOpenSearchOfTheNextLineRunsToo(t *testing.T) {
	stack := parttest.Start(t, part.Options{OpenSearch: &part.OpenSearchOptions{Version: part.OpenSearch3}})
	if got := versionOf(t, stack.OpenSearch.URL); got != part.OpenSearch3 {
		t.Fatalf("version %s, want %s", got, part.OpenSearch3)
	}
}

func TestOpenSearchObeysItsSettings(t *testing.T) {
	node := parttest.Start(t, part.Options{OpenSearch: &part.OpenSearchOptions{
		Settings: map[string]any{"http.max_content_length": "1kb", "indexing_pressure.memory.limit": "100b"},
	}}).OpenSearch
	t.Run("a body over the limit is 413", func(t *testing.T) {
		if status, _ := call(t, "PUT", node.URL+"/i/_doc/1", document(2000)); status != http.StatusRequestEntityTooLarge {
			t.Errorf("status %d", status)
		}
	})
	t.Run("a document over the indexing pressure is 429", func(t *testing.T) {
		status, reply := call(t, "PUT", node.URL+"/i/_doc/1", document(500))
		if status != http.StatusTooManyRequests || !strings.Contains(reply, "rejected_execution_exception") {
			t.Errorf("%d %s", status, reply)
		}
	})
	t.Run("a slow search is in the slow log", func(t *testing.T) {
		call(t, "PUT", node.URL+"/slow", `{"settings":{"index.search.slowlog.threshold.query.warn":"0ms"}}`)
		call(t, "GET", node.URL+"/slow/_search", "")
		if log, err := os.ReadFile(node.SlowLog()); err != nil || !strings.Contains(string(log), "[slow]") {
			t.Errorf("%q: %v", log, err)
		}
	})
	t.Run("a second node on the same data is refused", func(t *testing.T) {
		home := part.Home{Data: filepath.Dir(filepath.Dir(node.Dir))}
		_, err := part.StartOpenSearch(t.Context(), home, part.OpenSearchOptions{})
		if want := fmt.Sprintf("process %d uses", node.Pid()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	})
}

func document(bytes int) string { return `{"s":"` + strings.Repeat("x", bytes) + `"}` }

func TestOpenSearchThatCannotStartSaysWhyAtOnce(t *testing.T) {
	home := part.Home{Data: t.TempDir()}
	_, err := part.StartOpenSearch(t.Context(), home, part.OpenSearchOptions{Settings: map[string]any{"no.such.setting": 1}})
	if err == nil || !strings.Contains(err.Error(), "unknown setting [no.such.setting]") {
		t.Fatalf("%v", err)
	}
}

func TestOpenSearchOfAnUnknownVersionIsRefused(t *testing.T) {
	_, err := part.Start(t.Context(), part.Options{
		Home:       part.Home{Data: t.TempDir()},
		OpenSearch: &part.OpenSearchOptions{Version: "1.0.0"},
	})
	if err == nil || !strings.Contains(err.Error(), "2.19.6 and 3.8.0") {
		t.Fatalf("%v does not name the versions that there are", err)
	}
}

func versionOf(t *testing.T, url string) string {
	t.Helper()
	var answer struct{ Version struct{ Number string } }
	_, reply := call(t, "GET", url, "")
	if err := json.Unmarshal([]byte(reply), &answer); err != nil {
		t.Fatalf("%v: %s", err, reply)
	}
	return answer.Version.Number
}

func call(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	return callAs(t, nil, method, url, body)
}

func callAs(t *testing.T, as *part.Login, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if as != nil {
		request.SetBasicAuth(as.Name, as.Password)
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	content, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply.StatusCode, string(content)
}
