package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/client"
)

func TestStoredDocumentsAreReadWithTheirVersions(t *testing.T) {
	all, err := readDocuments([]byte(`{"docs":[{"_index":"orders-000001","_id":"1","_version":26714816,"_seq_no":0,"found":true,"_source":{"id":1,"big":"x"}},`+
		`{"_index":"orders-000001","_id":"2","found":false}]}`), 2)
	if err != nil || all[0].version != 26714816 || string(all[0].source) != `{"id":1,"big":"x"}` || all[1].version != change.NoVersion || all[1].source != nil {
		t.Errorf("%v %v", all, err)
	}
}

// What is not said to be there or not may be there: a row completed from it would lose a value.
func TestAnAnswerThatIsNotWholeCompletesNothing(t *testing.T) {
	for _, text := range []string{
		``, `{}`, `{"docs":[]}`, `{"docs":[{"_id":"1","found":false}]`, `{"docs":[{"_id":"1","found":false},{"_id":"2","found":false}]}`,
		`{"docs":[{"_index":"orders","_id":"1","error":{"type":"index_not_found_exception"}}]}`,
	} {
		if all, err := readDocuments([]byte(text), 1); err == nil {
			t.Errorf("%s: %v", text, all)
		}
	}
}

// Only OpenSearch itself can say that there is no index; a proxy's page says nothing.
func TestOnlyAMissingIndexMeansThatNothingIsStored(t *testing.T) {
	for answer, want := range map[string]bool{
		`{"error":{"type":"index_not_found_exception","reason":"no such index [orders]"},"status":404}`: true,
		`<html>no such site</html>`: false, `{"message":"Not Found"}`: false,
	} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, answer)
		}))
		c, err := client.New(client.Config{URL: web.URL, MaxAttempts: 1}, client.Deps{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		all, err := lookup{c}.Documents(t.Context(), "orders", []string{"1"})
		if (err == nil) != want || want && (len(all) != 1 || all[0].source != nil) {
			t.Errorf("%s: %v %v", answer, all, err)
		}
		web.Close()
	}
}
