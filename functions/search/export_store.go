package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sluice-dev/sluice/shared/fault"
)

// jobStore keeps jobs and their parts. Errors are fault kinds: NotFound if there is no such
// object, Conflict if it is another by now, Forbidden, else Unavailable.
type jobStore interface {
	Load(ctx context.Context, key string) (*job, error)
	// Save replaces the version that was loaded; without one, there must be no such job.
	Save(ctx context.Context, j *job) error
	Put(ctx context.Context, key, contentType string, body []byte) error
	// Link lets whoever has it read the object for a while.
	Link(ctx context.Context, key string, lasts time.Duration) (string, error)
}

// errSuperseded is inside a Conflict of Save.
var errSuperseded = errors.New("another version is there")

// s3Jobs is S3.
type s3Jobs struct {
	client *s3.Client
	sign   *s3.PresignClient
	bucket string
}

func newS3Jobs(cloud aws.Config, endpoint, bucket string) s3Jobs {
	client := s3.NewFromConfig(cloud, func(o *s3.Options) {
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
		o.UsePathStyle = o.BaseEndpoint != nil // a server of one's own has no name for each bucket
	})
	return s3Jobs{client, s3.NewPresignClient(client), bucket}
}

// Load reads again where the connection is lost, or the object is replaced, in the middle,
// which its checksum tells.
func (o s3Jobs) Load(ctx context.Context, key string) (j *job, err error) {
	for n := 1; ; n++ {
		if j, err = o.load(ctx, key); fault.KindOf(err) != fault.Unavailable || n == 5 || !wait(ctx, 50*time.Millisecond) {
			return j, err
		}
	}
}

func (o s3Jobs) load(ctx context.Context, key string) (*job, error) {
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.bucket, Key: &key})
	if err != nil {
		return nil, o.fault("get", key, err)
	}
	defer out.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(out.Body)
	if err != nil {
		return nil, o.fault("get", key, err)
	}
	j := &job{version: aws.ToString(out.ETag)}
	if err := json.Unmarshal(text, j); err != nil {
		return nil, fmt.Errorf("s3://%s/%s: %w", o.bucket, key, err)
	}
	return j, nil
}

func (o s3Jobs) Save(ctx context.Context, j *job) error {
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	in := &s3.PutObjectInput{Bucket: &o.bucket, Key: aws.String(j.key()), Body: bytes.NewReader(text), ContentType: aws.String("application/json")}
	if in.IfMatch = &j.version; j.version == "" {
		in.IfMatch, in.IfNoneMatch = nil, aws.String("*")
	}
	out, err := o.client.PutObject(ctx, in)
	if err != nil {
		return o.won(ctx, j, text, o.fault("put", j.key(), err))
	}
	j.version = aws.ToString(out.ETag)
	return nil
}

// won says whether what stands in our way is ourselves, whose answer was lost.
func (o s3Jobs) won(ctx context.Context, j *job, text []byte, err error) error {
	if fault.KindOf(err) != fault.Conflict {
		return err
	}
	if there, lost := o.Load(ctx, j.key()); lost == nil {
		if same, _ := json.Marshal(there); bytes.Equal(same, text) {
			j.version = there.version
			return nil
		}
	}
	return err
}

func (o s3Jobs) Put(ctx context.Context, key, contentType string, body []byte) error {
	_, err := o.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &o.bucket, Key: &key, Body: bytes.NewReader(body), ContentType: &contentType})
	return o.fault("put", key, err)
}

func (o s3Jobs) Link(ctx context.Context, key string, lasts time.Duration) (string, error) {
	r, err := o.sign.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &o.bucket, Key: &key}, s3.WithPresignExpires(lasts))
	if err != nil {
		return "", o.fault("sign", key, err)
	}
	return r.URL, nil
}

func (o s3Jobs) fault(operation, key string, err error) error {
	if err == nil {
		return nil
	}
	cause := fmt.Errorf("%s s3://%s/%s: %w", operation, o.bucket, key, err)
	if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		switch answer.HTTPStatusCode() {
		case http.StatusNotFound:
			return fault.Wrap(fault.NotFound, "there is no such object", cause)
		case http.StatusPreconditionFailed, http.StatusConflict:
			return fault.Wrap(fault.Conflict, "somebody else has changed this export", errors.Join(errSuperseded, cause))
		case http.StatusForbidden:
			return fault.Wrap(fault.Forbidden, "the bucket of exports refuses this function", cause)
		}
	}
	return fault.Wrap(fault.Unavailable, "the bucket of exports cannot be reached", cause)
}
