package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Buckets of a range without an end reach a day ahead; the documents that lie behind that
// are found, and the completeness says that no bucket has them.
func TestBucketsThatDoNotReachToAllDocumentsAreNamed(t *testing.T) {
	s := searched{scene: newScene(t, strings.Replace(byDay, "fields:\n", "fields:\n  host: {type: keyword}\n  items: {type: nested}\n  items.at: {type: date}\n", 1))}
	now := time.Now().UTC()
	s.indexed(now, now.Add(time.Hour), now.AddDate(0, 0, 3), now.AddDate(0, 0, 9))
	s.fn = s.function("search", nil)
	from := now.AddDate(0, 0, -2).Format(time.RFC3339)
	long := fmt.Sprint(now.Unix()/86400/6, "d") // whose bucket of now began at most six days ago and lasts for years
	for body, want := range map[string]string{
		`{"time":{"from":"FROM"},"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","calendar_interval":"day"}}}}`:                                                                                                                                           "t 2",
		`{"time":{"from":"FROM"},"size":0,"aggs":{"h":{"terms":{"field":"host"},"aggs":{"t":{"date_histogram":{"field":"@timestamp","fixed_interval":"1h","min_doc_count":1}}}},"_ahead0":{"max":{"field":"@timestamp"}}}}`:                                            "h>t 2",
		`{"time":{"from":"FROM"},"q":"message:none","size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","calendar_interval":"day"}}}}`:                                                                                                                        "",
		`{"time":{"from":"FROM","to":"` + now.AddDate(0, 0, 20).Format("2006-01-02") + `"},"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","calendar_interval":"day"}}}}`:                                                                                 "",
		`{"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","calendar_interval":"month"}}}}`:                                                                                                                                                                "",
		`{"query":{"range":{"@timestamp":{"gte":"FROM"}}},"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","fixed_interval":"6h"}},"u":{"date_histogram":{"field":"@timestamp","calendar_interval":"week"}}}}`:                                             "t 2, u WEEKS",
		`{"time":{"from":"FROM"},"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","calendar_interval":"day","hard_bounds":{"min":"FROM","max":"` + now.AddDate(0, 0, 1).Format(time.RFC3339) + `"}}},"n":{"max":{"field":"@timestamp"}}}}`:                 "",
		`{"time":{"from":"FROM"},"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","fixed_interval":"LONG"}},"u":{"date_histogram":{"field":"@timestamp","fixed_interval":"LONG","time_zone":"Asia/Kolkata","offset":"+3h","keyed":true}}}}`:                "",
		`{"time":{"from":"FROM"},"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","fixed_interval":"LONG"}},"u":{"date_histogram":{"field":"@timestamp","fixed_interval":"2d","min_doc_count":5}}}}`:                                                       "u 2",
		`{"size":0,"aggs":{"n":{"nested":{"path":"items"},"aggs":{"t":{"date_histogram":{"field":"items.at","fixed_interval":"6h","hard_bounds":{"min":"FROM"}}},"u":{"date_histogram":{"field":"items.at","fixed_interval":"LONG","hard_bounds":{"min":"FROM"}}}}}}}`: "n>t 2",
		`{"time":{"from":"` + now.AddDate(0, 0, 5).Format(time.RFC3339) + `"},"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","calendar_interval":"day"}}}}`:                                                                                              "t 1",
		`{"time":{"from":"FROM","to":"` + now.AddDate(0, 0, 20).Format("2006-01-02") + `"},"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","fixed_interval":"1h","hard_bounds":{"min":"2020-01-01","max":"2020-01-02"}}}}}`:                               "",
	} {
		body = strings.ReplaceAll(body, "LONG", long)
		status, text := s.post(nil, strings.ReplaceAll(body, "FROM", from))
		var answer struct {
			Total        struct{ Value int }
			Aggregations map[string]json.RawMessage
			Completeness struct {
				Complete bool
				Clipped  []struct {
					Aggregation string
					Others      int `json:"other_documents"`
					Reason      string
				} `json:"clipped_buckets"`
			}
		}
		if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %s", body, status, text)
		}
		var named []string
		for _, one := range answer.Completeness.Clipped {
			named = append(named, fmt.Sprint(one.Aggregation, " ", one.Others))
			if !strings.Contains(one.Reason, "give time.to") {
				t.Error(one.Reason)
			}
		}
		if strings.Contains(want, "WEEKS") { // by the day of the week, a week tells one of them
			want = "t 2, u " + fmt.Sprint(answer.Total.Value-inBuckets(t, answer.Aggregations["u"]))
		}
		if got := strings.Join(named, ", "); got != want {
			t.Errorf("%s: %q is named, want %q: %s", body, got, want, text)
		}
		for name := range answer.Aggregations {
			if strings.HasPrefix(name, "__ahead") || name == "_ahead0" && !strings.Contains(body, name) {
				t.Errorf("%s: %s was not asked for", body, name)
			}
		}
		if strings.Contains(body, "message:none") != (answer.Total.Value == 0) {
			t.Errorf("%s: %d documents", body, answer.Total.Value)
		}
	}
}

func inBuckets(t *testing.T, histogram []byte) (documents int) {
	var of struct {
		Buckets []struct {
			Documents int `json:"doc_count"`
		}
	}
	if err := json.Unmarshal(histogram, &of); err != nil {
		t.Fatal(err)
	}
	for _, one := range of.Buckets {
		documents += one.Documents
	}
	return documents
}

// indexed puts a document of each time where ingest would, who takes none of the future.
func (s searched) indexed(times ...time.Time) {
	s.Helper()
	for i, at := range times {
		index := "/" + s.collection + "-" + at.Format("2006-01-02")
		mapping := `{"settings":{"number_of_shards":1,"number_of_replicas":0},"mappings":{"properties":{"@timestamp":{"type":"date"},"message":{"type":"text"},"host":{"type":"keyword"},"items":{"type":"nested","properties":{"at":{"type":"date"}}}}}}`
		if status, text := send(s, s.node, http.MethodPut, index, mapping); status != http.StatusOK && !strings.Contains(string(text), "already_exists") {
			s.Fatalf("%d %s", status, text)
		}
		document := fmt.Sprintf(`{"@timestamp":%[1]q,"message":"a","host":"h","items":[{"at":%[1]q}]}`, at.Format(time.RFC3339))
		if status, text := send(s, s.node, http.MethodPut, fmt.Sprintf("%s/_doc/%d?refresh=true", index, i), document); status != http.StatusCreated {
			s.Fatalf("%d %s", status, text)
		}
	}
}
