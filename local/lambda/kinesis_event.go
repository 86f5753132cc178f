package lambda

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// kinesisRecord is a record as Lambda hands it over.
// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
type kinesisRecord struct {
	Kinesis           kinesisData `json:"kinesis"`
	EventSource       string      `json:"eventSource"`
	EventVersion      string      `json:"eventVersion"`
	EventID           string      `json:"eventID"`
	EventName         string      `json:"eventName"`
	InvokeIdentityARN string      `json:"invokeIdentityArn"`
	AWSRegion         string      `json:"awsRegion"`
	EventSourceARN    string      `json:"eventSourceARN"`
}

type kinesisData struct {
	SchemaVersion  string      `json:"kinesisSchemaVersion"`
	PartitionKey   string      `json:"partitionKey"`
	SequenceNumber string      `json:"sequenceNumber"`
	Data           []byte      `json:"data"`
	Arrived        json.Number `json:"approximateArrivalTimestamp"` // seconds, three decimals
}

func encodeRecord(r types.Record, shard, arn string) []byte {
	data := r.Data
	if data == nil {
		data = []byte{} // "", not null
	}
	return encode(kinesisRecord{
		Kinesis: kinesisData{
			SchemaVersion: "1.0", PartitionKey: deref(r.PartitionKey), SequenceNumber: deref(r.SequenceNumber), Data: data,
			Arrived: json.Number(strconv.FormatFloat(float64(arrived(r).UnixMilli())/1000, 'f', 3, 64)),
		},
		EventSource: "aws:kinesis", EventVersion: "1.0", EventID: shard + ":" + deref(r.SequenceNumber), EventName: "aws:kinesis:record",
		InvokeIdentityARN: "arn:aws:iam::" + accountOf(arn) + ":role/local", AWSRegion: regionOf(arn), EventSourceARN: arn,
	})
}

func arrived(r types.Record) time.Time {
	if r.ApproximateArrivalTimestamp == nil {
		return time.Time{}
	}
	return *r.ApproximateArrivalTimestamp
}
