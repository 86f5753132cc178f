package lambda

import (
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// sqsRecord is a message as Lambda hands it over.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
type sqsRecord struct {
	MessageID              string                  `json:"messageId"`
	ReceiptHandle          string                  `json:"receiptHandle"`
	Body                   string                  `json:"body"`
	Attributes             map[string]string       `json:"attributes"`
	MessageAttributes      map[string]sqsAttribute `json:"messageAttributes"`
	MD5OfMessageAttributes string                  `json:"md5OfMessageAttributes,omitempty"`
	MD5OfBody              string                  `json:"md5OfBody"`
	EventSource            string                  `json:"eventSource"`
	EventSourceARN         string                  `json:"eventSourceARN"`
	AWSRegion              string                  `json:"awsRegion"`
}

type sqsAttribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues [][]byte `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

func encodeMessage(m types.Message, arn string) []byte {
	record := sqsRecord{
		MessageID: deref(m.MessageId), ReceiptHandle: deref(m.ReceiptHandle), Body: deref(m.Body),
		Attributes: m.Attributes, MessageAttributes: make(map[string]sqsAttribute, len(m.MessageAttributes)),
		MD5OfMessageAttributes: deref(m.MD5OfMessageAttributes), MD5OfBody: deref(m.MD5OfBody),
		EventSource: "aws:sqs", EventSourceARN: arn, AWSRegion: regionOf(arn),
	}
	for name, a := range m.MessageAttributes {
		record.MessageAttributes[name] = sqsAttribute{
			StringValue: a.StringValue, BinaryValue: a.BinaryValue, DataType: deref(a.DataType),
			StringListValues: []string{}, BinaryListValues: [][]byte{},
		}
	}
	return encode(record)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
