package redrive

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Invoke runs ingest as a preview: an event in, its answer out.
type Invoke func(ctx context.Context, event []byte) (answer []byte, err error)

// Preview is what a redrive would do now.
type Preview struct {
	Groups    []Group
	Documents map[string]int // of the records that would be stored, by what would become of them
	Rest
}

const (
	maxEvent   = 4 << 20 // of the 6 MiB that an invocation takes
	maxRecords = 500
)

// Preview gives every letter to ingest as a redrive to the queue of that ARN would, and
// gives the letters back.
func (m Move) Preview(ctx context.Context, arn string, invoke Invoke) (p Preview, err error) {
	found, waiting := groups{}, batch{}
	p.Documents = map[string]int{}
	p.Rest, err = m.From.each(ctx, func(some []Letter) ([]Letter, error) {
		for _, l := range some {
			group := found.add(l, false)
			record, err := m.record(l, arn)
			if err != nil {
				group.Unknown++
				group.because("", err.Error())
				continue
			}
			if waiting.size+len(record) > maxEvent || len(waiting.records) == maxRecords {
				if err := waiting.flush(ctx, invoke, p.Documents); err != nil {
					return nil, err
				}
			}
			waiting.add(aws.ToString(l.Message.MessageId), record, group)
		}
		return nil, nil
	})
	if err == nil {
		err = waiting.flush(ctx, invoke, p.Documents)
	}
	p.Groups = found.sorted()
	return p, err
}

// record is a letter as Lambda would hand it to ingest.
func (m Move) record(l Letter, arn string) ([]byte, error) {
	e, err := m.entry(l)
	if err != nil {
		return nil, err
	}
	type value struct {
		String *string `json:"stringValue,omitempty"`
		Binary []byte  `json:"binaryValue,omitempty"`
		Type   *string `json:"dataType"`
	}
	attributes := map[string]value{}
	for name, v := range e.MessageAttributes {
		attributes[name] = value{v.StringValue, v.BinaryValue, v.DataType}
	}
	return json.Marshal(map[string]any{
		"messageId": l.Message.MessageId, "body": e.MessageBody, "messageAttributes": attributes,
		"attributes": map[string]any{
			"SentTimestamp":  system(l.Message, types.MessageSystemAttributeNameSentTimestamp),
			"MessageGroupId": aws.ToString(e.MessageGroupId),
		},
		"eventSource": "aws:sqs", "eventSourceARN": arn,
	})
}

// batch is letters on their way into one event.
type batch struct {
	records []json.RawMessage
	groups  map[string]*Group // by message id
	size    int
}

func (b *batch) add(id string, record []byte, group *Group) {
	if b.groups == nil {
		b.groups = map[string]*Group{}
	}
	b.records, b.size = append(b.records, record), b.size+len(record)
	b.groups[id] = group
}

func (b *batch) flush(ctx context.Context, invoke Invoke, documents map[string]int) error {
	if len(b.records) == 0 {
		return nil
	}
	event, err := json.Marshal(map[string]any{"Records": b.records})
	if err != nil {
		return err
	}
	reply, err := invoke(ctx, event)
	if err != nil {
		return err
	}
	var answer struct {
		Preview *struct {
			Records []struct {
				ID, Outcome, Type, Cause string
			}
			Documents map[string]int
		}
	}
	if err := json.Unmarshal(reply, &answer); err != nil || answer.Preview == nil {
		return fmt.Errorf("ingest's answer is no preview: %.200s", reply)
	}
	for _, r := range answer.Preview.Records {
		group := b.groups[r.ID]
		switch {
		case group == nil:
		case r.Outcome == "stored":
			group.Stored++
		case r.Outcome == "refused":
			group.Refused++
			group.because(r.Type, r.Cause)
		default:
			group.Unknown++
			group.because(r.Type, r.Cause)
		}
	}
	for name, n := range answer.Preview.Documents {
		documents[name] += n
	}
	*b = batch{}
	return nil
}
