package bulk

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const realReply = `{"took":3,"errors":true,"items":[
{"index":{"_index":"o-000001","_id":"1","_version":5,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":201}},
{"create":{"_index":"o-000001","_id":"1","status":409,"error":{"type":"version_conflict_engine_exception","reason":"[1]: version conflict, document already exists (current version [5])","index":"o-000001","shard":"0","index_uuid":"lz"}}},
{"delete":{"_index":"o-000001","_id":"zz","_version":1,"result":"not_found","status":404}},
{"index":{"_index":"o-000001","_id":"a\"b","status":400,"error":{"type":"mapper_parsing_exception","reason":"failed to parse","caused_by":{"type":"json_parse_exception","reason":"Duplicate field 'n'"}}}}]}`

func TestAnswersAreReadByPosition(t *testing.T) {
	got, err := readReply([]byte(realReply))
	if err != nil {
		t.Fatal(err)
	}
	want := []answer{
		{Op: "index", ID: "1", Status: 201},
		{Op: "create", ID: "1", Status: 409, Type: "version_conflict_engine_exception", Reason: "[1]: version conflict, document already exists (current version [5])"},
		{Op: "delete", ID: "zz", Status: 404},
		{Op: "index", ID: `a"b`, Status: 400, Type: "mapper_parsing_exception", Reason: "failed to parse: Duplicate field 'n'"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReplyThatIsNotWholeIsAnError(t *testing.T) {
	for i := 1; i < len(realReply); i++ {
		if _, err := readReply([]byte(realReply[:i])); err == nil {
			t.Fatalf("cut at %d of %d: no error", i, len(realReply))
		}
	}
	for _, text := range []string{"", "null", "[]", "{}", "<html>502</html>", `{"items":null}`, `{"items":{}}`, realReply + "{}",
		`{"items":[{"index":{"status":"200"}}]}`, `{"items":[{"index":{},"create":{}}]}`} {
		if _, err := readReply([]byte(text)); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

func TestLongReasonIsCutBetweenCharacters(t *testing.T) {
	got, _ := requestError(400, []byte(`{"error":{"type":"x","reason":"`+strings.Repeat("漢", 600)+`"}}`))
	if len(got.Reason) > maxReason || strings.ContainsRune(got.Reason, '�') {
		t.Errorf("%d bytes: %s", len(got.Reason), got.Reason)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(realReply))
	f.Add([]byte(`{"items":[{"create":{"error":"old style","status":503}}]}`))
	f.Fuzz(func(t *testing.T, reply []byte) {
		answers, err := readReply(reply)
		if err != nil && answers != nil {
			t.Error("an error with answers")
		}
		item := doc(0, "1", -1, "{}", daily)
		for _, a := range answers {
			if v := classify(&item, a); v.Outcome == Stored && (a.Status < 200 || a.Status > 299) {
				t.Errorf("%+v is stored", a)
			}
		}
		requestError(400, reply)
	})
}
