package main

import (
	"fmt"
	"testing"
)

// Shards of all streams have the same names, and their numbers may meet.
func TestPositionsOfTwoStreamsAreTwo(t *testing.T) {
	positions := map[string]bool{}
	for _, stream := range []string{"orders", "audit"} {
		payload := fmt.Sprintf(`{"Records":[{"eventSource":"aws:kinesis","eventID":"shardId-000000000000:1","kinesis":{"sequenceNumber":"1","data":"e30="},
			"eventSourceARN":"arn:aws:kinesis:us-east-1:000000000000:stream/%s"}]}`, stream)
		e, err := scan([]byte(payload), &memory{})
		if err != nil || len(e.records) != 1 || e.records[0].item != "1" {
			t.Fatal(err, len(e.records))
		}
		positions[e.records[0].Position] = true
	}
	if len(positions) != 2 {
		t.Errorf("positions %v", positions)
	}
}
