package main

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
)

// tasksOf are the messages of a queue's event, nil for any other.
func tasksOf(payload []byte) []events.SQSMessage {
	if !bytes.HasPrefix(bytes.TrimLeft(payload, " \t\r\n"), []byte("{")) || !bytes.Contains(payload, []byte(`"aws:sqs"`)) {
		return nil
	}
	var e events.SQSEvent
	if json.Unmarshal(payload, &e) != nil || len(e.Records) == 0 || e.Records[0].EventSource != "aws:sqs" {
		return nil
	}
	return e.Records
}

// answer works on tasks, and reports those that are to come again.
func (w worker) answer(ctx context.Context, messages []events.SQSMessage) []byte {
	failed := []events.SQSBatchItemFailure{}
	for _, m := range messages {
		var t task
		err := json.Unmarshal([]byte(m.Body), &t)
		if err == nil && w.jobs != nil && exportID.MatchString(t.Export) {
			err = w.work(ctx, t)
		} else {
			w.log.ErrorContext(ctx, "the message is no task of an export, or EXPORT_BUCKET is not set", "message", m.MessageId)
			failed = append(failed, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			continue
		}
		if err != nil {
			w.log.ErrorContext(ctx, "export's task comes again", "export", t.Export, "error", err)
			failed = append(failed, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return jsonOf(events.SQSEventResponse{BatchItemFailures: failed})
}
