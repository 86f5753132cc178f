package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/collection"
)

const (
	bucketsPort  = 7070
	exportBucket = "exports" // nothing is told of its objects
)

// makeBuckets starts the S3 server, which tells the ingest queue of objects.
func (p *product) makeBuckets(ctx context.Context) error {
	hook, err := p.serveOn(ctx, 0, http.HandlerFunc(p.toldOfObjects))
	if err != nil {
		return err
	}
	if p.buckets, err = part.StartBuckets(ctx, p.home, part.BucketsOptions{Port: bucketsPort, Webhook: hook}); err != nil {
		return err
	}
	p.at.Buckets = p.buckets.URL
	_, err = p.at.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(exportBucket)})
	if _, there := errors.AsType[*s3types.BucketAlreadyOwnedByYou](err); there { // by a run before
		return nil
	}
	return err
}

// readBuckets needs no mapping of its own: the queue's is told of objects.
func (p *product) readBuckets(context.Context) error { return nil }

// toldOfObjects sends on what the server tells, for the collection that the bucket is
// named after, if there is one.
func (p *product) toldOfObjects(w http.ResponseWriter, r *http.Request) {
	told, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	body, bucket := asS3Writes(told)
	if bucket == exportBucket {
		return
	}
	in := &sqs.SendMessageInput{QueueUrl: &p.at.Queues.Ingest, MessageBody: aws.String(string(body))}
	if set, err := collection.LoadDir(collections); err == nil {
		if _, named := set.ByName(bucket); named {
			in.MessageAttributes = map[string]types.MessageAttributeValue{"collection": {DataType: aws.String("String"), StringValue: &bucket}}
		}
	}
	if _, err := p.at.sqs().SendMessage(r.Context(), in); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

// asS3Writes encodes the keys of a notification, which the server leaves as they are.
func asS3Writes(told []byte) (body []byte, bucket string) {
	var n map[string]any
	if json.Unmarshal(told, &n) != nil {
		return told, ""
	}
	if n["Event"] == "s3:TestEvent" {
		n["Service"] = "Amazon S3"
	}
	records, _ := n["Records"].([]any)
	for _, r := range records {
		record, _ := r.(map[string]any)
		s3, _ := record["s3"].(map[string]any)
		if b, ok := s3["bucket"].(map[string]any); ok {
			bucket, _ = b["name"].(string)
		}
		if o, ok := s3["object"].(map[string]any); ok {
			key, _ := o["key"].(string)
			o["key"] = url.QueryEscape(key)
		}
	}
	body, err := json.Marshal(n)
	if err != nil {
		return told, ""
	}
	return body, bucket
}
