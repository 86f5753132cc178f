package lambdatest

import (
	"encoding/json"
	"testing"
)

func TestEventsOfTheRepositoryAreFoundFromATestsFolder(t *testing.T) {
	var event struct {
		Records []struct{ EventSource string }
	}
	if err := json.Unmarshal(Load(t, "ingest-sqs.json"), &event); err != nil {
		t.Fatal(err)
	}
	if len(event.Records) == 0 || event.Records[0].EventSource != "aws:sqs" {
		t.Errorf("%+v", event)
	}
}
