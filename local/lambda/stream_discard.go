package lambda

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// discarded is what an on-failure destination gets.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
type discarded struct {
	RequestContext  requestContext   `json:"requestContext"`
	ResponseContext *responseContext `json:"responseContext"` // null: the function was never invoked
	Version         string           `json:"version"`
	Timestamp       string           `json:"timestamp"`
	Kinesis         *batchInfo       `json:"KinesisBatchInfo,omitempty"`
	Table           *batchInfo       `json:"DDBStreamBatchInfo,omitempty"`
}

type requestContext struct {
	RequestID   string `json:"requestId"`
	FunctionARN string `json:"functionArn"`
	Condition   string `json:"condition"`
	InvokeCount int    `json:"approximateInvokeCount"`
}

type responseContext struct {
	StatusCode      int    `json:"statusCode"`
	ExecutedVersion string `json:"executedVersion"`
	FunctionError   string `json:"functionError,omitempty"`
}

type batchInfo struct {
	ShardID      string `json:"shardId"`
	Start        string `json:"startSequenceNumber"`
	End          string `json:"endSequenceNumber"`
	FirstArrival string `json:"approximateArrivalOfFirstRecord"`
	LastArrival  string `json:"approximateArrivalOfLastRecord"`
	Size         int    `json:"batchSize"`
	StreamARN    string `json:"streamArn"`
}

// discard passes over batch and tells the destination.
func (r *reader) discard(ctx context.Context, batch []item, why string, invocations int, last Delivery) {
	first, end := batch[0], batch[len(batch)-1]
	defer r.Checkpoints.set(r.shard, end.sequence)
	r.Log.Warn("batch discarded", "shard", r.shard, "records", len(batch), "why", why)
	if r.OnFailure == nil {
		return
	}
	note := discarded{
		RequestContext: requestContext{RequestID: last.Result.RequestID, FunctionARN: r.OnFailure.FunctionARN, Condition: why, InvokeCount: invocations},
		Version:        "1.0", Timestamp: stamp(time.Now()),
	}
	r.source.note(&batchInfo{
		ShardID: r.shard, Start: first.sequence, End: end.sequence, Size: len(batch),
		FirstArrival: stamp(first.arrived), LastArrival: stamp(end.arrived), StreamARN: r.ARN,
	}, &note)
	if last.Result.RequestID != "" {
		note.ResponseContext = &responseContext{StatusCode: 200, ExecutedVersion: "$LATEST", FunctionError: last.Result.FunctionError}
	}
	long, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := r.OnFailure.Client.SendMessage(long, &sqs.SendMessageInput{QueueUrl: &r.OnFailure.URL, MessageBody: aws.String(string(encode(note)))})
	if err != nil {
		r.Log.Error("on-failure destination failed", "shard", r.shard, "error", err)
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
