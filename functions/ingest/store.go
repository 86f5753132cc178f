package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dev/sluice/shared/fault"
)

// store keeps what is too large for a queue. Errors are fault kinds: NotFound if there
// is no such object, TooLarge if it is larger than limit, Forbidden, else Unavailable.
type store interface {
	Put(ctx context.Context, bucket, key string, body []byte) error
	Get(ctx context.Context, bucket, key string, limit int) ([]byte, error)
}

// s3Store is S3.
type s3Store struct{ client *s3.Client }

func newStore(cloud aws.Config, endpoint string) s3Store {
	return s3Store{s3.NewFromConfig(cloud, func(o *s3.Options) {
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
		o.UsePathStyle = o.BaseEndpoint != nil // a server of one's own has no name for each bucket
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})}
}

func (o s3Store) Put(ctx context.Context, bucket, key string, body []byte) error {
	_, err := o.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)})
	return objectFault("put", bucket, key, err)
}

func (o s3Store) Get(ctx context.Context, bucket, key string, limit int) ([]byte, error) {
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, objectFault("get", bucket, key, err)
	}
	defer out.Body.Close() //nolint:errcheck // read to its end, or given up
	body, err := io.ReadAll(io.LimitReader(out.Body, int64(limit)+1))
	if err != nil {
		return nil, objectFault("get", bucket, key, err)
	}
	if len(body) > limit {
		return nil, fault.New(fault.TooLarge, fmt.Sprintf("s3://%s/%s has more than %d bytes", bucket, key, limit))
	}
	return body, nil
}

func objectFault(operation, bucket, key string, err error) error {
	if err == nil {
		return nil
	}
	kind := fault.Unavailable
	if _, gone := errors.AsType[*types.NoSuchKey](err); gone {
		kind = fault.NotFound
	} else if reply, ok := errors.AsType[*awshttp.ResponseError](err); ok && reply.HTTPStatusCode() == http.StatusForbidden {
		kind = fault.Forbidden
	}
	return fault.Wrap(kind, operation+" s3://"+bucket+"/"+key, err)
}
