package infra

import (
	"maps"
	"slices"
	"testing"
)

// Who may send to which queue, and nobody to another. The queue's function also sends back
// what is left of an object; it alone has redriven letters to park.
func TestEachRoleSendsToItsQueuesAlone(t *testing.T) {
	want := map[string][]string{
		"IngestQueueRole":    {"DeadLetterQueue", "IngestQueue", "ParkingQueue"},
		"IngestStreamRole":   {"DeadLetterQueue", "StreamFailureQueue"},
		"IngestTableRole":    {"DeadLetterQueue", "TableFailureQueue"},
		"IngestKafkaRole":    {"DeadLetterQueue", "KafkaFailureQueue"},
		"IngestRabbitMQRole": {"DeadLetterQueue"},
		"SearchRole":         {"ExportQueue", "IngestQueue"},
		"ExportRole":         {"ExportQueue"}, // to itself, for the next invocation
	}
	got := map[string][]string{}
	load(t).statements(func(id string, s object) {
		if s["Principal"] == nil && slices.Contains(list(s["Action"]), any("sqs:SendMessage")) {
			got[id] = append(got[id], queues(s["Resource"])...)
		}
	})
	for id := range want {
		slices.Sort(got[id])
		if !slices.Equal(got[id], want[id]) {
			t.Errorf("%s may send to %v, want %v", id, got[id], want[id])
		}
		delete(got, id)
	}
	if len(got) > 0 {
		t.Errorf("others may send: %v", slices.Collect(maps.Keys(got)))
	}
}

// queues are the resources that v names, but for AWS's own.
func queues(v any) (found []string) {
	for _, name := range references(v) {
		if name != "AWS::NoValue" {
			found = append(found, name)
		}
	}
	return found
}

// Lambda names what a mapping gave up on by the function's role.
func TestOnFailureDestinationsAreAllowed(t *testing.T) {
	tpl := load(t)
	seen := 0
	for _, tr := range tpl.triggers() {
		for _, q := range queues(at(tr.Properties, "DestinationConfig")) {
			seen++
			allowed := false
			tpl.statements(func(id string, s object) {
				if id == ref(tpl.functions()[tr.Function]["Role"]) && slices.Contains(list(s["Action"]), any("sqs:SendMessage")) {
					allowed = allowed || slices.Contains(queues(s["Resource"]), q)
				}
			})
			if !allowed {
				t.Errorf("%s of %s may not name what it gave up in %s", tr.Name, tr.Function, q)
			}
		}
	}
	if seen != 3 {
		t.Errorf("%d destinations, want those of stream, table and topic", seen)
	}
}

// The policy of a queue is refused when a statement names several resources.
func TestStatementsOfQueuePoliciesNameOneResourceEach(t *testing.T) {
	tpl := load(t)
	statements := 0
	tpl.statements(func(id string, s object) {
		if text(tpl.Resources[id], "Type") != "AWS::SQS::QueuePolicy" {
			return
		}
		statements++
		if _, several := s["Resource"].([]any); several {
			t.Errorf("%s: a statement on %v", id, s["Resource"])
		}
	})
	if statements < 4 {
		t.Errorf("%d statements", statements)
	}
}
