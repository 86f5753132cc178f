package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// call is an event and what its function must answer. The order matters: what is
// searched must have been ingested.
type call struct {
	function, event string
	want            func(answer []byte) error
	letters         int // how many more there are in the dead-letter queue
}

var calls = []call{
	{"IngestQueueFunction", "ingest-sqs.json", allStored, 0},
	{"IngestQueueFunction", "ingest-sqs-fifo.json", allStored, 0},
	{"IngestQueueFunction", "ingest-sqs-mixed.json", allStored, 2},
	{"IngestQueueFunction", "ingest-sqs-sns.json", allStored, 0},
	{"IngestQueueFunction", "ingest-sqs-eventbridge.json", allStored, 0},
	{"IngestQueueFunction", "ingest-sqs-s3.json", allStored, 3}, // no collection claims the bucket
	{"IngestStreamFunction", "ingest-kinesis.json", allStored, 0},
	{"IngestStreamFunction", "ingest-kinesis-gzip.json", allStored, 0},
	{"IngestStreamFunction", "ingest-kinesis-cloudwatch.json", allStored, 0},
	{"IngestStreamFunction", "ingest-kinesis-aggregated.json", allStored, 0},
	{"IngestStreamFunction", "ingest-kinesis-dynamodb.json", allStored, 0}, // of StreamCollection, logs
	{"IngestTableFunction", "ingest-dynamodb.json", allStored, 3},          // no collection claims the table
	{"IngestKafkaFunction", "ingest-kafka.json", allStored, 0},
	{"IngestKafkaFunction", "ingest-kafka-self-managed.json", allStored, 0},
	{"IngestRabbitMQFunction", "ingest-rabbitmq.json", allStored, 0},
	{"ExportFunction", "search-sqs-export.json", judged, 0}, // there is no such export, and maybe no bucket
	{"RotateFunction", "rotate-dry-run.json", noError, 0},
	{"RotateFunction", "rotate-schedule.json", noError, 0},
	{"SearchFunction", "search-health.json", status(200), 0},
	{"SearchFunction", "search-page.json", status(200, "<html"), 0},
	{"SearchFunction", "search-document.json", status(200, "A-1001", "9007199254740993", "shipped"), 0},
	{"SearchFunction", "search-get.json", status(200, "label printer is out of paper"), 0},
	{"SearchFunction", "search-post-documents.json", status(202), 0},
}

// allStored wants an empty list, not null: null would mean the same to Lambda by accident.
func allStored(answer []byte) error {
	list, err := failures(answer)
	if len(list) > 0 {
		return fmt.Errorf("%d batch item failures: %s", len(list), answer)
	}
	return err
}

// judged wants a list, empty or not.
func judged(answer []byte) error {
	_, err := failures(answer)
	return err
}

func failures(answer []byte) ([]struct{ ItemIdentifier string }, error) {
	var a struct {
		BatchItemFailures *[]struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.BatchItemFailures == nil {
		return nil, fmt.Errorf("answered %q", answer)
	}
	return *a.BatchItemFailures, nil
}

func noError(answer []byte) error {
	var a struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(answer, &a); err != nil || a.ErrorType != "" || a.ErrorMessage != "" {
		return fmt.Errorf("answered %q", answer)
	}
	return nil
}

// status wants an HTTP answer with everything in its body.
func status(code int, everything ...string) func([]byte) error {
	return func(answer []byte) error {
		var a struct {
			StatusCode int
			Body       string
		}
		if err := json.Unmarshal(answer, &a); err != nil {
			return fmt.Errorf("answered %q", answer)
		}
		return wants(a.StatusCode, a.Body, code, everything)
	}
}

func wants(gotCode int, body string, code int, everything []string) error {
	if gotCode != code {
		return fmt.Errorf("status %d, want %d: %.500s", gotCode, code, body)
	}
	for _, part := range everything {
		if !strings.Contains(body, part) {
			return fmt.Errorf("no %q in %.500s", part, body)
		}
	}
	return nil
}
