package lambda

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// tableRecord is a change as Lambda hands it over.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
type tableRecord struct {
	EventID        string        `json:"eventID"`
	EventName      string        `json:"eventName"`
	EventVersion   string        `json:"eventVersion"`
	EventSource    string        `json:"eventSource"`
	AWSRegion      string        `json:"awsRegion"`
	UserIdentity   *userIdentity `json:"userIdentity,omitempty"`
	Change         tableChange   `json:"dynamodb"`
	EventSourceARN string        `json:"eventSourceARN"`
}

type userIdentity struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
}

type tableChange struct {
	Created        int64          `json:"ApproximateCreationDateTime"` // seconds
	Keys           map[string]any `json:"Keys"`
	NewImage       map[string]any `json:"NewImage,omitempty"`
	OldImage       map[string]any `json:"OldImage,omitempty"`
	SequenceNumber string         `json:"SequenceNumber"`
	SizeBytes      int64          `json:"SizeBytes"`
	StreamViewType string         `json:"StreamViewType"`
}

func encodeChange(r types.Record, arn string) []byte {
	c := r.Dynamodb
	record := tableRecord{
		EventID: deref(r.EventID), EventName: string(r.EventName), EventVersion: "1.1", EventSource: "aws:dynamodb",
		AWSRegion: regionOf(arn), EventSourceARN: arn,
		Change: tableChange{
			Created: aws.ToTime(c.ApproximateCreationDateTime).Unix(), Keys: typed(c.Keys), NewImage: typed(c.NewImage), OldImage: typed(c.OldImage),
			SequenceNumber: deref(c.SequenceNumber), SizeBytes: aws.ToInt64(c.SizeBytes), StreamViewType: string(c.StreamViewType),
		},
	}
	if u := r.UserIdentity; u != nil {
		record.UserIdentity = &userIdentity{deref(u.Type), deref(u.PrincipalId)}
	}
	return encode(record)
}

// typed is an item with the letters of its types, as JSON has it.
func typed(item map[string]types.AttributeValue) map[string]any {
	out := make(map[string]any, len(item))
	for name, value := range item {
		out[name] = letter(value)
	}
	return out
}

func letter(value types.AttributeValue) map[string]any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": v.Value}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": v.Value}
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": v.Value}
	case *types.AttributeValueMemberBS:
		return map[string]any{"BS": v.Value}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": typed(v.Value)}
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, element := range v.Value {
			list[i] = letter(element)
		}
		return map[string]any{"L": list}
	}
	panic(fmt.Sprintf("attribute value of kind %T", value)) // DynamoDB has no other
}
